import { describe, expect, test } from "vitest";
import { failed, notReturned, returned, returnedAddress } from "./buildResult.ts";
import {
  arrayValue,
  decimalValue,
  flagsValue,
  hexValue,
  pointerValue,
  stringValue,
  structValue,
  wordValue,
} from "./buildValue.ts";
import { formatCall, formatResult } from "./formatCall.ts";

describe("a call is written as strace writes it", () => {
  test("with the result in column 40, the pid counted", () => {
    expect(formatCall({ name: "close", args: [decimalValue(3)], result: returned(0) })).toBe(
      "close(3)                                = 0",
    );
    expect(formatCall({ pid: 149, name: "getpid", args: [], result: returned(149) })).toBe(
      "149   getpid()                          = 149",
    );
    expect(formatCall({ pid: 1_234_567, name: "getpid", args: [], result: returned(1) })).toBe(
      "1234567 getpid()                        = 1",
    );
  });

  test("or one space behind a long call", () => {
    const args = [
      pointerValue(0),
      decimalValue(46_471),
      wordValue("PROT_READ"),
      wordValue("MAP_PRIVATE"),
    ];
    const call = { pid: 12, name: "mmap", args, result: returnedAddress(0x7f61157c0000) };
    expect(formatCall(call)).toBe(
      "12    mmap(NULL, 46471, PROT_READ, MAP_PRIVATE) = 0x7f61157c0000",
    );
  });

  test("with a scenario's process in place of the pid", () => {
    expect(formatCall({ pid: "app/i386", name: "f", args: [], result: notReturned() })).toBe(
      "app/i386 f()                            = ?",
    );
  });

  test("with names of arguments, and a remark behind the result", () => {
    const args = [
      { name: "child_stack", value: pointerValue(0), text: "" },
      { value: flagsValue([wordValue("CLONE_VM"), wordValue("SIGCHLD")]), text: "" },
    ];
    expect(
      formatCall({ name: "clone", args, result: failed("EAGAIN"), comment: "clone/limit" }),
    ).toBe(
      [
        "clone(child_stack=NULL, CLONE_VM|SIGCHLD)",
        "= -1 EAGAIN (Resource temporarily unavailable)",
        "/* clone/limit */",
      ].join(" "),
    );
  });

  test("without a result", () => {
    expect(formatCall({ name: "f", args: [] })).toBe("f()");
    expect(formatCall({ pid: "a", name: "f", args: [], comment: "why" })).toBe(
      "a     f() /* why */",
    );
  });

  test("a remark cannot end itself or its line", () => {
    const line = formatCall({ name: "f", args: [], result: returned(0), comment: "a */ b\nc" });
    expect(line).toContain("/* a * / b c */");
  });
});

describe("values are made in the base that strace prints them in", () => {
  test.each([
    [decimalValue(4096), "4096"],
    [decimalValue(2n ** 64n - 1n), "18446744073709551615"],
    [hexValue(0x7f00), "0x7f00"],
    [hexValue(0), "0"],
    [hexValue(0n), "0"],
    [pointerValue(0), "NULL"],
    [pointerValue(0n), "NULL"],
    [pointerValue(0x7fff00000000n), "0x7fff00000000"],
    [flagsValue([]), "0"],
    [flagsValue([wordValue("A")]), "A"],
    [flagsValue([wordValue("A"), hexValue(0x40)]), "A|0x40"],
    [stringValue("a\n"), '"a\\n"'],
    [
      arrayValue([
        structValue([
          { name: "iov_base", value: pointerValue(0x1000) },
          { name: "iov_len", value: decimalValue(4096) },
        ]),
      ]),
      "[{iov_base=0x1000, iov_len=4096}]",
    ],
  ])("%#", (value, written) => {
    expect(formatCall({ name: "f", args: [value] })).toBe(`f(${written})`);
  });
});

describe("results are made as strace prints them", () => {
  test.each([
    [returned(8192), "8192"],
    [returned(-1), "-1"],
    [returnedAddress(0x7f00), "0x7f00"],
    [returnedAddress(0x7f0000000000n), "0x7f0000000000"],
    [returnedAddress(0), "0"],
    [failed("EPERM"), "-1 EPERM (Operation not permitted)"],
    [failed("ENEW"), "-1 ENEW"],
    [notReturned(), "?"],
    [notReturned("ERESTARTSYS"), "? ERESTARTSYS (To be restarted if SA_RESTART is set)"],
    [notReturned("ERESTARTNEW"), "? ERESTARTNEW"],
    [{ ...returned(0o22), base: 8 as const }, "022"],
    [{ ...returned(0), base: 8 as const }, "000"],
    [{ ...returned(0o7777), base: 8 as const }, "07777"],
    [{ ...returned(3), target: "pid:1" }, "3<pid:1>"],
  ])("%#", (result, written) => {
    expect(formatResult(result)).toBe(written);
  });
});
