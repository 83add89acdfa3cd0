import { describe, expect, test } from "vitest";
import { endOfAnnotation } from "./annotation.ts";
import { parseValue } from "./expression.ts";
import { formatValue } from "./formatValue.ts";

describe("a descriptor says what it stands for", () => {
  test.each([
    ["3</tmp/x>", { value: 3, target: "/tmp/x" }],
    ["3<pid:123>", { value: 3, target: "pid:123" }],
    ["0</dev/null<char 1:3>>", { value: 0, target: "/dev/null<char 1:3>" }],
    ["3<anon_inode:[pidfd]>", { value: 3, target: "anon_inode:[pidfd]" }],
    [
      "8<TCP:[127.0.0.1:47931->127.0.0.1:58612]>",
      { target: "TCP:[127.0.0.1:47931->127.0.0.1:58612]" },
    ],
    ["8<TCPv6:[[::1]:80->[::1]:90]>", { target: "TCPv6:[[::1]:80->[::1]:90]" }],
    ['4<UNIX-STREAM:[1->2,"/run/a > b"]>', { target: 'UNIX-STREAM:[1->2,"/run/a > b"]' }],
    ["5</tmp/a\\76b>(deleted)", { value: 5, target: "/tmp/a\\76b", isDeleted: true }],
    ["6</tmp/dash->", { value: 6, target: "/tmp/dash-" }],
    ['4</tmp/say \\"hi\\">', { target: '/tmp/say \\"hi\\"' }],
    ['31097<na\\74me\\76\\") (x>', { value: 31_097, target: 'na\\74me\\76\\") (x' }],
    ["-1<x>", { value: -1 }],
  ])("%s", (text, expected) => {
    const value = parseValue(text);
    expect(value).toMatchObject({ kind: "fd", ...expected });
    if (!("error" in value)) expect(formatValue(value)).toBe(text);
  });

  test("the current directory is a descriptor with a word, or with a comment", () => {
    expect(parseValue("AT_FDCWD</home>")).toEqual({
      kind: "fd",
      value: -100,
      word: "AT_FDCWD",
      target: "/home",
    });
    const verbose = parseValue("-100 /* AT_FDCWD */</home>");
    expect(verbose).toEqual({ kind: "fd", value: -100, target: "/home", comment: "AT_FDCWD" });
    if (!("error" in verbose)) expect(formatValue(verbose)).toBe("-100 /* AT_FDCWD */</home>");
    expect(parseValue("AT_FDCWD")).toEqual({ kind: "word", text: "AT_FDCWD" });
  });

  test("a pid of another namespace has its number in strace's behind it", () => {
    expect(parseValue("2<sh> /* 123 in strace's PID NS */")).toMatchObject({
      value: 2,
      target: "sh",
      comment: "123 in strace's PID NS",
    });
  });

  test("other words keep their annotation as text", () => {
    expect(parseValue("P_PID<12>")).toEqual({ kind: "word", text: "P_PID<12>" });
  });

  test("a shift is no annotation", () => {
    expect(parseValue("1<<4")).toMatchObject({ kind: "shift" });
    expect(parseValue("3</x><<4")).toMatchObject({ kind: "shift", left: { kind: "fd" } });
  });

  test("an annotation that does not end is named", () => {
    expect(parseValue("3</tmp/x")).toEqual({ error: { column: 2, expected: 'a closing ">"' } });
    expect(parseValue('3<UNIX:["x>')).toEqual({ error: { column: 2, expected: 'a closing ">"' } });
  });
});

test("an annotation is found within the line it is in", () => {
  expect(endOfAnnotation("<a> <b>", 0, 7)).toBe(2);
  expect(endOfAnnotation("<a> <b>", 4, 7)).toBe(6);
  expect(endOfAnnotation("<ab>", 0, 3)).toBe(-1);
  expect(endOfAnnotation("<a\\>b>", 0, 6)).toBe(5);
});
