import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseValue } from "./expression.ts";
import { isAllHex, quote, quoteHex, unescape } from "./stringLiteral.ts";
import { bytes } from "./testing/arbitrary.ts";

describe("the escapes of a string are undone", () => {
  test.each([
    ["plain", "plain"],
    ["", ""],
    ["a\\nb\\tc", "a\nb\tc"],
    ["\\a\\b\\e\\f\\r\\v", "\x07\b\x1b\f\r\v"],
    ['\\"\\\\', '"\\'],
    ["\\0", "\0"],
    ["\\0012", "\x012"],
    ["\\08", "\x008"],
    ["\\377\\303\\251", "\xff\xc3\xa9"],
    ["\\7777", "\xff7"],
    ["\\x7f\\x4d", "\x7fM"],
    ["\\x4", "\x04"],
    ["\\xg", "xg"],
    ["\\q", "q"],
    ["ends in \\", "ends in "],
  ])("%s", (written, text) => {
    expect(unescape(written)).toBe(text);
  });

  test("characters above 255 count as their UTF-8", () => {
    expect(unescape("é")).toBe("é");
    expect(unescape("€")).toBe("\xe2\x82\xac");
    expect(unescape("Ā")).toBe("\xc4\x80");
    expect(unescape("😀\\n")).toBe("\xf0\x9f\x98\x80\n");
  });
});

describe("bytes are quoted as strace does", () => {
  test.each([
    ["a\0b\x012\xff\t", '"a\\0b\\0012\\377\\t"'],
    ["\0" + "8", '"\\08"'],
    ["\x1b[0m", '"\\33[0m"'],
    ['say "\\"', '"say \\"\\\\\\""'],
    ["\x7f~", '"\\177~"'],
  ])("%j", (text, written) => {
    expect(quote(text)).toBe(written);
  });

  test("in hexadecimal, where they were read so", () => {
    expect(quoteHex("\x34\x0b")).toBe('"\\x34\\x0b"');
    expect(isAllHex("\\x34\\x0b")).toBe(true);
    for (const written of ["", "\\x3", "\\x34a", "a\\x34", "ab\\x"])
      expect(isAllHex(written)).toBe(false);
  });

  test("and what was quoted is read back, whatever the bytes", () => {
    fc.assert(
      fc.property(bytes, (text) => {
        expect(unescape(quote(text).slice(1, -1))).toBe(text);
        expect(unescape(quoteHex(text).slice(1, -1))).toBe(text);
      }),
    );
  });

  test("a wide character is written as the bytes it counts as", () => {
    expect(quote("€")).toBe('"\\342\\202\\254"');
    expect(quote("😀!")).toBe('"\\360\\237\\230\\200!"');
    expect(unescape(quote("Ā").slice(1, -1))).toBe("\xc4\x80");
  });
});

describe("a string value", () => {
  test("knows whether strace cut it", () => {
    expect(parseValue('"MemTotal: "...')).toEqual({
      kind: "string",
      text: "MemTotal: ",
      cut: true,
    });
    expect(parseValue('"..."')).toEqual({ kind: "string", text: "...", cut: false });
  });

  test("can be the abstract name of a socket", () => {
    expect(parseValue('@"abstract\\0"')).toEqual({
      kind: "string",
      text: "abstract\0",
      cut: false,
      isAbstract: true,
    });
  });

  test("can hold whatever ends other things", () => {
    expect(parseValue('")]}, \\" */ <"')).toMatchObject({ text: ')]}, " */ <' });
  });

  test("can have a meaning in a comment, as ports have with -X verbose", () => {
    expect(parseValue('"\\x00\\x35" /* htons(53) */')).toEqual({
      kind: "string",
      text: "\x005",
      cut: false,
      isHex: true,
      comment: "htons(53)",
    });
  });
});
