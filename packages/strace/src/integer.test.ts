import { describe, expect, test } from "vitest";
import { parseValue } from "./expression.ts";
import { integerOf } from "./integer.ts";

const KNOWN: { readonly [word: string]: number | bigint } = {
  PROT_READ: 1,
  PROT_WRITE: 2,
  CAP_KILL: 5,
  MAP_HUGE_SHIFT: 26,
  $heap: 0x7f00dead1000,
  $top: 2n ** 63n,
};

function integer(text: string): number | bigint | undefined {
  const value = parseValue(text);
  if ("error" in value) throw new Error(value.error.expected);
  return integerOf(value, (word) => KNOWN[word]);
}

describe("a value stands for an integer", () => {
  test.each([
    ["4096", 4096],
    ["0x66 /* MADV_??? */", 0x66],
    ["NULL", 0],
    ["PROT_READ|PROT_WRITE|0x40", 0x43],
    ["8192*1024", 8_388_608],
    ["1<<CAP_KILL", 32],
    ["21<<MAP_HUGE_SHIFT", 21 * 2 ** 26],
    ["$heap + 2*4096 - 1", 0x7f00dead1000 + 8191],
    ["3</tmp/x>", 3],
    ["AT_FDCWD</tmp>", -100],
    ["~0", -1],
    ["~(PROT_READ|PROT_WRITE)", -4],
  ])("%s", (text, expected) => {
    expect(integer(text)).toBe(expected);
  });

  test.each([
    ["18446744073709551615", 2n ** 64n - 1n],
    ["1<<63", 2n ** 63n],
    ["$top + 1", 2n ** 63n + 1n],
    ["0xffffffff00000000|PROT_READ", 0xffff_ffff_0000_0001n],
  ])("%s, exactly, above 2^53", (text, expected) => {
    expect(integer(text)).toBe(expected);
  });
});

describe("or for none", () => {
  test.each([
    "PROT_NEW",
    "PROT_READ|PROT_NEW",
    "$unbound + 1",
    '"abc"',
    "[1]",
    "{a=1}",
    "makedev(1, 2)",
    "1 => 2",
    "PROT_NEW*2",
    "1<<65",
    "1<<-1",
    "~X",
    "/* 3 vars */",
  ])("%s", (text) => {
    expect(integer(text)).toBeUndefined();
  });

  test("without a lookup, words but NULL are nothing", () => {
    expect(integerOf({ kind: "word", text: "PROT_READ" })).toBeUndefined();
    expect(integerOf({ kind: "word", text: "NULL" })).toBe(0);
  });
});
