import { describe, expect, test } from "vitest";
import { parseValue } from "./expression.ts";
import { formatValue } from "./formatValue.ts";
import type { Value } from "./value.ts";

function read(text: string): Value {
  const value = parseValue(text);
  if ("error" in value) throw new Error(`column ${value.error.column}: ${value.error.expected}`);
  return value;
}

function problem(text: string): string {
  const value = parseValue(text);
  return "error" in value
    ? `column ${value.error.column}: ${value.error.expected}`
    : formatValue(value);
}

describe("an array", () => {
  test("has its items parted by commas", () => {
    expect(read('[88, NULL, "a"]')).toMatchObject({
      kind: "array",
      cut: false,
      negated: false,
      items: [{ value: 88 }, { text: "NULL" }, { kind: "string" }],
    });
    expect(read("[]")).toEqual({ kind: "array", items: [], cut: false, negated: false });
  });

  test("says when strace left items out", () => {
    expect(read("[0, 1, ...]")).toMatchObject({ cut: true, items: { length: 2 } });
    expect(read("[...]")).toMatchObject({ cut: true, items: [] });
    expect(read("[... /* 12 entries */]")).toMatchObject({ cut: true, comment: "12 entries" });
  });

  test("says where it could no longer be read", () => {
    const vector = read("[{iov_base=0x1000, iov_len=1}, ... /* 0x7f12a8dd000 */]");
    expect(vector).toMatchObject({ cut: true, comment: "0x7f12a8dd000", items: { length: 1 } });
  });

  test("can be an environment, which is only counted", () => {
    expect(read("[/* 25 vars */]")).toMatchObject({
      items: [{ kind: "comment", text: "25 vars" }],
    });
    expect(read("0x7ffd /* 25 vars */")).toMatchObject({ value: 0x7ffd, comment: "25 vars" });
  });

  test("can be a set, parted by spaces, and its complement", () => {
    expect(read("[HUP INT]")).toMatchObject({
      items: [{ text: "HUP" }, { text: "INT" }],
      spaced: true,
    });
    expect(read("~[RTMIN RT_1]")).toMatchObject({ negated: true, spaced: true });
    expect(read("~[]")).toMatchObject({ negated: true, items: [] });
    expect(read("~[32 /* RTMIN */ 33 /* RT_1 */]")).toMatchObject({
      items: [
        { value: 32, comment: "RTMIN" },
        { value: 33, comment: "RT_1" },
      ],
    });
    expect(read("[0 1 7]")).toMatchObject({ items: [{ value: 0 }, { value: 1 }, { value: 7 }] });
  });

  test("can name its places", () => {
    expect(read("[[KEY_A]=1, [0x5]={a=2}]")).toMatchObject({
      items: [
        { kind: "indexed", index: { text: "KEY_A" }, value: { value: 1 } },
        { kind: "indexed", index: { value: 5 }, value: { kind: "struct" } },
      ],
    });
  });

  test("can be changed by the call", () => {
    expect(read("[16 => 12]")).toMatchObject({ items: [{ kind: "change" }] });
    expect(read("[88] => [0]")).toMatchObject({ kind: "change", before: { kind: "array" } });
  });
});

describe("a struct", () => {
  test("has fields in their order", () => {
    expect(read("{iov_base=0x1000, iov_len=8192*1024}")).toMatchObject({
      kind: "struct",
      fields: [
        { name: "iov_base", value: { value: 0x1000 } },
        { name: "iov_len", value: { kind: "product" } },
      ],
      cut: false,
      bare: [],
    });
  });

  test("says when strace left fields out", () => {
    expect(read("{st_mode=S_IFREG|0644, st_size=0, ...}")).toMatchObject({
      cut: true,
      fields: { length: 2 },
    });
    expect(read("{...}")).toMatchObject({ cut: true, fields: [] });
  });

  test("can hold values without a name", () => {
    expect(read('{sin_port=htons(0), inet_pton(AF_INET6, "::", &sin6_addr)}')).toMatchObject({
      bare: [
        { kind: "call", name: "inet_pton", args: [{}, {}, { kind: "word", text: "&sin6_addr" }] },
      ],
    });
    expect(read("{B38400 opost isig ...}")).toMatchObject({ bare: { length: 3 }, cut: true });
  });

  test("can show the bytes that strace knows no field for", () => {
    const text = '{stack_size=0, /* bytes 88..199 */ "\\x00\\xef"...}';
    expect(read(text)).toMatchObject({
      bare: [
        { kind: "comment", text: "bytes 88..199" },
        { kind: "string", cut: true },
      ],
    });
    expect(formatValue(read(text))).toBe(text);
  });

  test("can have its meaning behind it", () => {
    const time = "{tv_sec=1795385453, tv_nsec=0} /* 2026-11-22T22:10:53+0000 */";
    expect(read(time)).toMatchObject({ comment: "2026-11-22T22:10:53+0000" });
  });

  test("can be a wait status in words", () => {
    expect(read("[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]")).toMatchObject({
      items: [{ bare: [{ kind: "condition", text: "WIFEXITED(s) && WEXITSTATUS(s) == 3" }] }],
    });
    expect(read("{WIFCONTINUED(s)}")).toMatchObject({ bare: [{ text: "WIFCONTINUED(s)" }] });
    expect(read("{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}")).toMatchObject({
      bare: [{ text: "WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80" }],
    });
  });
});

test("a name with a parenthesis behind it is a call", () => {
  expect(read("makedev(0x1, 0x3)")).toEqual({
    kind: "call",
    name: "makedev",
    args: [
      { kind: "number", value: 1, text: "0x1" },
      { kind: "number", value: 3, text: "0x3" },
    ],
  });
  expect(read("f()")).toEqual({ kind: "call", name: "f", args: [] });
  expect(read("_IOC(_IOC_NONE, 0x56, 0x78, 0x1234)")).toMatchObject({ args: { length: 4 } });
});

describe("what is missing is named, with its column", () => {
  test.each([
    ["[1, 2", 'column 6: "," or "]"'],
    ["[1; 2]", 'column 3: "," or "]"'],
    ["{a=1", 'column 5: "," or "}"'],
    ["{a=}", "column 4: a value"],
    ['{a=1 b="}', 'column 8: a closing "'],
    ["f(1", 'column 4: "," or ")"'],
    ["f(1]", 'column 4: "," or ")"'],
    ["[1, ", 'column 5: "]"'],
    ["{", 'column 2: "}"'],
    ["f(", 'column 3: ")"'],
    ["[,]", "column 2: a value"],
    ["{a==1}", 'column 3: "," or "}"'],
  ])("%s", (text, expected) => {
    expect(problem(text)).toBe(expected);
  });
});

test("brackets within brackets have a limit, so that nothing overflows", () => {
  const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  expect(problem(deep(50))).toBe(deep(50));
  expect(problem(deep(200_000))).toContain("fewer levels of brackets");
  expect(problem("~".repeat(200_000))).toContain("fewer levels");
  expect(problem("f(".repeat(200_000))).toContain("fewer levels");
});
