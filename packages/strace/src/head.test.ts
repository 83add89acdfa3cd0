import { describe, expect, test } from "vitest";
import { Head } from "./head.ts";

interface Columns {
  pid?: number;
  isBracketed?: true;
  time?: string;
  number?: number;
  rest: string;
}

function columns(line: string): Columns {
  const head = new Head();
  head.read(`before\n${line}\nafter`, 7, 7 + line.length);
  const text = `before\n${line}`;
  return {
    ...(head.pid >= 0 && { pid: head.pid }),
    ...(head.isBracketed && { isBracketed: true }),
    ...(head.timeTo > 0 && { time: text.slice(head.timeFrom, head.timeTo) }),
    ...(head.number >= 0 && { number: head.number }),
    rest: text.slice(head.bodyAt),
  };
}

describe("the columns before a call are told by their shape", () => {
  test.each<[string, Columns]>([
    ["brk(NULL) = 0", { rest: "brk(NULL) = 0" }],
    ["149   brk(NULL) = 0", { pid: 149, rest: "brk(NULL) = 0" }],
    ["1234567 brk(NULL)", { pid: 1_234_567, rest: "brk(NULL)" }],
    ["[pid  9996] brk(NULL)", { pid: 9996, isBracketed: true, rest: "brk(NULL)" }],
    ["[pid 5123<b>] brk(NULL)", { pid: 5123, isBracketed: true, rest: "brk(NULL)" }],
    ["9986<strace> 22:10:53 brk(NULL)", { pid: 9986, time: "22:10:53", rest: "brk(NULL)" }],
    ['9986<na\\74me\\76\\") (x> brk(NULL)', { pid: 9986, rest: "brk(NULL)" }],
    ["22:10:53 brk(NULL)", { time: "22:10:53", rest: "brk(NULL)" }],
    ["22:10:53.044308 brk(NULL)", { time: "22:10:53.044308", rest: "brk(NULL)" }],
    ["9976  22:10:53.044308 brk(NULL)", { pid: 9976, time: "22:10:53.044308", rest: "brk(NULL)" }],
    ["1795385453.129538 brk(NULL)", { time: "1795385453.129538", rest: "brk(NULL)" }],
    ["1795385453 brk(NULL)", { time: "1795385453", rest: "brk(NULL)" }],
    ["12 1795385453 brk(NULL)", { pid: 12, time: "1795385453", rest: "brk(NULL)" }],
    ["     0.000254 brk(NULL)", { time: "0.000254", rest: "brk(NULL)" }],
    ["     0 brk(NULL)", { time: "0", rest: "brk(NULL)" }],
    ["10006      0.000254 brk(NULL)", { pid: 10_006, time: "0.000254", rest: "brk(NULL)" }],
    ["10166      0 brk(NULL)", { pid: 10_166, time: "0", rest: "brk(NULL)" }],
    [
      "22:49:43 (+     0.000014) brk(NULL)",
      { time: "22:49:43 (+     0.000014)", rest: "brk(NULL)" },
    ],
    ["[ 434] pidfd_open(1, 0)", { number: 434, rest: "pidfd_open(1, 0)" }],
    ["[1073] f()", { number: 1073, rest: "f()" }],
    ["[00007f2a7344dad7] brk(NULL)", { rest: "brk(NULL)" }],
    ["[????????????????] brk(NULL)", { rest: "brk(NULL)" }],
    [
      "9996  1795385453.131121 (+     0.000026) [ 434] [00007f2a7344dad7] pidfd_open(9996, 0)",
      {
        pid: 9996,
        time: "1795385453.131121 (+     0.000026)",
        number: 434,
        rest: "pidfd_open(9996, 0)",
      },
    ],
    ["12    <... wait4 resumed>", { pid: 12, rest: "<... wait4 resumed>" }],
    ["12 +++ exited with 0 +++", { pid: 12, rest: "+++ exited with 0 +++" }],
  ])("%s", (line, expected) => {
    expect(columns(line)).toEqual(expected);
  });
});

describe("what only looks like a column stays", () => {
  test.each([
    "[ Process PID=12 runs in 32 bit mode. ]",
    "4096, PROT_READ) = 0",
    "(+ never closed",
    "[pid x] brk(NULL)",
    "[pid 12 brk(NULL)",
    "[pid 12<x] brk(NULL)",
    "12<never closed brk(NULL)",
    "[12345678901234567890] brk(NULL)",
    "[0x12] brk(NULL)",
    "[]",
    "9:30",
    "12",
  ])("%s", (line) => {
    const { pid, rest } = columns(line);
    expect(pid === undefined ? rest : `${pid}${rest}`).toBe(line);
  });
});

test("a line is read within its ends, whatever follows", () => {
  const head = new Head();
  head.read("12 34 [ 5] x", 0, 2);
  expect([head.pid, head.timeTo, head.number, head.bodyAt]).toEqual([12, 0, -1, 2]);
});

test("nothing is kept from the line before", () => {
  const head = new Head();
  const line = "[pid 7] 1.5 [ 9] f()";
  head.read(line, 0, line.length);
  head.read("f()", 0, 3);
  expect([head.pid, head.isBracketed, head.timeTo, head.number]).toEqual([-1, false, 0, -1]);
});

test("a number above the greatest pid is a time", () => {
  expect(columns("4194304 f()")).toMatchObject({ pid: 4_194_304 });
  expect(columns("4194305 f()")).toEqual({ time: "4194305", rest: "f()" });
});
