import { MADV } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { adviceOf, ARCHITECTURES, architectureOf, isAdvice, numberOf } from "./adviceOption.ts";

test("every name and every number of every architecture is read as what it is", () => {
  for (const architecture of ARCHITECTURES) {
    for (const name of Object.keys(MADV) as (keyof typeof MADV)[]) {
      expect(adviceOf(name, architecture)).toBe(name);
      expect(adviceOf(String(numberOf(name, architecture)), architecture)).toBe(name);
    }
  }
});

// Linux: arch/alpha/include/uapi/asm/mman.h, arch/parisc/include/uapi/asm/mman.h
test.each([
  ["alpha", "MADV_DONTNEED", 6],
  ["parisc", "MADV_MERGEABLE", 65],
  ["parisc", "MADV_DONTNEED", 4],
  ["arm64", "MADV_DONTNEED", 4],
] as const)("%s has %s as %i", (architecture, advice, number) => {
  expect(numberOf(advice, architecture)).toBe(number);
});

test.each(["26", "-1", "0xffffffff", "9999"])("%s is a number without a name", (word) => {
  expect(typeof adviceOf(word, "x86-64")).toBe("number");
});

test.each([
  ["cold", true],
  ["MADV_NONSENSE", true],
  ["20", true],
  ["6.12", false],
  ["seed", false],
  ["all", false],
  ["5.10..6.1", false],
])("%s: names advice, not a release: %s", (word, expected) => {
  expect(isAdvice(word)).toBe(expected);
});

test.each([
  ["amd64", "x86-64"],
  ["AARCH64", "arm64"],
  ["i686", "i386"],
])("%s is %s", (word, architecture) => {
  expect(architectureOf(word)).toBe(architecture);
});
