import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseValue } from "./expression.ts";
import { endOfNumber, numberIn } from "./number.ts";

const read = (text: string): number | bigint => numberIn(text, 0, text.length);

describe("a number is exact", () => {
  test.each([
    ["0", 0],
    ["4096", 4096],
    ["-1", -1],
    ["-0", 0],
    ["0x0", 0],
    ["0x7f00deadb000", 0x7f00deadb000],
    ["0xFf", 255],
    ["0644", 0o644],
    ["00", 0],
    ["-1000000", -1_000_000],
    ["9007199254740991", 2 ** 53 - 1],
    ["0x1fffffffffffff", 2 ** 53 - 1],
    ["00000000000000000000000000017", 0o17],
    ["0x0000006b036b81", 0x6b036b81],
  ])("%s", (text, value) => {
    expect(read(text)).toBe(value);
  });

  test.each([
    ["9007199254740992", 2n ** 53n],
    ["18446744073709551615", 2n ** 64n - 1n],
    ["0xfffffffffffff000", 2n ** 64n - 4096n],
    ["-9223372036854775808", -(2n ** 63n)],
    ["0x20000000000000", 2n ** 53n],
    ["01777777777777777777777", 2n ** 64n - 1n],
  ])("%s does not fit a double and is a bigint", (text, value) => {
    expect(read(text)).toBe(value);
  });

  test("whatever its size and base", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        for (const text of [`${value}`, `0x${value.toString(16)}`, `0${value.toString(8)}`]) {
          const number = read(text);
          expect(BigInt(number)).toBe(value);
          expect(typeof number).toBe(value < 2n ** 53n ? "number" : "bigint");
        }
      }),
    );
  });
});

describe("a number ends", () => {
  test.each([
    ["4096)", 4],
    ["0x1f|A", 4],
    ["-1,", 2],
    ["0x", 1],
    ["0xg", 1],
    ["-", 0],
    ["a1", 0],
    ["", 0],
    ["12ab", 2],
  ])("%s at %i", (text, end) => {
    expect(endOfNumber(text, 0, text.length)).toBe(end);
  });

  test("at the limit that was given, though digits follow", () => {
    expect(endOfNumber("123456", 1, 3)).toBe(3);
    expect(numberIn("123456", 1, 3)).toBe(23);
    expect(endOfNumber("0x12", 0, 2)).toBe(1);
  });
});

test("a value keeps how its number was written", () => {
  expect(parseValue("0x10")).toEqual({ kind: "number", value: 16, text: "0x10" });
  expect(parseValue("020")).toEqual({ kind: "number", value: 16, text: "020" });
  expect(parseValue(" 16 ")).toEqual({ kind: "number", value: 16, text: "16" });
});

test("what only begins like a number is a word", () => {
  const words = [
    "2023/11/14-22:13:20.5+0000",
    "02:42:ac:11:00:02",
    "127.0.0.1",
    "0x7f..",
    "11error",
  ];
  for (const text of words) expect(parseValue(text)).toEqual({ kind: "word", text });
});
