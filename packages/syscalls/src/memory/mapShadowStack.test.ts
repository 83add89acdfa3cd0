import { must, type Abi } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { enter } from "../table.ts";
import { Registers } from "../registers.ts";
import type { Task } from "../task.ts";
import { call, call32, said, TestMachine } from "../testing/machine.ts";
import { PAGE } from "../testing/pages.ts";

const NUMBER = 453;
const TOKEN = 1;
const MARKER = 2;
const NOT_BUILT = "ENOSYS map_shadow_stack/not-built";
const HIGH = 0x7000_0000_0000;

const having = (shadowStacks: "not-built" | "no-processor" | "yes", release = "7.3"): Task =>
  new TestMachine({ release, settings: { shadowStacks } }).spawn();
const by = (abi: Abi, task: Task, ...args: readonly number[]): number | string =>
  said(enter(task, abi, NUMBER, new Registers(...args)));

describe("the number, where the processor has shadow stacks", () => {
  test.each([
    ["6.5", "x86-64", "ENOSYS syscall/unknown"],
    ["6.6", "x86-64", "EINVAL map_shadow_stack/flags"],
    ["6.6", "i386", NOT_BUILT],
    ["6.7", "i386", "EINVAL map_shadow_stack/flags"],
    ["6.12", "arm64", NOT_BUILT],
    ["6.13", "arm64", "EINVAL map_shadow_stack/flags"],
  ] as const)("on %s by %s: %s", (release, abi, answer) => {
    expect(by(abi, having("yes", release), 0, PAGE, 4)).toBe(answer);
  });
});

describe("without shadow stacks nothing else is looked at", () => {
  test.each([
    ["not-built", NOT_BUILT],
    ["no-processor", "EOPNOTSUPP map_shadow_stack/no-processor"],
  ] as const)("%s: %s", (setting, answer) => {
    for (const args of [
      [0, PAGE, 0],
      [0, PAGE, 4],
      [PAGE, PAGE, 0],
      [0, 4, TOKEN],
      [0, -1, 0],
    ]) {
      expect(said(call(having(setting), "map_shadow_stack", ...args))).toBe(answer);
      expect(said(call32(having(setting), "map_shadow_stack", ...args))).toBe(answer);
    }
  });
});

describe("x86's refusals, each before those below it", () => {
  test.each([
    ["a flag that there is not", [PAGE, 4, 4 | TOKEN], "EINVAL map_shadow_stack/flags"],
    ["arm64's flag", [0, PAGE, MARKER], "EINVAL map_shadow_stack/flags"],
    ["no room for a token", [PAGE, 7, TOKEN], "ENOSPC map_shadow_stack/no-room-for-token"],
    ["an address below 4 GiB", [0xffff_f000, -1, 0], "ERANGE map_shadow_stack/too-low"],
    ["a size that wraps", [HIGH + 1, -1, 0], "EOVERFLOW map_shadow_stack/size-wraps"],
    ["no size", [0, 0, 0], "EINVAL map_shadow_stack/no-length"],
    ["an odd address", [HIGH + 1, PAGE, 0], "EINVAL mmap/unaligned-fixed"],
    ["a token at an odd place", [0, 12, TOKEN], "EINVAL map_shadow_stack/token-unaligned"],
  ] as const)("%s", (_, args, answer) => {
    const task = having("yes");
    expect(said(call(task, "map_shadow_stack", ...args))).toBe(answer);
    expect(task.space.maps()).toBe("");
  });

  test("the upper half of the flags does not count, and that of the size does", () => {
    const task = having("yes");
    must(call(task, "map_shadow_stack", 0, PAGE, 2 ** 32));
    expect(said(call(task, "map_shadow_stack", 0, 2 ** 60, TOKEN))).toMatch(/^ENOMEM mmap/);
  });

  test("32-bit callers get one where the kernel likes, and name no address", () => {
    const task = having("yes");
    expect(by("i386", task, PAGE, PAGE, 0)).toBe("ERANGE map_shadow_stack/too-low");
    expect(by("i386", task, 0, PAGE, 0)).toBeLessThan(2 ** 32);
  });
});

describe("arm64's refusals", () => {
  test.each([
    ["a flag that there is not", [1, 8, 4], "EINVAL map_shadow_stack/flags"],
    ["an odd address", [PAGE + 1, 8, 0], "EINVAL map_shadow_stack/unaligned"],
    ["one entry", [0, 8, 0], "EINVAL map_shadow_stack/odd-size"],
    ["part of an entry", [0, 20, TOKEN], "EINVAL map_shadow_stack/odd-size"],
    ["no size", [0, 0, TOKEN], "EINVAL map_shadow_stack/no-length"],
  ] as const)("%s", (_, args, answer) => {
    expect(by("arm64", having("yes"), ...args)).toBe(answer);
  });

  test("addresses below 4 GiB are as good as others", () => {
    expect(by("arm64", having("yes"), 0x2000_0000, 16, TOKEN | MARKER)).toBe(0x2000_0000);
  });
});

describe("what is mapped", () => {
  test("is private memory, whole pages of it", () => {
    const task = having("yes");
    const at = must(call(task, "map_shadow_stack", 0, PAGE + 1, 0));
    expect(at).toBeGreaterThan(2 ** 32);
    const [line] = task.space.maps().split("\n");
    const range = `${at.toString(16)}-${(at + 2 * PAGE).toString(16)}`;
    expect(line).toBe(`${range} rw-p 00000000 00:00 0 `);
    expect(task.space.pages.bitsOf(at / PAGE)).toBe(0);
  });

  test("holds a token at its end, and its page with it", () => {
    const task = having("yes");
    const at = must(call(task, "map_shadow_stack", 0, PAGE + 8, TOKEN));
    expect(task.space.pages.bitsOf(at / PAGE)).toBe(0);
    expect(task.space.pages.bitsOf(at / PAGE + 1)).not.toBe(0);
  });

  test("takes no place that is taken", () => {
    const task = having("yes");
    expect(said(call(task, "map_shadow_stack", HIGH, PAGE, 0))).toBe(HIGH);
    expect(said(call(task, "map_shadow_stack", HIGH, PAGE, 0))).toBe("EEXIST mmap/occupied");
  });
});
