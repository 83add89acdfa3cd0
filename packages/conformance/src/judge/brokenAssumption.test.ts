import { describe, expect, test } from "vitest";
import type { AssumptionName } from "./assumptions.ts";
import { brokenAssumptions } from "./brokenAssumption.ts";
import { Checker } from "./check.ts";
import type { ReportedFinding } from "./report.ts";

const START = [
  'execve("/bin/a", ["a"], 0x7ffd00000000 /* 3 vars */) = 0',
  "mmap(0x20000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x20000000",
];

function last(line: string, assumptionsOff: readonly AssumptionName[] = []): ReportedFinding {
  const checker = new Checker({ kernel: "6.18", all: true, assumptionsOff });
  const log = checker.log("log");
  log.push([...START, line].map((text) => `7 ${text}\n`).join(""));
  log.end();
  const finding = checker.finish().findings.at(-1);
  if (finding === undefined) throw new Error("nothing was judged");
  return finding;
}

const SHORTAGES: readonly AssumptionName[] = [
  ...(["no-allocation-failure", "no-unshown-limits", "usual-limits"] as const),
];
const CUT = "madvise(0x20001000, 4096, MADV_DONTFORK)";
const AGAIN = "-1 EAGAIN (Resource temporarily unavailable)";
const NO_MEMORY = "-1 ENOMEM (Cannot allocate memory)";

// Zoo kernels with 2 GiB refuse mm/mremap_test its 2 GiB; the log does not tell how much there is.
describe("a mapping that not every machine has the memory for", () => {
  const map = (bytes: number, flags: string, result: string): string =>
    `mmap(NULL, ${bytes}, PROT_READ|PROT_WRITE, ${flags}|MAP_ANONYMOUS, -1, 0) = ${result}`;
  test.each(["MAP_SHARED", "MAP_PRIVATE"])("may be refused: %s", (flags) => {
    expect(last(map(2 ** 31, flags, NO_MEMORY)).verdict).toBe("undetermined");
    expect(last(map(2 ** 31, flags, "0x7f0000000000")).verdict).toBe("constrained");
    expect(last(map(2 ** 24, flags, NO_MEMORY)).verdict).toBe("deviation");
    expect(last(map(2 ** 31, `${flags}|MAP_NORESERVE`, NO_MEMORY)).verdict).toBe("deviation");
  });

  test("is not there when it was refused", () => {
    const again = `mmap(0x40000000, 2147483648, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = ${NO_MEMORY}`;
    expect(last(`${again}\n7 ${again}`).verdict).toBe("undetermined");
  });

  test("is open where the limits need not be the usual ones", () => {
    const line = map(2 ** 31, "MAP_PRIVATE", "0x7f0000000000");
    expect(last(line, ["usual-limits"]).verdict).toBe("undetermined");
  });
});

describe("a result that no rule gives, but a shortage would", () => {
  test.each([
    [`${CUT} = ${AGAIN}`, "no-allocation-failure or usual-limits"],
    [`munmap(0x20001000, 4096) = ${NO_MEMORY}`, "no-allocation-failure or usual-limits"],
    [`fork() = ${AGAIN}`, "no-unshown-limits or usual-limits"],
    [`pidfd_open(7, 0) = -1 ENFILE (Too many open files in system)`, "usual-limits"],
    [`mprotect(0x20000000, 4096, PROT_READ) = -1 EACCES (Permission denied)`, "no-unshown-limits"],
    [`getpid() = -1 ENOSYS (Function not implemented)`, "no-unshown-limits"],
  ])("%s is a deviation that says which assumption it breaks", (line, names) => {
    const { verdict, reason } = last(line);
    expect(verdict).toBe("deviation");
    expect(reason.id).toBe("judge/breaks-assumption");
    expect(reason.text).toContain(`it breaks an assumption: ${names}`);
  });

  test.each(["no-allocation-failure", "usual-limits"] as const)(
    "is undetermined where %s was dropped, and says what is lacking",
    (name) => {
      const { verdict, needs, allowed } = last(`${CUT} = ${AGAIN}`, [name]);
      expect([verdict, needs, allowed]).toEqual(["undetermined", [`assumption/${name}`], ["0"]]);
    },
  );

  test("is still a deviation where another assumption was dropped", () => {
    expect(last(`${CUT} = ${AGAIN}`, ["no-unshown-limits"]).verdict).toBe("deviation");
  });
});

describe("no shortage explains", () => {
  test.each([
    `${CUT} = -1 EINVAL (Invalid argument)`,
    `${CUT} = -1 EINTR (Interrupted system call)`,
    `madvise(0x20001000, 4096, MADV_COLD) = 1`,
    `getpid() = ${NO_MEMORY}`,
    `close(0) = ${AGAIN}`,
  ])("%s", (line) => {
    const { verdict, reason } = last(line, SHORTAGES);
    expect([verdict, reason.id]).not.toContain("judge/breaks-assumption");
    expect(verdict).toBe("deviation");
  });

  test("a success", () => {
    expect(brokenAssumptions("mmap", undefined)).toEqual([]);
  });
});

test("where Linux refuses for another reason, its rule is named too", () => {
  const { verdict, reason } = last("munmap(0x20000001, 4096) = -1 ENOMEM (Cannot allocate memory)");
  expect([verdict, reason.id]).toEqual(["deviation", "munmap/unaligned"]);
  expect(reason.text).toContain("it breaks an assumption: no-allocation-failure");
});

test("an error that a rule gives breaks nothing", () => {
  expect(last(`madvise(0x30000000, 4096, MADV_COLD) = ${NO_MEMORY}`).reason.id).not.toBe(
    "judge/breaks-assumption",
  );
});
