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
