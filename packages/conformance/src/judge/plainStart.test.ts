import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";
import { judgeText, log, verdicts } from "./testing/judgeText.ts";

const MAP =
  "1 mmap(0x500000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x500000000";
const FORK = "1 clone(child_stack=NULL, flags=SIGCHLD) = 2";
const OPEN = "1 pidfd_open(2, 0) = 3";
const cold = (result: string): string =>
  `1 process_madvise(3, [{iov_base=0x500000000, iov_len=16384}], 1, MADV_COLD, 0) = ${result}`;
const DENIED = "-1 EACCES (Permission denied)";
const NOT_NICE = "-1 EPERM (Operation not permitted)";

describe("where a program advises the child that it forked", () => {
  test("only CAP_SYS_NICE is open, and that it is there the first success tells", () => {
    const report = judgeText(log(MAP, FORK, OPEN, cold("16384"), cold("16384"), cold(NOT_NICE)));
    const [first, second, third] = report.findings.slice(-3);
    expect(first).toMatchObject({
      verdict: "undetermined",
      needs: ["credentials/effective/CAP_SYS_NICE"],
    });
    expect([second?.verdict, third?.verdict]).toEqual(["exact", "deviation"]);
  });

  test("access is refused by a security module alone, of which the log tells nothing else", () => {
    const denied = judgeText(log(MAP, FORK, OPEN, cold(DENIED))).findings.at(-1);
    expect(denied).toMatchObject({
      verdict: "undetermined",
      needs: ["assumption/no-unshown-limits"],
      reason: { text: expect.stringContaining("no-unshown-limits") as string },
    });
    const own = [MAP, "1 getpid() = 1", "1 pidfd_open(1, 0) = 3", cold(DENIED)];
    expect(verdicts(log(...own)).at(-1)).toBe("5 process_madvise deviation");
    const gone = [MAP, FORK, OPEN, "2 +++ exited with 0 +++", "1 wait4(2, NULL, 0, NULL) = 2"];
    expect(verdicts(log(...gone, cold(DENIED))).at(-1)).toBe("7 process_madvise deviation");
  });

  test("a descriptor of it is refused by a security module alone", () => {
    const get = (error: string): string | undefined =>
      verdicts(log(MAP, FORK, OPEN, `1 pidfd_getfd(3, 0, 0) = -1 ${error}`)).at(-1);
    expect(get("EPERM (Operation not permitted)")).toBe("5 pidfd_getfd undetermined");
    expect(get("EACCES (Permission denied)")).toBe("5 pidfd_getfd deviation");
  });

  test("what it may do is open where that is not assumed", () => {
    const checker = new Checker({
      kernel: "6.12.107",
      all: true,
      assumptionsOff: ["plain-start"],
    });
    const reader = checker.log("log");
    reader.push(log(MAP, FORK, OPEN, cold(DENIED)));
    reader.end();
    const { undeterminedNeeds, deviations } = checker.finish();
    expect(undeterminedNeeds).toHaveProperty("exec/dumpable");
    expect(deviations).toBe(0);
  });
});
