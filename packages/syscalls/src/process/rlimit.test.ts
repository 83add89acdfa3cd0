import { must, RLIMIT } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { words, wordAt } from "../copyUser.ts";
import type { Task } from "../task.ts";
import { call, call32, decoded, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const ALL = 0xffff_ffff;

function write(task: Task, ...values: readonly number[]): void {
  must(task.space.write(HEAP / PAGE, words(...values)));
}

function read(task: Task, count: number): readonly number[] {
  const bytes = must(task.space.read(HEAP / PAGE, 4 * count));
  return Array.from({ length: count }, (_, i) => wordAt(bytes, 4 * i));
}

describe("setrlimit", () => {
  test.each([
    [[4096, 0, 8192, 0], RLIMIT.RLIMIT_AS, 0],
    [[8192, 0, 4096, 0], RLIMIT.RLIMIT_AS, "EINVAL prlimit/resource"],
    [[0, 0, 0, 0], 16, "EINVAL prlimit/resource"],
    [[0, 0, 0, 0], -1, "EINVAL prlimit/resource"],
    [[1, 0, 2 ** 21, 0], RLIMIT.RLIMIT_NOFILE, "EPERM prlimit/too-many-files"],
  ])("%j of resource %i: %s", (limit, resource, expected) => {
    const task = taskWithPages(1);
    write(task, ...limit);
    expect(said(call(task, "setrlimit", resource, HEAP))).toBe(expected);
  });

  test("reads the limit before it looks at the resource; getrlimit the other way round", () => {
    const task = taskWithPages(1);
    expect(said(call(task, "setrlimit", 16, 1))).toBe("EFAULT syscall/fault");
    expect(said(call(task, "getrlimit", 16, 1))).toBe("EINVAL prlimit/resource");
    expect(said(call(task, "getrlimit", 0, 1))).toBe("EFAULT syscall/fault");
  });

  test("raises a hard limit with CAP_SYS_RESOURCE alone, and lowers it for good", () => {
    const task = taskWithPages(1, { task: { uid: 1000 } });
    write(task, 4096, 0, 4096, 0);
    expect(said(call(task, "setrlimit", RLIMIT.RLIMIT_AS, HEAP))).toBe(0);
    write(task, 4096, 0, 8192, 0);
    expect(said(call(task, "setrlimit", RLIMIT.RLIMIT_AS, HEAP))).toBe("EPERM prlimit/raise");
  });

  test("holds from then on: what prlimit64 tells, and mmap minds", () => {
    const task = taskWithPages(1);
    write(task, 2 * PAGE, 0, 2 * PAGE, 0);
    must(call(task, "setrlimit", RLIMIT.RLIMIT_AS, HEAP));
    must(call(task, "prlimit64", 0, RLIMIT.RLIMIT_AS, 0, HEAP + 64));
    expect(must(task.space.read(HEAP / PAGE, 68))[65]).toBe((2 * PAGE) >> 8);
    expect(said(call(task, "mmap", 0, 4 * PAGE, 3, 0x22, -1, 0))).toMatch(/^ENOMEM/);
  });
});

/** Linux: kernel/sys.c, COMPAT_SYSCALL_DEFINE2(setrlimit), (getrlimit), (old_getrlimit) */
describe("a 32-bit program", () => {
  test("has limits of 32 bits, all of them set for none", () => {
    const task = taskWithPages(1);
    write(task, 4096, ALL, 7, 7);
    must(call32(task, "setrlimit", RLIMIT.RLIMIT_AS, HEAP));
    expect(task.limits.get("RLIMIT_AS")).toEqual({ soft: 4096, hard: Number.POSITIVE_INFINITY });
    must(call32(task, "ugetrlimit", RLIMIT.RLIMIT_AS, HEAP));
    expect(read(task, 4)).toEqual([4096, ALL, 7, 7]);
    // The first one of all tells no limit above 2 GiB.
    must(call32(task, "getrlimit", RLIMIT.RLIMIT_AS, HEAP));
    expect(read(task, 4)).toEqual([4096, 0x7fff_ffff, 7, 7]);
  });

  test("is told of more than 4 GiB as of none", () => {
    const task = taskWithPages(1);
    task.limits.set("RLIMIT_AS", { soft: 2 ** 40, hard: 2 ** 41 });
    must(call32(task, "ugetrlimit", RLIMIT.RLIMIT_AS, HEAP));
    expect(read(task, 2)).toEqual([ALL, ALL]);
    must(call(task, "getrlimit", RLIMIT.RLIMIT_AS, HEAP));
    expect(read(task, 4)).toEqual([0, 2 ** 8, 0, 2 ** 9]);
  });

  test("in a record: a limit is the number that it is", () => {
    const task = taskWithPages(1);
    task.abi = "i386";
    must(decoded(task, "setrlimit", RLIMIT.RLIMIT_AS, words(4096, 0, 8192, 0)).outcome);
    expect(task.limits.get("RLIMIT_AS")).toEqual({ soft: 4096, hard: 8192 });
  });
});
