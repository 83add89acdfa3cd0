import { MADV, must, PR } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said, TestMachine, type TestTaskOptions } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const start = (task: TestTaskOptions = {}): Task => taskWithPages(1, { task });
const one = (
  task: Task,
  name: string,
  ...registers: readonly (number | bigint)[]
): number | string => said(call(task, name, ...registers));

function put(task: Task, offset: number, ...words: readonly number[]): void {
  must(task.space.write(HEAP / PAGE, new Uint8Array(Uint32Array.from(words).buffer), offset));
}

function get(task: Task, offset: number, count: number): number[] {
  return [...new Uint32Array(must(task.space.read(HEAP / PAGE, count * 4, offset)).slice().buffer)];
}

describe("user and group ids", () => {
  test("three pointers are written in turn: the first that cannot be ends it", () => {
    const task = start({ uid: 1, euid: 2, suid: 3 });
    expect(one(task, "getresuid", HEAP, HEAP + 4, HEAP + 8)).toBe(0);
    expect(get(task, 0, 3)).toEqual([1, 2, 3]);
    put(task, 0, 9, 9, 9);
    expect(one(task, "getresuid", HEAP, 8, HEAP + 8)).toBe("EFAULT syscall/fault");
    expect(get(task, 0, 3)).toEqual([1, 9, 9]);
  });

  test("ids are cut to 32 bits, and -1 leaves them", () => {
    const task = start();
    expect(one(task, "setresuid", (1n << 32n) | 5n, -1, 0xffff_ffff)).toBe(0);
    expect(["getuid", "geteuid"].map((name) => one(task, name))).toEqual([5, 0]);
  });

  test("setfsuid answers with what was, whether it may or not", () => {
    const task = start({ uid: 1000 });
    expect([one(task, "setfsuid", 5), one(task, "setfsuid", 1000)]).toEqual([1000, 1000]);
    const root = start();
    expect([one(root, "setfsuid", 5), one(root, "setfsuid", -1)]).toEqual([0, 5]);
  });

  test("a 32-bit caller has calls of both widths", () => {
    const task = start();
    expect(said(call32(task, "setresuid", 70_000, -1, -1))).toBe(0);
    expect(said(call32(task, "getuid"))).toBe(70_000);
  });
});

describe("groups", () => {
  test("a size of zero asks for their number; too small a room is EINVAL", () => {
    const task = start();
    put(task, 0, 10, 20, 30);
    expect(one(task, "setgroups", 3, HEAP)).toBe(0);
    expect(one(task, "getgroups", 0, 8)).toBe(3);
    expect(one(task, "getgroups", 2, HEAP)).toMatch(/^EINVAL/);
    expect(one(task, "getgroups", -1, HEAP)).toMatch(/^EINVAL/);
    expect(one(task, "getgroups", 8, 8)).toBe("EFAULT syscall/fault");
    expect(one(task, "getgroups", 8, HEAP + 64)).toBe(3);
    expect(get(task, 64, 3)).toEqual([10, 20, 30]);
  });

  test("permission and number are asked before the list is read", () => {
    expect(one(start({ uid: 1000 }), "setgroups", 99_999, 8)).toMatch(/^EPERM/);
    expect(one(start(), "setgroups", 65_537, 8)).toMatch(/^EINVAL/);
    expect(one(start(), "setgroups", -1, 8)).toMatch(/^EINVAL/);
    expect(one(start(), "setgroups", 1, 8)).toBe("EFAULT syscall/fault");
    expect(one(start(), "setgroups", 0, 8)).toBe(0);
  });
});

describe("capget and capset", () => {
  const V1 = 0x1998_0330;
  const V3 = 0x2008_0522;
  const DATA = HEAP + 64;

  test("an unknown version is answered with the kernel's; without room that is a success", () => {
    const task = start();
    put(task, 0, 0x1234, 0);
    expect(one(task, "capget", HEAP, 0)).toBe(0);
    expect(get(task, 0, 1)).toEqual([V3]);
    put(task, 0, 0x1234, 0);
    expect(one(task, "capget", HEAP, DATA)).toMatch(/^EINVAL/);
    expect(get(task, 0, 1)).toEqual([V3]);
    expect(one(task, "capget", 8, DATA)).toBe("EFAULT syscall/fault");
  });

  test("a version's words: three, or six; lower halves first", () => {
    const task = start({ uid: 0, capabilities: ["CAP_SYS_NICE", "CAP_PERFMON"] });
    put(task, 0, V3, 0);
    expect(one(task, "capget", HEAP, DATA)).toBe(0);
    expect(get(task, 64, 6)).toEqual([1 << 23, 1 << 23, 0, 1 << 6, 1 << 6, 0]);
    put(task, 64, 0, 0, 0, 7, 7, 7);
    put(task, 0, V1, 0);
    expect(one(task, "capget", HEAP, DATA)).toBe(0);
    expect(get(task, 64, 6)).toEqual([1 << 23, 1 << 23, 0, 7, 7, 7]);
  });

  test("another's sets are read by number: negative is EINVAL, nobody ESRCH", () => {
    const task = start();
    const number = must(call(task, "fork"));
    put(task, 0, V3, number);
    expect(one(task, "capget", HEAP, DATA)).toBe(0);
    put(task, 0, V3, -1);
    expect(one(task, "capget", HEAP, DATA)).toMatch(/^EINVAL/);
    put(task, 0, V3, 9999);
    expect(one(task, "capget", HEAP, DATA)).toMatch(/^ESRCH/);
  });

  test("capset is for oneself, and is told so before its data is read", () => {
    const task = start();
    put(task, 0, V3, 1);
    expect(one(task, "capset", HEAP, 8)).toMatch(/^EPERM/);
    put(task, 0, V3, task.pid.number);
    expect(one(task, "capset", HEAP, 8)).toBe("EFAULT syscall/fault");
    put(task, 64, 1 << 23, 1 << 23, 0, 0, 0, 0);
    expect(one(task, "capset", HEAP, DATA)).toBe(0);
    // What was given up does not come back.
    put(task, 64, 0, -1, 0, 0, 0, 0);
    expect(one(task, "capset", HEAP, DATA)).toMatch(/^EPERM/);
  });
});

describe("prctl", () => {
  test("a value's upper half counts: PR_SET_DUMPABLE takes an unsigned long", () => {
    const task = start();
    expect(one(task, "prctl", PR.PR_SET_DUMPABLE, 1n << 32n, 0, 0, 0)).toMatch(/^EINVAL/);
    expect(one(task, "prctl", PR.PR_SET_DUMPABLE, 2, 0, 0, 0)).toMatch(/^EINVAL/);
    expect(one(task, "prctl", PR.PR_SET_DUMPABLE, 0, 0, 0, 0)).toBe(0);
    expect(one(task, "prctl", PR.PR_GET_DUMPABLE, 0, 0, 0, 0)).toBe(0);
    // The option itself is an int.
    expect(one(task, "prctl", (1n << 32n) | BigInt(PR.PR_GET_DUMPABLE), 0, 0, 0, 0)).toBe(0);
    expect(one(task, "prctl", 9999, 0, 0, 0, 0)).toBe("EINVAL prctl/unknown-option");
  });

  test("a name is read to its end, or for fifteen letters", () => {
    const task = start();
    const end = PAGE - 4;
    must(task.space.write(HEAP / PAGE, "abc\0", end));
    expect(one(task, "prctl", PR.PR_SET_NAME, HEAP + end, 0, 0, 0)).toBe(0);
    expect(task.name).toBe("abc");
    must(task.space.write(HEAP / PAGE, "abcd", end));
    expect(one(task, "prctl", PR.PR_SET_NAME, HEAP + end, 0, 0, 0)).toBe("EFAULT syscall/fault");
    must(task.space.write(HEAP / PAGE, "0123456789abcdefgh", 0));
    expect(one(task, "prctl", PR.PR_SET_NAME, HEAP, 0, 0, 0)).toBe(0);
    expect(one(task, "prctl", PR.PR_GET_NAME, HEAP + 64, 0, 0, 0)).toBe(0);
    const told = must(task.space.read(HEAP / PAGE, 16, 64));
    expect(String.fromCharCode(...told)).toBe("0123456789abcde\0");
    expect(one(task, "prctl", PR.PR_GET_NAME, 8, 0, 0, 0)).toBe("EFAULT syscall/fault");
  });

  test("a name that ends on its page leaves the page behind it alone", () => {
    const task = taskWithPages(2);
    must(call(task, "madvise", HEAP, 2 * PAGE, MADV.MADV_DONTNEED));
    must(task.space.write(HEAP / PAGE, "abc\0", PAGE - 4));
    expect(one(task, "prctl", PR.PR_SET_NAME, HEAP + PAGE - 4, 0, 0, 0)).toBe(0);
    expect(must(task.space.residency(HEAP / PAGE, 2)).join("")).toBe("10");
    must(task.space.write(HEAP / PAGE, "abcd", PAGE - 4));
    expect(one(task, "prctl", PR.PR_SET_NAME, HEAP + PAGE - 4, 0, 0, 0)).toBe(0);
    expect([task.name, must(task.space.residency(HEAP / PAGE, 2)).join("")]).toEqual([
      "abcd",
      "11",
    ]);
  });

  test("undumpable is a matter of memory: whoever shares it is undumpable too", () => {
    const task = new TestMachine().spawn();
    const number = must(call(task, "vfork"));
    const peer = task.machine.processes.find(number)!.thread!.payload;
    must(call(peer, "prctl", PR.PR_SET_DUMPABLE, 0, 0, 0, 0));
    expect(one(task, "prctl", PR.PR_GET_DUMPABLE, 0, 0, 0, 0)).toBe(0);
    const child = task.machine.processes.find(must(call(task, "fork")))!.thread!.payload;
    must(call(child, "prctl", PR.PR_SET_DUMPABLE, 1, 0, 0, 0));
    expect(one(task, "prctl", PR.PR_GET_DUMPABLE, 0, 0, 0, 0)).toBe(0);
  });
});
