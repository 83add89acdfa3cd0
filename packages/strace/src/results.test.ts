import { describe, expect, test } from "vitest";
import { parseCallText } from "./callText.ts";
import { formatResult } from "./formatCall.ts";
import type { CallResult } from "./result.ts";
import { ResultReader } from "./resultReader.ts";

const PLAIN = { unknown: false, injected: false, delayed: false };

/** Reads what stands behind the parenthesis of a call in a log. */
function read(text: string): CallResult {
  const reader = new ResultReader();
  const result = reader.read(text, 0, text.length);
  if (result === undefined) throw new Error(`index ${reader.failedAt}: ${reader.expected}`);
  return result;
}

describe("a result is what strace printed", () => {
  test.each<[string, Partial<CallResult>]>([
    ["= 0", { value: 0 }],
    ["= 8192", { value: 8192 }],
    ["= -1", { value: -1 }],
    ["= 0x7f0012345000", { value: 0x7f0012345000, base: 16 }],
    [
      "= 0x8002 (flags O_RDWR|O_LARGEFILE)",
      { value: 0x8002, base: 16, note: "flags O_RDWR|O_LARGEFILE" },
    ],
    ["= 022", { value: 0o22, base: 8 }],
    ["= 000", { value: 0, base: 8 }],
    ["= 18446744073709551615", { value: 2n ** 64n - 1n }],
    ["= 0 (Timeout)", { value: 0, note: "Timeout" }],
    [
      "= 1 (out [1], left {tv_sec=0, tv_nsec=999998944})",
      { value: 1, note: "out [1], left {tv_sec=0, tv_nsec=999998944}" },
    ],
    ["= 1 ([{fd=3, revents=POLLIN}])", { value: 1, note: "[{fd=3, revents=POLLIN}]" }],
    ['= 1 (in ["a)b"])', { value: 1, note: 'in ["a)b"]' }],
    ["= 0 (0 /* PER_LINUX */)", { value: 0, note: "0 /* PER_LINUX */" }],
    [
      "= -1 EPERM (Operation not permitted)",
      { value: -1, error: "EPERM", message: "Operation not permitted" },
    ],
    ["= -1 EFOO (Something new)", { value: -1, error: "EFOO", message: "Something new" }],
    [
      "= -1 EPERM (Vorgang nicht zulässig)",
      { value: -1, error: "EPERM", message: "Vorgang nicht zulässig" },
    ],
    ["= -1 EPERM", { value: -1, error: "EPERM" }],
    ["= -1 (errno 4000)", { value: -1, error: "errno 4000" }],
    ["= ?", { unknown: true }],
    [
      "= ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
      { unknown: true, error: "ERESTARTSYS", message: "To be restarted if SA_RESTART is set" },
    ],
    [
      "= ? ERESTART_RESTARTBLOCK (Interrupted by signal)",
      { unknown: true, error: "ERESTART_RESTARTBLOCK", message: "Interrupted by signal" },
    ],
    ["= ? <unavailable>", { unknown: true, note: "unavailable" }],
    ["= 3</tmp/x>", { value: 3, target: "/tmp/x" }],
    ["= 3<pid:123>", { value: 3, target: "pid:123" }],
    ["= 5</tmp/x>(deleted)", { value: 5, target: "/tmp/x", isTargetDeleted: true }],
    ["= 7 (INJECTED)", { value: 7, injected: true }],
    ["= 5 (INJECTED: args, retval)", { value: 5, injected: true, injection: "args, retval" }],
    ["= 0 (DELAYED)", { value: 0, delayed: true }],
    [
      "= -1 EAGAIN (Resource temporarily unavailable) (INJECTED) (DELAYED)",
      {
        value: -1,
        error: "EAGAIN",
        message: "Resource temporarily unavailable",
        injected: true,
        delayed: true,
      },
    ],
    ["= 2 /* 123 in strace's PID NS */", { value: 2, comment: "123 in strace's PID NS" }],
    [
      "= -1 EPERM (Operation not permitted) /* process_madvise/remote-needs-cap-sys-nice */",
      {
        value: -1,
        error: "EPERM",
        message: "Operation not permitted",
        comment: "process_madvise/remote-needs-cap-sys-nice",
      },
    ],
  ])("%s", (text, expected) => {
    const result = read(` ${text}`);
    expect(result).toStrictEqual({ ...PLAIN, ...expected });
    expect(`= ${formatResult(result)}`).toBe(text);
  });
});

test("spaces around it do not matter", () => {
  expect(read("                 =   0   ")).toStrictEqual({ ...PLAIN, value: 0 });
  expect(read("=0")).toStrictEqual({ ...PLAIN, value: 0 });
  expect(read("\t= 0x1\t(Timeout) ")).toMatchObject({ value: 1, note: "Timeout" });
});

describe("the time that a call took", () => {
  test.each([
    ["= 0 <0.000012>", 0.000012],
    ["= 0x1 <2.5>", 2.5],
    ["= 3</tmp/x> <0.000000001>", 1e-9],
    ["= -1 EPERM (Operation not permitted) (INJECTED) <0.000010>", 0.00001],
    ["= 0 <0.000012> /* a remark */", 0.000012],
    ["= 0", -1],
  ])("%s", (text, seconds) => {
    const reader = new ResultReader();
    expect(reader.read(text, 0, text.length)).toBeDefined();
    expect(reader.seconds).toBe(seconds);
  });

  test("is forgotten with the next result", () => {
    const reader = new ResultReader();
    reader.read("= 0 <1.0>", 0, 9);
    reader.read("= 0", 0, 3);
    expect(reader.seconds).toBe(-1);
  });
});

describe("what is no result says where and why", () => {
  test.each([
    ["", 'index 0: "=" and a result'],
    ["0", 'index 0: "=" and a result'],
    ["=", "index 1: a number or ?"],
    ["= x", "index 2: a number or ?"],
    ["= $heap", "index 2: a number or ?"],
    ["= 1 + 2", "index 4: the end of the line"],
    ["= 3foo", "index 3: the end of the line"],
    ["= 0 (open", 'index 4: a closing ")"'],
    ["= 3</tmp/x", 'index 3: a closing ">"'],
    ["= 0 <soon>", "index 4: the end of the line"],
    ["= 0 <1.2.3>", "index 4: the end of the line"],
    ["= 0 <1> <2>", "index 8: the end of the line"],
    ["= -1 EPERM EACCES", "index 11: the end of the line"],
    ["= -1 eperm", "index 5: the end of the line"],
    ["= 0 (a) (b)", "index 11: the end of the line"],
    ["= 0 /* a */ /* b */", "index 12: the end of the line"],
    ["= 0 /* a", "index 4: the end of the line"],
    ["= 0 = 0", "index 4: the end of the line"],
  ])("%s", (text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });
});

test("a result is read within its line only", () => {
  const text = "= 12345 EPERM";
  const reader = new ResultReader();
  expect(reader.read(text, 0, 4)).toMatchObject({ value: 12 });
  expect(reader.read(text, 0, 7)).toMatchObject({ value: 12_345 });
});

describe("a scenario may expect more than a number", () => {
  const expected = (text: string): CallResult | undefined => {
    const call = parseCallText(`f() ${text}`);
    if ("error" in call) throw new Error(`column ${call.error.column}: ${call.error.expected}`);
    return call.result;
  };

  test("a name, a sum", () => {
    expect(expected("= $heap")).toStrictEqual({
      ...PLAIN,
      expression: { kind: "name", text: "$heap" },
    });
    expect(expected("= $heap + 4096")).toMatchObject({ expression: { kind: "sum" } });
    expect(expected("= 4096 * 2 /* two pages */")).toMatchObject({
      expression: { kind: "product", right: { value: 2, comment: "two pages" } },
    });
    expect(expected("= 1<<4")).toMatchObject({ expression: { kind: "shift" } });
    expect(expected("= [0, 1]")).toMatchObject({ expression: { kind: "array" } });
  });

  test("but what a log can say stays what it is", () => {
    for (const text of [
      "= 3</tmp/x>",
      "= 0 <0.1>",
      "= ?",
      "= -1 EPERM (Operation not permitted)",
      "= 0 (Timeout)",
    ]) {
      expect(expected(text)).toStrictEqual(read(text));
    }
  });

  test("and what is wrong in it is named", () => {
    expect(() => expected("= $")).toThrow("column 8: a name");
    expect(() => expected("= 1 +")).toThrow("column 10: a value");
    expect(() => expected("= $a EPERM")).toThrow("column 10: the end of the line");
  });

  test("and it is written as it was read", () => {
    const result = expected("= $heap + 2*4096");
    expect(result && formatResult(result)).toBe("$heap + 2*4096");
  });
});
