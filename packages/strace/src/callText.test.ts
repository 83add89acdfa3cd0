import { describe, expect, test } from "vitest";
import { parseCallText } from "./callText.ts";

describe("one call is read without the columns of a log", () => {
  test("with its result", () => {
    expect(parseCallText("close(3) = 0")).toStrictEqual({
      name: "close",
      args: [{ value: { kind: "number", value: 3, text: "3" }, text: "3" }],
      result: { value: 0, unknown: false, injected: false, delayed: false },
    });
  });

  test("without one", () => {
    expect(parseCallText("getpid()")).toStrictEqual({ name: "getpid", args: [] });
    expect(parseCallText("  getpid() ")).toStrictEqual({ name: "getpid", args: [] });
  });

  test("with what only scenarios have", () => {
    expect(parseCallText("madvise($heap + 4096, 8*4096, MADV_COLD) = ?")).toMatchObject({
      name: "madvise",
      args: [
        { value: { kind: "sum" } },
        { value: { kind: "product" } },
        { value: { kind: "word" } },
      ],
      result: { unknown: true },
    });
    expect(parseCallText("raw(440, $fd, $vector, 1, 20, 0) = -1 EPERM")).toMatchObject({
      name: "raw",
      args: { length: 6 },
      result: { value: -1, error: "EPERM" },
    });
    expect(parseCallText("touch($heap)")).toMatchObject({ name: "touch" });
  });

  test("with strings that hold parentheses and equals signs", () => {
    expect(parseCallText('write(1, "f() = 3", 7) = 7')).toMatchObject({
      args: [{}, { value: { text: "f() = 3" } }, {}],
      result: { value: 7 },
    });
  });
});

describe("what is wrong is named, with its column in the text", () => {
  test.each([
    ["", 1, "the name of a call"],
    ["  ", 3, "the name of a call"],
    ["3(4)", 1, "the name of a call"],
    ["(4)", 1, "the name of a call"],
    ["close", 6, '"("'],
    ["close 3", 6, '"("'],
    ["close(3", 8, '")"'],
    ["close(3 <unfinished ...>", 8, '")"'],
    ["close(, 3)", 7, "a value"],
    ["mmap(NULL, 40 96, 3) = 0", 15, '"," or ")"'],
    ["mmap(NULL, {a=1) = 0", 16, '"," or "}"'],
    ['write(1, "abc) = 3', 10, 'a closing "'],
    ["close(3) 0", 10, '"=" and a result'],
    ["close(3) = ", 12, "a value"],
    ["close(3) = 0 = 0", 14, "the end of the line"],
    ["  close(3) = 0 x", 16, "the end of the line"],
  ])("%j", (text, column, expected) => {
    expect(parseCallText(text)).toEqual({ error: { column, expected } });
  });
});
