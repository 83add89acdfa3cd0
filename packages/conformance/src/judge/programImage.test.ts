import { describe, expect, test } from "vitest";
import type { AssumptionName } from "./assumptions.ts";
import { log, verdicts } from "./testing/judgeText.ts";

/** A program that is not position-independent: its image lies at 0x400000. */
const START = ["1 brk(NULL) = 0x2c611000"];
const said = (lines: readonly string[], assumptionsOff: readonly AssumptionName[] = []): string =>
  verdicts(log(...START, ...lines), { kernel: "6.18.44", assumptionsOff })
    .at(-1)!
    .replace(/^\d+ /, "");
const ENOMEM = "-1 ENOMEM (Cannot allocate memory)";

describe("what a program seals of its own image", () => {
  const seal = (at: string, result = "0"): string => `1 mseal(${at}, 0x1000, 0) = ${result}`;

  test("is mapped there", () => {
    expect(said([seal("0x400000")])).toBe("mseal exact");
  });

  test("is not, where the log says so", () => {
    expect(said([seal("0x400000", ENOMEM)])).toBe("mseal undetermined");
  });

  test("may be anything above its heap, or where that is not assumed", () => {
    expect(said([seal("0x40000000")])).toBe("mseal undetermined");
    expect(said([seal("0x400000")], ["program-image"])).toBe("mseal undetermined");
  });

  test("is sealed from then on", () => {
    const protect = "1 mprotect(0x400000, 4096, PROT_READ) = -1 EPERM (Operation not permitted)";
    expect(said([seal("0x400000"), protect])).toBe("mprotect exact");
  });
});

describe("room that a program asks for below its heap", () => {
  const FLAGS = "MAP_SHARED|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE";
  const map = (result = "0x2810000"): string =>
    `1 mmap(0x2810000, 4096, PROT_READ, ${FLAGS}, -1, 0) = ${result}`;
  const EEXIST = "-1 EEXIST (File exists)";

  test("is not where its image lies", () => {
    expect(said([map()])).toBe("mmap exact");
  });

  test("is, where the log says so", () => {
    expect(said([map(EEXIST)])).toBe("mmap undetermined");
  });

  test("may be anywhere above its heap, or where that is not assumed", () => {
    const above = map("0x40000000").replace("0x2810000", "0x40000000");
    expect(said([above])).toBe("mmap undetermined");
    expect(said([map()], ["program-image"])).toBe("mmap undetermined");
  });

  test("is taken from then on", () => {
    expect(said([map(), map(EEXIST)])).toBe("mmap exact");
    expect(said([map(), map()])).toBe("mmap deviation");
  });
});
