import { Inode, OpenFile, UnstatedFile, type InodeOptions } from "@kadvise/files";
import { CLONE, F, F_SEAL, MFD, must, O } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, call32, decoded, said, TestMachine } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";

const KEEP = 1;
const HOLE = 3;

function open(
  task: Task,
  options: InodeOptions,
  flags: number = O.O_RDWR,
  mappable = true,
): number {
  const file = new OpenFile(new Inode(options), { flags, path: "/file", mappable });
  return must(task.files.open(file, false, 1024));
}

function memfd(release = "6.12"): { task: Task; fd: number; inode: Inode } {
  const task = taskWithPages(6, { release });
  must(task.space.write(HEAP / PAGE, "m\0"));
  const fd = must(call(task, "memfd_create", HEAP, MFD.MFD_ALLOW_SEALING));
  const file = task.files.get(fd)?.file;
  if (file?.kind !== "file") throw new Error("no file");
  return { task, fd, inode: file.object };
}

const ask = (task: Task, ...registers: (number | bigint)[]): string =>
  String(said(call(task, "fallocate", ...registers)));

describe("fallocate asks in this order", () => {
  const task = taskWithPages(1);
  const fds = {
    none: 99,
    path: open(task, {}, O.O_PATH),
    reader: open(task, { isPipe: true }, O.O_RDONLY, false),
    pipe: open(task, { isPipe: true, appendOnly: true }, O.O_WRONLY, false),
    device: open(task, {}, O.O_RDWR, false),
    special: open(task, { kind: "special" }),
    log: open(task, { appendOnly: true }),
    secret: open(task, { kind: "secret" }),
    huge: open(task, { kind: "hugetlb" }),
    memory: open(task, { kind: "shmem" }),
    frozen: open(task, { canPunch: false }),
    unstated: must(task.files.open(new UnstatedFile(), false, 1024)),
    pidfd: must(call(task, "pidfd_open", task.pid.number, 0)),
  } as const;

  test.each([
    ["whether it is open", "none", 0x200, -1, "EBADF fallocate/bad-fd"],
    ["or a mere path", "path", 0x200, -1, "EBADF fallocate/bad-fd"],
    ["then the offset", "reader", 0x200, -1, "EINVAL fallocate/bad-range"],
    ["then the mode", "reader", 0x200, 0, "EOPNOTSUPP fallocate/unknown-mode"],
    ["then whether it may be written", "reader", 0, 0, "EBADF fallocate/not-writable"],
    ["then whether it only grows", "pipe", HOLE, 0, "EPERM fallocate/append-only"],
    ["which room does not mind", "pipe", KEEP, 0, "ESPIPE fallocate/pipe"],
    ["then what it is", "device", 0, 0, "ENODEV fallocate/not-a-file"],
    ["the vdso's is none", "special", 0, 0, "ENODEV fallocate/not-a-file"],
    ["nor one of which nobody said", "unstated", 0, 0, "ENODEV fallocate/not-a-file"],
    ["a pidfd", "pidfd", 0, 0, "EPERM fallocate/immutable"],
    ["then where the range ends", "secret", 0, 2n ** 63n - 5n, "EFBIG fallocate/too-large"],
    ["then what the file can", "secret", 0, 0, "EOPNOTSUPP fallocate/not-supported"],
    ["which is no other mode", "memory", 0x10, 0, "EOPNOTSUPP fallocate/not-supported"],
    ["nor a hole everywhere", "frozen", HOLE, 0, "EOPNOTSUPP fallocate/not-supported"],
    ["there is room in what only grows", "log", 0, 0, "0"],
    ["there is no huge page", "huge", 0, 0, "ENOSPC fallocate/no-room"],
    ["but a hole where none was", "huge", HOLE, 0, "0"],
    ["no more pages than a machine has", "memory", 0, 2n ** 62n, "ENOSPC fallocate/no-room"],
  ] as const)("%s", (_, name, mode, offset, answer) => {
    const length = answer.includes("no-room") && name === "memory" ? 2n ** 61n : 10;
    expect(ask(task, fds[name], mode, offset, length)).toBe(answer);
  });

  test("and says EINVAL of several modes before 6.12", () => {
    const shown = (release: string): string => {
      const { task: old, fd } = memfd(release);
      return ask(old, fd, 0x28, 0, 1);
    };
    expect(shown("6.1")).toBe("EINVAL fallocate/mixed-modes");
    expect(shown("6.12")).toBe("EOPNOTSUPP fallocate/unknown-mode");
  });

  test("a pidfd counts as a file that has no room, in newer kernels", () => {
    const shown = (release: string): readonly unknown[] => {
      const { task: own } = memfd(release);
      const fd = must(call(own, "pidfd_open", own.pid.number, 0));
      return [ask(own, fd, 0, 0, 1), said(call(own, "ftruncate", fd, 1))];
    };
    expect(shown("6.1")).toEqual(["ENODEV fallocate/not-a-file", "EINVAL ftruncate/not-writable"]);
    expect(shown("6.16")).toEqual(["EPERM fallocate/immutable", "EOPNOTSUPP ftruncate/pidfd"]);
    expect(shown("6.17")).toEqual([
      "EOPNOTSUPP fallocate/not-supported",
      "EOPNOTSUPP ftruncate/pidfd",
    ]);
  });

  test("a length of nothing is none", () => {
    expect(ask(task, fds.memory, 0, 0, 0)).toBe("EINVAL fallocate/bad-range");
    expect(ask(task, fds.memory, 0, 0, -1)).toBe("EINVAL fallocate/bad-range");
  });
});

describe("room", () => {
  test("makes the file longer, unless its size is to stay", () => {
    const { task, fd, inode } = memfd();
    expect(ask(task, fd, KEEP, 0, 3 * PAGE)).toBe("0");
    expect(inode.sizeBytes).toBe(0);
    expect(ask(task, fd, 0, 10, 20)).toBe("0");
    expect(inode.sizeBytes).toBe(30);
    expect(ask(task, fd, 0, 0, 5)).toBe("0");
    expect(inode.sizeBytes).toBe(30);
  });

  test("is of pages, in memory for good", () => {
    const { task, fd, inode } = memfd();
    const { memory } = task.machine;
    const before = memory.committedPages;
    expect(ask(task, fd, 0, PAGE - 1, 2)).toBe("0");
    expect([...memory.cache(inode).pages.keys()]).toEqual([0, 1]);
    expect(memory.committedPages).toBe(before + 2);
  });

  test("on a disk is none in memory", () => {
    const task = taskWithPages(1);
    const fd = open(task, {});
    expect(ask(task, fd, 0, 0, PAGE)).toBe("0");
    const file = task.files.get(fd)?.file;
    if (file?.kind !== "file") throw new Error("no file");
    expect([file.object.sizeBytes, task.machine.memory.cache(file.object).pages.size]).toEqual([
      PAGE,
      0,
    ]);
  });

  test("is refused where the machine promises no more", () => {
    const settings = { overcommit: 2, commitLimitPages: 2000, committedPages: 100 } as const;
    const task = new TestMachine({ settings }).spawn();
    const fd = open(task, { kind: "shmem" });
    expect(ask(task, fd, 0, 0, 4000 * PAGE)).toBe("ENOSPC fallocate/no-room");
    expect(ask(task, fd, 0, 0, 8 * PAGE)).toBe("0");
  });
});

describe("seals", () => {
  const { F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_FUTURE_WRITE, F_SEAL_SHRINK } = F_SEAL;
  test.each([
    ["against growing, of what is there", F_SEAL_GROW, 0, 2, "0"],
    ["against growing", F_SEAL_GROW, 0, 3, "EPERM fallocate/sealed"],
    ["against growing, also where the size stays", F_SEAL_GROW, KEEP, 3, "EPERM fallocate/sealed"],
    ["against growing, a hole", F_SEAL_GROW, HOLE, 9, "0"],
    ["against shrinking, a hole", F_SEAL_SHRINK, HOLE, 2, "0"],
    ["against writing", F_SEAL_WRITE, HOLE, 2, "EPERM fallocate/sealed"],
    ["against future writing", F_SEAL_FUTURE_WRITE, HOLE, 2, "EPERM fallocate/sealed"],
    ["against writing, room", F_SEAL_WRITE | F_SEAL_FUTURE_WRITE, 0, 2, "0"],
  ])("%s", (_, seals, mode, pages, answer) => {
    const { task, fd } = memfd();
    call(task, "ftruncate", fd, 2 * PAGE);
    must(call(task, "fcntl", fd, F.F_ADD_SEALS, seals));
    expect(ask(task, fd, mode, 0, pages * PAGE)).toBe(answer);
  });
});

test("a sealed file of huge pages took small holes once", () => {
  const shown = (release: string): readonly string[] => {
    const task = taskWithPages(1, { release });
    const fd = open(task, { kind: "hugetlb", seals: F_SEAL.F_SEAL_WRITE });
    return [2 ** 21 - 1, 2 ** 21].map((length) => ask(task, fd, HOLE, 0, length));
  };
  expect(shown("5.10")).toEqual(["0", "EPERM fallocate/sealed"]);
  expect(shown("6.1")).toEqual(["EPERM fallocate/sealed", "EPERM fallocate/sealed"]);
});

describe("RLIMIT_FSIZE", () => {
  const bounded = (): { task: Task; fd: number } => {
    const { task, fd } = memfd();
    call(task, "ftruncate", fd, PAGE);
    task.limits.set("RLIMIT_FSIZE", { soft: 2 * PAGE, hard: 4 * PAGE });
    return { task, fd };
  };
  const ended = (task: Task): unknown => [
    task.pid.group?.state ?? "gone",
    task.pid.group?.exitStatus?.signal ?? 0,
  ];

  test.each([
    ["fallocate", [0, 0, 2 * PAGE + 1]],
    ["fallocate", [KEEP, 2 * PAGE, 1]],
    ["ftruncate", [2 * PAGE + 1]],
  ] as const)("%s beyond it is EFBIG, and the end by SIGXFSZ", (name, args) => {
    const machine = new TestMachine();
    const parent = machine.spawn();
    const task = machine.spawn({ parent });
    const fd = open(task, { kind: "shmem", sizeBytes: PAGE });
    task.limits.set("RLIMIT_FSIZE", { soft: 2 * PAGE, hard: 4 * PAGE });
    expect(said(call(task, name, fd, ...args))).toBe("EFBIG file/size-limit");
    expect(ended(task)).toEqual(["zombie", 25]);
  });

  test("up to it, and of holes, nobody asks", () => {
    const { task, fd } = bounded();
    expect(ask(task, fd, 0, 0, 2 * PAGE)).toBe("0");
    expect(ask(task, fd, HOLE, 0, 9 * PAGE)).toBe("0");
    expect(said(call(task, "ftruncate", fd, 2 * PAGE))).toBe(0);
  });

  test("a file that is larger already may lose some", () => {
    const { task, fd } = bounded();
    task.limits.set("RLIMIT_FSIZE", { soft: 10, hard: 10 });
    expect(ask(task, fd, 0, 0, PAGE)).toBe("0");
    expect(said(call(task, "ftruncate", fd, 20))).toBe(0);
  });

  test("the first process of a pid namespace hears no such signal", () => {
    const machine = new TestMachine();
    const maker = machine.spawn();
    must(call(maker, "unshare", CLONE.CLONE_NEWPID));
    const init = machine.task(must(call(maker, "fork")));
    const fd = open(init, { kind: "shmem" });
    init.limits.set("RLIMIT_FSIZE", { soft: 0, hard: 0 });
    expect(ask(init, fd, 0, 0, 1)).toBe("EFBIG file/size-limit");
    expect(ended(init)).toEqual(["alive", 0]);
  });
});

describe("numbers of 64 bits", () => {
  test("come whole on x86-64, also decoded", () => {
    const { task, fd, inode } = memfd();
    const outcome = decoded(task, "fallocate", fd, "FALLOC_FL_KEEP_SIZE", 2n ** 32n, PAGE);
    expect(outcome.outcome.ok).toBe(true);
    expect([...task.machine.memory.cache(inode).pages.keys()]).toEqual([2 ** 20]);
  });

  test("come in halves on i386", () => {
    const { task, fd, inode } = memfd();
    expect(said(call32(task, "ia32_fallocate", fd, KEEP, 5, 1, 1, 0))).toBe(0);
    expect([...task.machine.memory.cache(inode).pages.keys()]).toEqual([2 ** 20]);
    const tooLong = call32(task, "ia32_fallocate", fd, 0, 0, 0, 0, 0x8000_0000);
    expect(said(tooLong)).toBe("EINVAL fallocate/bad-range");
    const negative = call32(task, "ia32_fallocate", fd, 0, 0, 0xffff_ffff, 1, 0);
    expect(said(negative)).toBe("EINVAL fallocate/bad-range");
    expect(said(call32(task, "ia32_fallocate", fd, 0, 0, 0, 0xffff_ffff, 0x7fff_ffff))).toBe(
      "ENOSPC fallocate/no-room",
    );
  });
});
