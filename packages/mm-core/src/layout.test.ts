import { describe, expect, test } from "vitest";
import { layoutOf } from "./layout.ts";

const STACK = 8 * 1024 * 1024;
const hex = (page: number, pageShift: number): string =>
  `0x${(BigInt(page) << BigInt(pageShift)).toString(16)}`;

describe("the user half ends", () => {
  test.each([
    ["x86-64: a page before 2^47", 47, 12, "0x7ffffffff000"],
    ["x86-64 with five levels: a page before 2^56", 56, 12, "0xfffffffffff000"],
    ["arm64, 4 KiB: at 2^48", 48, 12, "0x1000000000000"],
    ["arm64, 16 KiB: at 2^48", 48, 14, "0x1000000000000"],
    ["arm64, 64 KiB: at 2^48", 48, 16, "0x1000000000000"],
  ])("on %s", (_what, userBits, pageShift, expected) => {
    expect(hex(layoutOf(userBits, pageShift, STACK).limit, pageShift)).toBe(expected);
  });
});

describe("without a hint, memory is placed below", () => {
  const gap = 0x800_0000;
  test.each([
    ["x86-64's 47 bits", 47, 12, 0x7fff_ffff_f000 - gap],
    ["the same where there are more", 56, 12, 0x7fff_ffff_f000 - gap],
    ["arm64's 48 bits", 48, 12, 2 ** 48 - gap],
    ["arm64's 48 bits with 64 KiB pages", 48, 16, 2 ** 48 - gap],
  ])("%s, less the stack's 128 MiB", (_what, userBits, pageShift, expected) => {
    expect(layoutOf(userBits, pageShift, STACK).base * 2 ** pageShift).toBe(expected);
  });

  test.each([
    [47, 3],
    [48, 4],
  ])("upwards, of %i bits, from a part of it: 1/%i", (userBits, part) => {
    const { legacyBase, limit } = layoutOf(userBits, 12, STACK);
    expect(legacyBase).toBe(Math.ceil(limit / part));
  });
});
