import { CLONE, MADV, must, PKEY, PROT } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said, type TestMachineOptions } from "../testing/machine.ts";
import { HEAP, LIMIT, PAGE, rights, taskWithPages } from "../testing/pages.ts";

const READ_WRITE = PROT.PROT_READ | PROT.PROT_WRITE;
const { PKEY_DISABLE_ACCESS: NO_ACCESS, PKEY_DISABLE_WRITE: NO_WRITE } = PKEY;
const FIXED = 0x32;

const start = (pages = 8, options: TestMachineOptions = {}): Task => taskWithPages(pages, options);
const take = (task: Task, denied = 0): number | string => said(call(task, "pkey_alloc", 0, denied));
const at = (page: number): number => HEAP + page * PAGE;
const protect = (
  task: Task,
  [page, pages]: readonly [number, number],
  key: number,
  prot = READ_WRITE,
): number | string => said(call(task, "pkey_mprotect", at(page), pages * PAGE, prot, key));
/** Pages of each area from HEAP on, with its key. */
const areas = (task: Task): string =>
  [...task.space.areas]
    .map((area) => {
      const { areas: all } = task.space;
      return `${all.end[area] - all.start[area]}:${all.keyOf(area)}`;
    })
    .join(" ");
const touched = (task: Task, page: number, access: "read" | "write" | "execute"): string => {
  const result = task.space.touch(at(page) / PAGE, access, task.actor);
  return result.ok ? "" : result.reason.id;
};

describe("pkey_alloc", () => {
  test("gives the lowest free key, fifteen in all", () => {
    const task = start();
    expect(Array.from({ length: 16 }, () => take(task))).toEqual([
      ...Array.from({ length: 15 }, (_, i) => i + 1),
      "ENOSPC pkey_alloc/all-taken",
    ]);
    must(call(task, "pkey_free", 7));
    must(call(task, "pkey_free", 3));
    expect([take(task), take(task)]).toEqual([3, 7]);
  });

  test.each([
    [1, 0, "EINVAL pkey_alloc/flags"],
    [1, 4, "EINVAL pkey_alloc/flags"],
    [2 ** 32, 0, "EINVAL pkey_alloc/flags"],
    [0, 4, "EINVAL pkey_alloc/rights"],
    [0, 2 ** 32, "EINVAL pkey_alloc/rights"],
    [0, -1, "EINVAL pkey_alloc/rights"],
  ])("with flags %i and rights %i answers %s", (flags, denied, answer) => {
    expect(said(call(start(), "pkey_alloc", flags, denied))).toBe(answer);
    const full = start();
    for (let i = 0; i < 15; i++) take(full);
    expect(said(call(full, "pkey_alloc", flags, denied))).toBe(answer);
  });

  test("of a 32-bit caller has 32-bit arguments", () => {
    expect(said(call32(start(), "pkey_alloc", 2 ** 32, 2 ** 32))).toBe(1);
  });
});

describe("pkey_free", () => {
  test.each([-1, 1, 16, 2 ** 31])("%i is no key that was taken", (key) => {
    expect(said(call(start(), "pkey_free", key))).toBe("EINVAL pkey_free/not-taken");
  });

  test("areas keep a key that is given back; nobody can be given it", () => {
    const task = start(1);
    take(task);
    protect(task, [0, 1], 1);
    expect(said(call(task, "pkey_free", 1))).toBe(0);
    expect(said(call(task, "pkey_free", 1))).toBe("EINVAL pkey_free/not-taken");
    expect(protect(task, [0, 1], 1)).toBe("EINVAL pkey_mprotect/not-taken");
    expect(areas(task)).toBe("1:1");
  });

  test("key 0 can be given back like any other", () => {
    const task = start();
    expect(said(call(task, "pkey_free", 0))).toBe(0);
    expect(take(task)).toBe(0);
  });
});

describe("what pkey_mprotect refuses first", () => {
  const refused = (...args: readonly number[]): string | number =>
    said(call(start(2), "pkey_mprotect", ...args));

  test.each([
    [
      "both directions",
      [HEAP, PAGE, PROT.PROT_GROWSDOWN | PROT.PROT_GROWSUP, 9],
      "EINVAL mprotect/both-directions",
    ],
    ["an address within a page", [HEAP + 1, PAGE, 1, 9], "EINVAL mprotect/unaligned"],
    ["an address within a page, and no length", [HEAP + 1, 0, 1, 9], "EINVAL mprotect/unaligned"],
    ["no length", [HEAP, 0, 1, 9], 0],
    ["a length that wraps", [HEAP, -1, 1, 9], "ENOMEM mprotect/range-wraps"],
    ["a right that there is not", [HEAP, PAGE, 0x100, 9], "EINVAL mprotect/unknown-protection"],
    ["a key that was not taken", [HEAP, PAGE, 1, 9], "EINVAL pkey_mprotect/not-taken"],
    ["a key below -1", [HEAP, PAGE, 1, -2], "EINVAL pkey_mprotect/not-taken"],
    [
      "the same where nothing is mapped",
      [LIMIT - PAGE, PAGE, 1, 9],
      "EINVAL pkey_mprotect/not-taken",
    ],
    ["a hole, with key -1", [HEAP + 2 * PAGE, PAGE, 1, -1], "ENOMEM mprotect/hole"],
    ["a hole, with key 0", [HEAP + 2 * PAGE, PAGE, 1, 0], "ENOMEM mprotect/hole"],
  ] as const)("%s", (_, args, answer) => {
    expect(refused(...args)).toBe(answer);
  });
});

describe("areas", () => {
  test("of different keys are apart; of one key they join", () => {
    const task = start();
    take(task);
    take(task);
    protect(task, [1, 1], 1);
    expect(areas(task)).toBe("1:0 1:1 6:0");
    protect(task, [2, 2], 1);
    expect(areas(task)).toBe("1:0 3:1 4:0");
    protect(task, [2, 1], 2);
    expect(areas(task)).toBe("1:0 1:1 1:2 1:1 4:0");
    protect(task, [0, 8], 0);
    expect(areas(task)).toBe("8:0");
  });

  test("keep their key where it is -1, and under mprotect", () => {
    const task = start(4);
    take(task);
    protect(task, [1, 1], 1);
    protect(task, [0, 4], -1, PROT.PROT_READ);
    expect(areas(task)).toBe("1:0 1:1 2:0");
    must(call(task, "mprotect", HEAP, 4 * PAGE, READ_WRITE));
    expect(areas(task)).toBe("1:0 1:1 2:0");
    expect(rights(task, 4)).toBe("rw rw rw rw");
  });

  test("take their key along, and new ones beside them do not have it", () => {
    const task = start(4);
    take(task);
    protect(task, [0, 1], 1);
    must(call(task, "mremap", HEAP, PAGE, 2 * PAGE, 3, at(16)));
    must(call(task, "mmap", at(18), PAGE, 3, FIXED, -1, 0));
    expect(areas(task)).toBe("3:0 2:1 1:0");
    must(call(task, "munmap", at(16), PAGE));
    expect(areas(task)).toBe("3:0 1:1 1:0");
  });

  test("show it in smaps, where the processor has keys", () => {
    const task = start(1);
    take(task);
    protect(task, [0, 1], 1);
    expect(task.space.smaps()).toMatch(/^ProtectionKey: +1$/m);
    const without = start(1, { settings: { protectionKeys: false } });
    expect(without.space.smaps()).not.toContain("ProtectionKey");
  });
});

describe("a thread's rights", () => {
  test.each([
    [0, "", "", ""],
    [NO_WRITE, "", "access/protection-key", ""],
    [NO_ACCESS, "access/protection-key", "access/protection-key", ""],
    [NO_ACCESS | NO_WRITE, "access/protection-key", "access/protection-key", ""],
  ])("%i: reading %j, writing %j, executing %j", (denied, read, write, execute) => {
    const task = start(1);
    take(task, denied);
    protect(task, [0, 1], 1, 7);
    expect(touched(task, 0, "read")).toBe(read);
    expect(touched(task, 0, "write")).toBe(write);
    expect(touched(task, 0, "execute")).toBe(execute);
  });

  test("hold for what the kernel copies for it and brings in, and not for others", () => {
    const task = start(2);
    take(task, NO_ACCESS);
    protect(task, [0, 1], 1);
    expect(said(call(task, "getresuid", at(0), at(1), at(1)))).toBe("EFAULT syscall/fault");
    expect(said(call(task, "mlock", at(0), PAGE))).toMatch(/^ENOMEM mlock\/cannot-populate/);
    expect(said(call(task, "madvise", at(0), PAGE, 22))).toBe("EINVAL madvise/populate-refused");
    expect(task.space.pin(HEAP / PAGE, "write").ok).toBe(true);
    must(call(task, "munlock", at(0), PAGE));
    expect(said(call(task, "madvise", at(0), PAGE, 4))).toBe(0);
  });

  test("come before the area's own", () => {
    const task = start(1);
    take(task, NO_ACCESS);
    protect(task, [0, 1], 1, PROT.PROT_NONE);
    expect(touched(task, 0, "read")).toBe("access/protection-key");
    expect(touched(task, 0, "execute")).toBe("access/protection");
  });

  test("are its own, and a child begins with them; a new program has key 0 alone", () => {
    const task = start(1);
    take(task, NO_WRITE);
    protect(task, [0, 1], 1);
    const child = task.machine.processes.find(must(call(task, "fork")))!.thread!.payload;
    expect(touched(child, 0, "write")).toBe("access/protection-key");
    must(call(child, "pkey_free", 1));
    expect(take(child)).toBe(1);
    expect(touched(child, 0, "write")).toBe("");
    expect(touched(task, 0, "write")).toBe("access/protection-key");
    must(call(child, "execve"));
    expect(said(call(child, "pkey_free", 1))).toBe("EINVAL pkey_free/not-taken");
    expect(child.keyRights).toBe(0x5555_5554);
  });

  test("of a thread are not those of another, though the key is", () => {
    const task = start(1);
    const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    const tid = must(call(task, "clone", flags, 0, 0, 0, 0));
    const thread = task.machine.processes.find(tid)!.thread!.payload;
    expect(take(task)).toBe(1);
    expect(protect(thread, [0, 1], 1)).toBe(0);
    expect(touched(task, 0, "write")).toBe("");
    expect(touched(thread, 0, "read")).toBe("access/protection-key");
  });

  test("are taken back with the call that set them", () => {
    const task = start(1);
    const { journal } = task.machine.ports;
    const mark = journal.begin();
    take(task, NO_WRITE);
    protect(task, [0, 1], 1);
    journal.undo(mark);
    expect(task.keyRights).toBe(0x5555_5554);
    expect(areas(task)).toBe("1:0");
    expect(take(task)).toBe(1);
  });
});

describe("memory for execution alone", () => {
  const only = (task: Task, page: number, pages = 1): number | string =>
    said(call(task, "mprotect", at(page), pages * PAGE, PROT.PROT_EXEC));

  test("has a key of its own, which nobody else is given", () => {
    const task = start(4);
    expect(only(task, 1)).toBe(0);
    expect(areas(task)).toBe("1:0 1:1 2:0");
    expect(touched(task, 1, "read")).toBe("access/protection-key");
    expect(touched(task, 1, "execute")).toBe("");
    expect(said(call(task, "pkey_free", 1))).toBe("EINVAL pkey_free/not-taken");
    expect(protect(task, [0, 1], 1)).toBe("EINVAL pkey_mprotect/not-taken");
    expect(take(task)).toBe(2);
    expect(only(task, 2)).toBe(0);
    expect(areas(task)).toBe("1:0 2:1 1:0");
  });

  test("gives the key up when anything else is allowed, or nothing is", () => {
    for (const prot of [PROT.PROT_NONE, PROT.PROT_READ, PROT.PROT_EXEC | PROT.PROT_SEM]) {
      const task = start(1);
      only(task, 0);
      must(call(task, "mprotect", HEAP, PAGE, prot));
      expect(areas(task)).toBe("1:0");
    }
  });

  test("keeps a key that was asked for until the protection is asked for anew", () => {
    const task = start(1);
    take(task);
    protect(task, [0, 1], 1, PROT.PROT_EXEC);
    expect(areas(task)).toBe("1:1");
    expect(touched(task, 0, "read")).toBe("");
    only(task, 0);
    expect(areas(task)).toBe("1:2");
  });

  test("has it from mmap on, and is not brought in", () => {
    const task = start(1);
    must(call(task, "mmap", at(4), PAGE, PROT.PROT_EXEC, FIXED | 0x8000, -1, 0));
    expect(areas(task)).toBe("1:0 1:1");
    expect(task.space.pages.bitsOf(at(4) / PAGE)).toBe(0);
  });

  test.each([
    ["no key is left", {}, "8:0"],
    ["the processor has no keys", { settings: { protectionKeys: false } }, "8:0"],
  ])("keeps the one that it has where %s", (_, options, expected) => {
    const task = start(8, options);
    for (let i = 0; i < 15; i++) take(task);
    expect(only(task, 0, 8)).toBe(0);
    expect(areas(task)).toBe(expected);
    expect(touched(task, 0, "read")).toBe("");
  });
});

test("a processor without keys has none, and not even key 0 is one", () => {
  const task = start(1, { settings: { protectionKeys: false } });
  expect(take(task)).toBe("EINVAL pkey_alloc/unsupported");
  expect(take(task, 4)).toBe("EINVAL pkey_alloc/rights");
  expect(said(call(task, "pkey_free", 0))).toBe("EINVAL pkey_free/not-taken");
  expect(protect(task, [0, 1], 0)).toBe("EINVAL pkey_mprotect/not-taken");
  expect(protect(task, [0, 1], -1)).toBe(0);
});

// Linux 6.18.44 on a processor without keys.
test("there the first who asks for a key takes the only one that there is, and gets nothing", () => {
  const task = start(1, { settings: { protectionKeys: false } });
  expect(take(task, 4)).toBe("EINVAL pkey_alloc/rights");
  expect(take(task)).toBe("EINVAL pkey_alloc/unsupported");
  expect(take(task)).toBe("ENOSPC pkey_alloc/all-taken");
  expect(said(call(task, "pkey_free", 0))).toBe("EINVAL pkey_free/not-taken");
  expect(take(task)).toBe("ENOSPC pkey_alloc/all-taken");
  const child = task.machine.processes.find(must(call(task, "fork")))!.thread!.payload;
  expect(take(child)).toBe("ENOSPC pkey_alloc/all-taken");
});

// Linux 6.12 to 7.3: mm/mseal_test's sealed pages whose key denies writing.
describe("a key that denies writing makes a seal hold against what throws contents away", () => {
  test.each([
    ["6.12", 0, MADV.MADV_DONTNEED, "0"],
    ["6.12", NO_WRITE, MADV.MADV_DONTNEED, "EPERM madvise/sealed"],
    ["7.3", NO_ACCESS, MADV.MADV_FREE, "EPERM madvise/sealed"],
    ["7.3", NO_WRITE, MADV.MADV_DONTNEED, "EPERM madvise/sealed"],
    ["7.3", NO_WRITE, MADV.MADV_COLD, "0"],
  ])("on %s, denied %i, advice %i: %s", (release, denied, advice, answer) => {
    const task = start(8, { release });
    const key = take(task, denied);
    expect(protect(task, [2, 2], Number(key))).toBe(0);
    must(call(task, "mseal", at(2), 2 * PAGE, 0));
    expect(String(said(call(task, "madvise", at(2), 2 * PAGE, advice)))).toBe(answer);
  });

  test("and nothing else: what is not sealed may be thrown away", () => {
    const task = start(8, { release: "7.3" });
    protect(task, [2, 2], Number(take(task, NO_WRITE)));
    expect(said(call(task, "madvise", at(2), 2 * PAGE, MADV.MADV_DONTNEED))).toBe(0);
  });
});
