import { CLONE, IPC, MAP, MFD, must, SHM, SHMGET } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said, TestMachine } from "../testing/machine.ts";
import { PAGE } from "../testing/pages.ts";

const HUGE = 2 ** 21;
const A = 0x2000_0000;
const BUFFER = 0x2f00_0000;
const FIXED = MAP.MAP_FIXED | MAP.MAP_HUGETLB | MAP.MAP_ANONYMOUS;
const PRIVATE = FIXED | MAP.MAP_PRIVATE;
const HOLE = 3;
const SIZE = (log2: number): number => log2 * 2 ** 26;

/** A process on a machine with so many huge pages, and a page for names. */
function process(hugePages: number, release = "6.18"): Task {
  const task = new TestMachine({ release, settings: { hugePages } }).spawn();
  must(call(task, "mmap", BUFFER, PAGE, 3, 0x32, -1, 0));
  must(task.space.write(BUFFER / PAGE, "h\0"));
  return task;
}

const ask = (task: Task, name: string, ...registers: (number | bigint)[]): string =>
  String(said(call(task, name, ...registers)));
const map = (task: Task, at: number, length: number | bigint, flags = PRIVATE, fd = -1): string =>
  ask(task, "mmap", at, length, 3, flags, fd, 0);
const memfd = (task: Task, flags = 0): string =>
  ask(task, "memfd_create", BUFFER, MFD.MFD_HUGETLB | flags);

function taskOf({ machine }: Task, pid: number): Task {
  const task = machine.processes.find(pid)?.thread?.payload;
  if (task === undefined) throw new RangeError(`no task ${pid}`);
  return task;
}

function pool({ machine }: Task): readonly number[] {
  const { free, reserved } = machine.memory.hugePools[0];
  return [free, reserved];
}

describe("mmap", () => {
  test.each([
    ["of a machine without huge pages", HUGE, 0, "ENOMEM mmap/no-huge-pages"],
    ["of a size that there is not", HUGE, SIZE(19), "EINVAL mmap/huge-size"],
    ["of a size that there is not, and of nothing", 0, SIZE(19), "EINVAL mmap/huge-size"],
    ["of that size, and all there is", 2n ** 64n - 1n, SIZE(19), "EINVAL mmap/huge-size"],
    ["of gigantic pages", HUGE, SIZE(30), "EINVAL mmap/huge-unaligned"],
    ["of nothing", 0, 0, "EINVAL mmap/zero-length"],
    ["of a length that wraps when it is rounded up", 2n ** 64n - 1n, 0, "EINVAL mmap/zero-length"],
    ["of one that just does not", 2n ** 64n - 2n ** 21n, 0, "ENOMEM mmap/no-room"],
    ["of gigantic pages that wrap", 2n ** 64n - 2n ** 29n, SIZE(30), "EINVAL mmap/zero-length"],
  ])("%s", (_name, length, flags, answer) => {
    expect(map(process(0), A, length, PRIVATE | flags)).toBe(answer);
  });

  test("by the 32-bit gate rounds up as well", () => {
    const task = process(1);
    const mapped = said(call32(task, "mmap2", A, 1, 3, PRIVATE, -1, 0));
    expect([mapped, pool(task), task.space.totalPages]).toEqual([A, [1, 1], 513]);
  });

  test("of a file rounds up to its huge pages, with MAP_HUGETLB or without", () => {
    const task = process(1);
    const fd = Number(memfd(task));
    expect(map(task, A, 1, MAP.MAP_SHARED | MAP.MAP_FIXED, fd)).toBe(String(A));
    expect(ask(task, "munmap", A, PAGE)).toBe("EINVAL munmap/special");
    const flags = MAP.MAP_SHARED | MAP.MAP_FIXED | MAP.MAP_HUGETLB;
    expect(map(task, A, 1, flags, fd)).toBe(String(A));
    expect(map(task, A, 2n ** 64n - 1n, MAP.MAP_SHARED, fd)).toBe("EINVAL mmap/zero-length");
  });
});

describe("a file of huge pages", () => {
  test.each([
    [19, "ENODEV memfd_create/huge-size"],
    [21, "3"],
    [30, "3"],
  ])("of 2^%i bytes: %s", (log2, answer) => {
    expect(memfd(process(0), SIZE(log2))).toBe(answer);
  });

  test("of gigantic pages has their length", () => {
    const task = process(0);
    const fd = Number(memfd(task, SIZE(30)));
    expect(ask(task, "ftruncate", fd, HUGE)).toBe("EINVAL ftruncate/huge-unaligned");
    expect(ask(task, "ftruncate", fd, 2 ** 30)).toBe("0");
    expect(ask(task, "fallocate", fd, 0, 0, 1)).toBe("ENOSPC fallocate/no-room");
  });

  test("gets room from the pool, and gives it back", () => {
    const task = process(3);
    const fd = Number(memfd(task));
    expect(ask(task, "fallocate", fd, 0, HUGE, 1)).toBe("0");
    expect(pool(task)).toEqual([2, 0]);
    expect(map(task, A, 2 * HUGE, MAP.MAP_SHARED | MAP.MAP_FIXED, fd)).toBe(String(A));
    // The second page is there already.
    expect(pool(task)).toEqual([2, 1]);
    expect(ask(task, "fallocate", fd, HOLE, HUGE, HUGE)).toBe("0");
    expect(pool(task)).toEqual([3, 1]);
    expect(ask(task, "fallocate", fd, 0, 0, 4 * HUGE)).toBe("ENOSPC fallocate/no-room");
    expect(pool(task)).toEqual([0, 0]);
    expect(ask(task, "ftruncate", fd, 0)).toBe("0");
    expect(pool(task)).toEqual([3, 0]);
  });

  test("ends when nobody has it open, nor shows it", () => {
    const task = process(1);
    const fd = Number(memfd(task));
    expect(ask(task, "fallocate", fd, 0, 0, 1)).toBe("0");
    const child = taskOf(task, must(call(task, "fork")));
    must(call(task, "close", fd));
    expect(map(task, A, HUGE)).toBe("ENOMEM mmap/no-huge-pages");
    must(call(child, "exit_group", 0));
    expect(map(task, A, HUGE)).toBe(String(A));
  });

  test("lives on where it is mapped", () => {
    const task = process(1);
    const fd = Number(memfd(task));
    const shared = MAP.MAP_SHARED | MAP.MAP_FIXED;
    expect(map(task, A, HUGE, shared, fd)).toBe(String(A));
    must(call(task, "close", fd));
    expect(map(task, A + HUGE, HUGE)).toBe("ENOMEM mmap/no-huge-pages");
    must(call(task, "munmap", A, HUGE));
    expect(map(task, A + HUGE, HUGE)).toBe(String(A + HUGE));
  });

  test("is open for a thread that shares the table of its maker", () => {
    const task = process(1);
    const fd = Number(memfd(task));
    expect(ask(task, "fallocate", fd, 0, 0, 1)).toBe("0");
    const other = taskOf(task, must(call(task, "clone", CLONE.CLONE_FILES | 17, 0, 0, 0, 0)));
    must(call(task, "exit_group", 0));
    expect(map(other, A, HUGE)).toBe("ENOMEM mmap/no-huge-pages");
  });
});

describe("a segment of huge pages", () => {
  const make = (task: Task, bytes: number, flags = 0): string =>
    ask(task, "shmget", 0, bytes, SHMGET.SHM_HUGETLB | flags | 0o600);

  test("has them reserved from its making to its end", () => {
    const task = process(3);
    expect([make(task, 4 * HUGE), make(task, HUGE + 1)]).toEqual(["ENOMEM shmget/no-memory", "0"]);
    expect(pool(task)).toEqual([3, 2]);
    expect(ask(task, "shmat", 0, A, 0)).toBe(String(A));
    expect([pool(task), task.space.totalPages]).toEqual([[3, 2], 1025]);
    must(task.space.touch(A / PAGE + 1023));
    expect(pool(task)).toEqual([2, 1]);
    must(call(task, "shmctl", 0, IPC.IPC_RMID, 0));
    expect(ask(task, "shmdt", A)).toBe("0");
    expect([pool(task), task.space.totalPages]).toEqual([[3, 0], 1]);
  });

  test("is attached at whole huge pages, where nothing else lies", () => {
    const task = process(2);
    make(task, HUGE + 1);
    expect(ask(task, "shmat", 0, A + PAGE, 0)).toBe("EINVAL mmap/huge-unaligned");
    must(call(task, "mmap", A + HUGE + 5 * PAGE, PAGE, 3, 0x32, -1, 0));
    expect(ask(task, "shmat", 0, A, 0)).toBe("EINVAL shmat/occupied");
    expect(ask(task, "shmat", 0, A, SHM.SHM_REMAP)).toBe(String(A));
  });

  test("reserves nothing with SHM_NORESERVE, and promises no small pages", () => {
    const task = process(0);
    const before = task.machine.memory.committedPages;
    expect(make(task, 9 * HUGE, SHMGET.SHM_NORESERVE)).toBe("0");
    expect(task.machine.memory.committedPages).toBe(before);
    must(call(task, "shmat", 0, A, 0));
    expect(task.space.touch(A / PAGE)).toMatchObject({ reason: { id: "access/no-huge-page" } });
  });

  test("need not be locked: it is always in memory", () => {
    const task = process(1);
    task.limits.set("RLIMIT_MEMLOCK", { soft: 1, hard: 1 });
    make(task, 1);
    expect(ask(task, "shmctl", 0, IPC.SHM_LOCK, 0)).toBe("0");
    expect(task.ipc.get(0)?.unevictable).toBe(false);
  });

  test("that finds no number gives back what it reserved", () => {
    const task = process(1);
    for (let i = 0; i < 4096; i++) must(call(task, "shmget", 0, 1, 0o600));
    expect([make(task, 1), pool(task)]).toEqual(["ENOSPC shmget/too-many", [1, 0]]);
  });
});
