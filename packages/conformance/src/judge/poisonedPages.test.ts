import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";
import { log, verdicts } from "./testing/judgeText.ts";

const MAP =
  "1 mmap(0x7f0000000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f0000000000";
const POISONED = "-1 EHWPOISON (Memory page has hardware error)";

const populate = (what: "READ" | "WRITE", result: string, length = 16384): string =>
  `1 madvise(0x7f0000000000, ${length}, MADV_POPULATE_${what}) = ${result}`;

/** What is said of the lines behind the execve and the mapping. */
function said(lines: readonly string[], kernel = "6.18.44"): readonly string[] {
  const all = verdicts(log(MAP, ...lines), { kernel });
  return all.slice(2).map((text) => text.replace(/^\d+ \w+ /, ""));
}

describe("a page that is poisoned", () => {
  // Linux 6.18.44: the second page of four after UFFDIO_POISON.
  test("refuses to be populated, until it is given up, and nobody is accused", () => {
    const lines = [
      populate("READ", POISONED),
      populate("WRITE", POISONED),
      populate("WRITE", "0", 4096),
      "1 madvise(0x7f0000001000, 4096, MADV_DONTNEED) = 0",
      populate("WRITE", "0"),
      populate("WRITE", POISONED),
    ];
    expect(said(lines)).toEqual([
      ...["undetermined", "undetermined", "exact", "exact", "exact", "undetermined"],
    ]);
  });

  test("refuses a vector that begins with it", () => {
    const vector =
      "1 process_madvise(3, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_POPULATE_READ, 0)";
    const before = ["1 getpid() = 1", "1 pidfd_open(1, 0) = 3"];
    expect(said([...before, `${vector} = 4096`]).at(-1)).toBe("exact");
    expect(said([...before, `${vector} = ${POISONED}`]).at(-1)).toBe("undetermined");
  });

  test("may lie before a hole", () => {
    expect(said([populate("READ", POISONED, 32768)])).toEqual(["undetermined"]);
  });

  test("cannot be ruled out where that is not assumed", () => {
    const checker = new Checker({
      kernel: "6.18.44",
      all: true,
      assumptionsOff: ["no-poisoned-pages"],
    });
    const reader = checker.log("log");
    reader.push(log(MAP, populate("WRITE", "0")));
    reader.end();
    const { findings, undeterminedNeeds } = checker.finish();
    expect(findings.at(-1)?.verdict).toBe("undetermined");
    expect(undeterminedNeeds).toHaveProperty("populate/poisoned");
  });
});

// Linux 6.18.44: the second page of four after UFFDIO_POISON.
describe("where the log shows that pages were poisoned", () => {
  const POISON = "1 ioctl(3, _IOC(_IOC_READ|_IOC_WRITE, 0xaa, 0x8, 0x20), 0x7ffd00000000) = 0";
  const before = ["1 getpid() = 1", "1 pidfd_open(1, 0) = 4"];
  const vector = (result: string): string =>
    `1 process_madvise(4, [{iov_base=0x7f0000000000, iov_len=4096}, {iov_base=0x7f0000001000, iov_len=4096}], 2, MADV_POPULATE_READ, 0) = ${result}`;
  const lock = "1 mlock(0x7f0000000000, 16384) = -1 ENOMEM (Cannot allocate memory)";

  test("a vector may end before one, and mlock may not bring it in", () => {
    expect(said([...before, POISON, vector("4096")]).at(-1)).toBe("undetermined");
    expect(said([POISON, lock]).at(-1)).toBe("undetermined");
    expect(said([populate("READ", POISONED), lock]).at(-1)).toBe("undetermined");
    expect(said([POISON.replace("= 0", "= -1 EINVAL (Invalid argument)"), lock]).at(-1)).toBe(
      "deviation",
    );
  });

  test("else they do not", () => {
    expect(said([...before, vector("4096")]).at(-1)).toBe("deviation");
    expect(said([lock]).at(-1)).toBe("deviation");
    expect(said([POISON, "1 mlock(0x7f0000000000, 16384) = 0"]).at(-1)).toBe("exact");
  });
});

describe("EHWPOISON is a deviation", () => {
  test.each([
    ["before 5.14, which knows no such advice", "5.10.223", populate("WRITE", POISONED)],
    ["of an empty range", "6.18.44", populate("WRITE", POISONED, 0)],
    ["of other advice", "6.18.44", `1 madvise(0x7f0000000000, 4096, MADV_COLD) = ${POISONED}`],
    [
      "where the range begins with a hole",
      "6.18.44",
      `1 madvise(0x7f0000004000, 4096, MADV_POPULATE_READ) = ${POISONED}`,
    ],
  ])("%s", (_, kernel, line) => {
    expect(said(["1 munmap(0x7f0000004000, 4096) = 0", line], kernel).at(-1)).toBe("deviation");
  });

  test("where no access is allowed", () => {
    const closed = "1 mprotect(0x7f0000000000, 16384, PROT_NONE) = 0";
    expect(said([closed, populate("READ", POISONED)]).at(-1)).toBe("deviation");
  });
});
