import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { words } from "./copyUser.ts";
import { Registers } from "./registers.ts";
import { enter } from "./table.ts";
import type { Task } from "./task.ts";
import { call, call32, said } from "./testing/machine.ts";
import { HEAP, PAGE, rights, taskWithPages } from "./testing/pages.ts";

const UNKNOWN = "ENOSYS syscall/unknown";

/** Linux 6.18.44: syscall(1 << 32 | 39) is getpid; 5.10.223: ENOSYS. */
describe("the number of a call", () => {
  const GETPID = { "x86-64": 39, i386: 20, arm64: 172 } as const;
  const HIGH = 0x1_0000_0000n;

  test.each([
    ["x86-64", "5.13", UNKNOWN],
    ["x86-64", "5.14", "its number"],
    ["x86-64", "7.3", "its number"],
    ["i386", "5.10", "its number"],
    ["arm64", "5.10", "its number"],
  ] as const)("on %s, %s, with a bit above the 32nd: %s", (abi, release, expected) => {
    const task = taskWithPages(1, { release });
    const ask = (number: bigint): number | string =>
      said(enter(task, abi, number, new Registers()));
    const own = expected === UNKNOWN ? UNKNOWN : task.pid.number;
    const number = BigInt(GETPID[abi]);
    expect(ask(number)).toBe(task.pid.number);
    for (const bits of [HIGH, HIGH << 31n, 0xffff_ffff_0000_0000n])
      expect(ask(bits | number)).toBe(own);
  });

  test.each(["5.10", "7.3"])("with x32's bit is no call's on %s", (release) => {
    const task = taskWithPages(1, { release });
    for (const bits of [0x4000_0000, 0x1_4000_0000, 0x8000_0000, -1])
      expect(said(enter(task, "x86-64", bits + 39, new Registers()))).toBe(
        bits === -1 ? said(enter(task, "x86-64", 38, new Registers())) : UNKNOWN,
      );
  });
});

/** Linux: arch/x86/kernel/sys_ia32.c ia32_mmap */
describe("i386's first mmap", () => {
  const NUMBER = 90;
  const mapped = (task: Task, ...args: readonly number[]): number | string => {
    must(task.space.write(HEAP / PAGE, words(...args)));
    return said(enter(task, "i386", NUMBER, new Registers(HEAP)));
  };

  test("takes its six arguments from memory", () => {
    const task = taskWithPages(1);
    const at = HEAP + 2 * PAGE;
    expect(mapped(task, at, PAGE, 1, 0x32, -1, 0)).toBe(at);
    expect(rights(task, 3)).toBe("rw - r");
  });

  test.each([
    [[0, PAGE, 3, 0x22, -1, 1], "EINVAL mmap/unaligned-offset"],
    [[0, 0, 3, 0x22, -1, 0], "EINVAL mmap/zero-length"],
    [[0, PAGE, 3, 0x02, 99, 0], /^EBADF/],
  ])("%j: %s", (args, expected) => {
    expect(mapped(taskWithPages(1), ...args)).toEqual(
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    );
  });

  test("has no arguments where they cannot be read", () => {
    const task = taskWithPages(1);
    expect(said(enter(task, "i386", NUMBER, new Registers(HEAP + PAGE - 8)))).toBe(
      "EFAULT syscall/fault",
    );
    expect(said(enter(task, "x86-64", NUMBER, new Registers(HEAP)))).not.toMatch(/^EFAULT/);
  });
});

describe("i386's waitpid", () => {
  test("waits as wait4 does, and never looks at a fourth register", () => {
    const task = taskWithPages(1);
    const child = must(call(task, "fork"));
    call(task.machine.processes.find(child)!.thread!.payload, "exit_group", 3);
    const waited = enter(task, "i386", 7, new Registers(child, HEAP, 0, 1));
    expect(said(waited)).toBe(child);
    expect(must(task.space.read(HEAP / PAGE, 2))[1]).toBe(3);
  });

  test("refuses what wait4 refuses", () => {
    const task = taskWithPages(1);
    expect(said(call32(task, "waitpid", -1, 0, 0))).toBe(said(call32(task, "wait4", -1, 0, 0, 0)));
    expect(said(call32(task, "waitpid", -1, 0, 0x100))).toBe("EINVAL wait/options");
  });
});
