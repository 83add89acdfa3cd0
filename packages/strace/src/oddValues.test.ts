import { expect, test } from "vitest";
import { parseValue } from "./expression.ts";

test("an unknown number has its kind in a comment", () => {
  expect(parseValue("0x66 /* MADV_??? */")).toEqual({
    kind: "number",
    value: 0x66,
    text: "0x66",
    comment: "MADV_???",
  });
  expect(parseValue("0x8 /* MAP_??? */|MAP_ANONYMOUS")).toMatchObject({
    kind: "flags",
    parts: [{ value: 8, comment: "MAP_???" }, { text: "MAP_ANONYMOUS" }],
  });
});

test("a number inside of its own comment is that number", () => {
  const number = { kind: "number", value: 0x66, text: "0x66", comment: "MADV_???" };
  expect(parseValue("/* 0x66 MADV_??? */")).toEqual(number);
  expect(parseValue("/* 12 vars */")).toEqual({ kind: "comment", text: "12 vars" });
  expect(parseValue("/* 12 odd vars_??? */")).toEqual({ kind: "comment", text: "12 odd vars_???" });
});

test("comments nest, as -X verbose prints them", () => {
  expect(parseValue("0x28 /* 0x8 /* MAP_??? */|MAP_ANONYMOUS */")).toMatchObject({
    value: 0x28,
    comment: "0x8 /* MAP_??? */|MAP_ANONYMOUS",
  });
  expect(parseValue("1 /* a /* b */")).toMatchObject({ value: 1, comment: "a /* b" });
});

test("a comment that does not end is no comment", () => {
  expect(parseValue("1 /* a")).toEqual({ error: { column: 3, expected: "the end of the value" } });
  expect(parseValue("/* a")).toEqual({ error: { column: 1, expected: "a value" } });
  expect(parseValue("/*/")).toEqual({ error: { column: 1, expected: "a value" } });
});

test("a number that two names share has both", () => {
  expect(parseValue("SNDCTL_TMR_CONTINUE or TCSETSF")).toEqual({
    kind: "word",
    text: "SNDCTL_TMR_CONTINUE or TCSETSF",
  });
  expect(parseValue("A or B or C")).toMatchObject({ text: "A or B or C" });
  expect(parseValue("A or")).toMatchObject({ error: { column: 3 } });
});

test("words of other kinds are words", () => {
  for (const text of [
    "???",
    "-EPERM",
    "&sin6_addr",
    "IPPROTO_???",
    "nft:chain",
    "a.b/c",
    "%rax".slice(1),
  ]) {
    expect(parseValue(text)).toEqual({ kind: "word", text });
  }
});

test("a call that was under way when strace came says so in place of its arguments", () => {
  expect(parseValue("<... resuming interrupted read ...>")).toEqual({
    kind: "word",
    text: "<... resuming interrupted read ...>",
  });
  expect(parseValue("<x>")).toMatchObject({ error: { column: 1 } });
});

test("a scenario's names keep their dollar", () => {
  expect(parseValue("$heap")).toEqual({ kind: "name", text: "$heap" });
  expect(parseValue("$heap_2 /* the second */")).toEqual({
    kind: "name",
    text: "$heap_2",
    comment: "the second",
  });
});

test("what begins no value is refused where it stands", () => {
  for (const text of [";", "!", "#1", "é", "\0", "^", "'a'", "@a", "& ", "- 1", "="]) {
    expect(parseValue(text), text).toHaveProperty("error.expected");
  }
});
