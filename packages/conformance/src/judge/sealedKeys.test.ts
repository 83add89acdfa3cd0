import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const AT = "0x7fb94b818000, 16384";
const DENIED = "-1 EPERM (Operation not permitted)";

function said(key: number, ...results: readonly string[]): readonly string[] {
  const lines = [
    `1 mmap(NULL, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fb94b818000`,
    ...["1 pkey_alloc(0, 0) = 1", `1 pkey_mprotect(${AT}, PROT_READ|PROT_WRITE, ${key}) = 0`],
    "1 syscall_0x1ce(0x7fb94b818000, 0x4000, 0, 0x1000, 0x1000, 0x4000) = 0",
    ...results.map((result) => `1 madvise(${AT}, MADV_DONTNEED) = ${result}`),
    `1 munmap(${AT}) = ${DENIED}`,
  ];
  return verdicts(log(...lines), { kernel: "6.18.44" })
    .slice(-results.length - 1)
    .map((verdict) => verdict.replace(/^\d+ \w+ /, ""));
}

// 6.18: the rights for a key are in a register, which mm/mseal_test writes without a call.
test("what a sealed area's key allows may change from call to call", () => {
  expect(said(1, "0", DENIED)).toEqual(["undetermined", "undetermined", "exact"]);
});

test("without a key nothing but the seal's own rule counts", () => {
  expect(said(0, "0")).toEqual(["exact", "exact"]);
  expect(said(0, DENIED)[0]).toBe("deviation");
});
