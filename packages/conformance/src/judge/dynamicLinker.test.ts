import { describe, expect, test } from "vitest";
import type { AssumptionName } from "./assumptions.ts";
import { log, verdicts } from "./testing/judgeText.ts";

const START = [
  "1 brk(NULL) = 0x555b7b0bf000",
  "1 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fc85ac9e000",
];
const said = (lines: readonly string[], assumptionsOff: readonly AssumptionName[] = []): string =>
  verdicts(log(...START, ...lines), { kernel: "6.18.44", assumptionsOff })
    .at(-1)!
    .replace(/^\d+ /, "");
const protect = (at: string, result = "0"): string =>
  `1 mprotect(${at}, 8192, PROT_READ) = ${result}`;
const ENOMEM = "-1 ENOMEM (Cannot allocate memory)";
/** Behind the first mapping; the linker's own data, which it makes read-only at last. */
const DATA = "0x7fc85acd9000";

describe("what lies above a program's first mapping", () => {
  test("is its dynamic linker, which is mapped", () => {
    expect(said([protect(DATA)])).toBe("mprotect exact");
    expect(said([protect("0x7fc85aca0000")])).toBe("mprotect exact");
  });

  test("is not, where the log says so", () => {
    expect(said([protect(DATA, ENOMEM)])).toBe("mprotect undetermined");
  });

  test("is what it was, also where more was mapped above and below", () => {
    const more = [
      "1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fc85ac9d000",
      "1 mmap(0x7fc8f0000000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7fc8f0000000",
    ];
    expect(said([...more, protect(DATA)])).toBe("mprotect exact");
  });

  test("may be anything more than a megabyte above", () => {
    expect(said([protect("0x7fc85ad9f000")])).toBe("mprotect undetermined");
    expect(said([protect("0x7fc85ad9e000")])).toBe("mprotect exact");
  });

  test("may be anything where that is not assumed", () => {
    expect(said([protect(DATA)], ["program-image"])).toBe("mprotect undetermined");
  });

  test("is nothing where the program itself took it away", () => {
    expect(said([`1 munmap(${DATA}, 8192) = 0`, protect(DATA, ENOMEM)])).toBe("mprotect exact");
    expect(said([`1 munmap(${DATA}, 8192) = 0`, protect(DATA)])).toBe("mprotect deviation");
  });
});
