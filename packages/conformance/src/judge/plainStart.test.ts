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

  test("access is not refused", () => {
    expect(verdicts(log(MAP, FORK, OPEN, cold(DENIED))).at(-1)).toBe("5 process_madvise deviation");
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
