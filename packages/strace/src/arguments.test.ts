import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstUnread, readArguments } from "./arguments.ts";

const texts = (text: string): string[] => readArguments(text).map((argument) => argument.text);

describe("arguments are parted by the commas between them", () => {
  test.each([
    ["", []],
    ["  ", []],
    ["NULL", ["NULL"]],
    ["NULL, 4096, PROT_READ|PROT_WRITE", ["NULL", "4096", "PROT_READ|PROT_WRITE"]],
    ["NULL,4096", ["NULL", "4096"]],
    ['3, "a, b", 4', ["3", '"a, b"', "4"]],
    ["[1, 2], {a=1, b=f(2, 3)}", ["[1, 2]", "{a=1, b=f(2, 3)}"]],
    ["3<TCP:[1->2, x]>, 0x1 /* a, b */", ["3<TCP:[1->2, x]>", "0x1 /* a, b */"]],
    [
      "{flags=CLONE_VM} => {parent_tid=[356]}, 88",
      ["{flags=CLONE_VM} => {parent_tid=[356]}", "88"],
    ],
    ["165, ", ["165"]],
  ])("%s", (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });
});

test("an argument can have a name", () => {
  expect(readArguments("child_stack=NULL, flags=A|B")).toMatchObject([
    { name: "child_stack", value: { text: "NULL" }, text: "child_stack=NULL" },
    { name: "flags", value: { kind: "flags" }, text: "flags=A|B" },
  ]);
  expect(readArguments("a => b")[0]).not.toHaveProperty("name");
});

describe("an argument that cannot be read spoils itself alone", () => {
  test("in the middle", () => {
    const args = readArguments("0x1000, 11 odd words, MADV_COLD");
    expect(args).toMatchObject([
      { value: { kind: "number" } },
      { value: { kind: "unread", text: "11 odd words", column: 12, expected: '"," or ")"' } },
      { value: { kind: "word", text: "MADV_COLD" } },
    ]);
    expect(firstUnread(args)).toMatchObject({ column: 12 });
  });

  test("with commas, strings and brackets inside", () => {
    expect(texts('!{a, "b, c", [d, e]}, 2')).toEqual(['!{a, "b, c", [d, e]}', "2"]);
    expect(texts("!<a, b>, !/* c, d */, !(e<<f, g), h")).toEqual([
      "!<a, b>",
      "!/* c, d */",
      "!(e<<f, g)",
      "h",
    ]);
  });

  test("where there is none between two commas", () => {
    expect(readArguments("1,,2")).toMatchObject([
      { text: "1" },
      { value: { kind: "unread", text: "", expected: "a value" } },
      { text: "2" },
    ]);
  });

  test("also after one that was too deep", () => {
    expect(
      readArguments(`${"[".repeat(300)}${"]".repeat(300)}, ${"[".repeat(80)}${"]".repeat(80)}`),
    ).toMatchObject([{ value: { kind: "unread" } }, { value: { kind: "array" } }]);
  });
});

test("dots in place of the last arguments are an argument, not a value", () => {
  expect(readArguments("3, ...")).toMatchObject([{}, { value: { kind: "word", text: "..." } }]);
  expect(readArguments("[(...)]")).toMatchObject([{ value: { kind: "unread" } }]);
});

test("all arguments that can be read leave nothing unread", () => {
  expect(firstUnread(readArguments("1, 2"))).toBeUndefined();
});

test("the mark of a thread that ended in the middle of a call is no argument", () => {
  expect(texts("CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=0},  <unfinished ...>")).toEqual([
    "CLOCK_REALTIME",
    "0",
    "{tv_sec=1, tv_nsec=0}",
  ]);
});

test("any text leads to arguments, and reading ends", () => {
  const piece = fc.constantFrom(
    ...',,"\\()[]{}<>=|*/ \n'.split(""),
    "a",
    "1",
    "...",
    "/*",
    "*/",
    "=>",
    "WIFEXITED(",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      for (const argument of readArguments(text)) expect(text).toContain(argument.text);
    }),
    { numRuns: 3_000 },
  );
});
