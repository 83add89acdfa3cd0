import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, said, TestMachine } from "../testing/machine.ts";
import { HEAP, LIMIT, PAGE, rights, taskWithPages } from "../testing/pages.ts";

type Row = readonly [string, readonly (number | bigint)[], number | string];

const BEYOND = LIMIT + PAGE;

/** Sheet mm.md 5.1 to 5.7: what each call says of an odd range. Six pages lie at HEAP. */
const CALLS: readonly (readonly [string, readonly Row[]])[] = [
  [
    "mseal",
    [
      ["a flag, before an odd start", [HEAP + 1, PAGE, 1], "EINVAL mseal/flags"],
      ["an unaligned start", [HEAP + 1, 0, 0], "EINVAL mseal/unaligned"],
      ["a length that rounds up to zero", [HEAP, -1, 0], "EINVAL mseal/range-wraps"],
      ["a range that wraps", [-PAGE, 2 * PAGE, 0], "EINVAL mseal/range-wraps"],
      ["nothing, anywhere", [0x3000_0000, 0, 0], 0],
      ["a hole", [0x3000_0000, PAGE, 0], "ENOMEM mseal/hole"],
      ["a page", [HEAP, 1, 0], 0],
    ],
  ],
  [
    "mremap",
    [
      ["an unknown flag", [HEAP, PAGE, PAGE, 8, 0], "EINVAL mremap/unknown-flags"],
      ["an unaligned start", [HEAP + 1, PAGE, PAGE, 0, 0], "EINVAL mremap/unaligned"],
      ["a new length of zero", [HEAP, PAGE, 0, 0, 0], "EINVAL mremap/zero-length"],
      ["a new length that rounds up to zero", [HEAP, PAGE, -1, 1, 0], "EINVAL mremap/zero-length"],
      ["MREMAP_FIXED alone", [HEAP, PAGE, PAGE, 2, 0], "EINVAL mremap/needs-may-move"],
      ["MREMAP_DONTUNMAP alone", [HEAP, PAGE, PAGE, 4, 0], "EINVAL mremap/needs-may-move"],
      [
        "MREMAP_DONTUNMAP and another length",
        [HEAP, PAGE, 1, 5, 0],
        "EINVAL mremap/dontunmap-resizes",
      ],
      ["the same length", [HEAP, PAGE, PAGE, 0, 0], HEAP],
      ["lengths that round up to the same", [HEAP, 1, 9, 0, 0], HEAP],
      [
        "an old length that rounds up to zero",
        [HEAP, -1, PAGE, 1, 0],
        "EINVAL mremap/private-duplicate",
      ],
      ["a new address", [HEAP, PAGE, PAGE, 3, 0x3000_0000], 0x3000_0000],
      ["an odd new address", [HEAP, PAGE, PAGE, 3, 0x3000_0001], "EINVAL mremap/target-unaligned"],
      ["a hole", [0x3000_0000, PAGE, PAGE, 0, 0], "EFAULT mremap/no-area"],
    ],
  ],
  [
    "munmap",
    [
      ["nothing mapped", [0x3000_0000, PAGE], 0],
      ["a length of zero", [HEAP, 0], "EINVAL munmap/zero-length"],
      ["a length that rounds up to zero", [HEAP, -1], "EINVAL munmap/beyond-limit"],
      ["an unaligned start", [HEAP + 1, PAGE], "EINVAL munmap/unaligned"],
      ["an unaligned start before a length of zero", [HEAP + 1, 0], "EINVAL munmap/unaligned"],
      ["the last page of the user half", [LIMIT - PAGE, PAGE], 0],
      ["one page more", [LIMIT - PAGE, 2 * PAGE], "EINVAL munmap/beyond-limit"],
      ["one byte more", [LIMIT - PAGE, PAGE + 1], "EINVAL munmap/beyond-limit"],
      [
        "a start beyond the user half, before a length of zero",
        [BEYOND, 0],
        "EINVAL munmap/beyond-limit",
      ],
      ["the limit itself, with nothing", [LIMIT, 0], "EINVAL munmap/zero-length"],
      ["part of a page takes the page", [HEAP, 1], 0],
    ],
  ],
  [
    "mprotect",
    [
      ["a length of zero, anywhere", [0x3000_0000, 0, 1], 0],
      [
        "an unaligned start, before a length of zero",
        [HEAP + 1, 0, 1],
        "EINVAL mprotect/unaligned",
      ],
      [
        "both directions of growth, before an unaligned start",
        [HEAP + 1, 0, 0x0300_0000],
        "EINVAL mprotect/both-directions",
      ],
      ["a length that rounds up to zero", [HEAP, -1, 1], "ENOMEM mprotect/range-wraps"],
      ["a range that wraps", [-PAGE, 2 * PAGE, 1], "ENOMEM mprotect/range-wraps"],
      [
        "a range that wraps, before unknown protection",
        [-PAGE, 2 * PAGE, 0x10],
        "ENOMEM mprotect/range-wraps",
      ],
      [
        "an unknown protection, before a hole",
        [0x3000_0000, PAGE, 0x10],
        "EINVAL mprotect/unknown-protection",
      ],
      ["PROT_SEM", [HEAP, PAGE, 0x8 | 1], 0],
      ["a hole", [0x3000_0000, PAGE, 1], "ENOMEM mprotect/hole"],
      [
        "growing down where nothing does",
        [HEAP, PAGE, 0x0100_0001],
        "EINVAL mprotect/not-growsdown",
      ],
      ["a kernel address", [0xffff_8000_0000_0000n, PAGE, 1], "ENOMEM mprotect/hole"],
    ],
  ],
  [
    "mlock",
    [
      ["a length of zero, anywhere", [0x3000_0000, 0], 0],
      ["a length that rounds up to zero", [HEAP, -1], 0],
      ["an unaligned range takes its pages", [HEAP + 1, PAGE], 0],
      ["a hole", [0x3000_0000, PAGE], "ENOMEM mlock/hole"],
      ["a range that wraps", [-PAGE, 2 * PAGE], "EINVAL mlock/range-wraps"],
    ],
  ],
  [
    "munlock",
    [
      ["a length that rounds up to zero", [HEAP, -1], 0],
      ["what is not locked", [HEAP, PAGE], 0],
      ["a hole", [0x3000_0000, PAGE], "ENOMEM mlock/hole"],
      ["a range that wraps", [-PAGE, 2 * PAGE], "EINVAL mlock/range-wraps"],
    ],
  ],
  [
    "msync",
    [
      ["unknown flags, before an unaligned start", [HEAP + 1, PAGE, 8], "EINVAL msync/flags"],
      ["an unaligned start", [HEAP + 1, PAGE, 4], "EINVAL msync/unaligned"],
      ["MS_ASYNC and MS_SYNC together", [HEAP, PAGE, 5], "EINVAL msync/flags"],
      ["a length that rounds up to zero", [HEAP, -1, 4], 0],
      ["a range that wraps", [-PAGE, 2 * PAGE, 4], "ENOMEM msync/range-wraps"],
      ["a hole", [0x3000_0000, PAGE, 4], "ENOMEM msync/hole"],
      ["nothing to write", [HEAP, PAGE, 4], 0],
    ],
  ],
  [
    "mincore",
    [
      [
        "an unaligned start, before the user half",
        [BEYOND + 1, PAGE, 8],
        "EINVAL mincore/unaligned",
      ],
      [
        "a range beyond the user half, before the vector",
        [BEYOND, PAGE, -1],
        "ENOMEM mincore/beyond-limit",
      ],
      [
        "a vector beyond the user half, before a hole",
        [0x3000_0000, PAGE, BEYOND],
        "EFAULT mincore/vector-fault",
      ],
      ["a length of zero, with a wild vector below the limit", [HEAP, 0, 8], 0],
      [
        "a hole, before a vector that cannot be written",
        [0x3000_0000, PAGE, 8],
        "ENOMEM mincore/hole",
      ],
      ["a vector that cannot be written", [HEAP, PAGE, 8], "EFAULT mincore/vector-fault"],
    ],
  ],
  [
    "madvise",
    [
      ["a length of zero, in a hole", [0x3000_0000, 0, 4], 0],
      ["an unaligned start, with nothing", [HEAP + 1, 0, 4], "EINVAL madvise/unaligned-start"],
      [
        "an unknown advice, before an unaligned start",
        [HEAP + 1, 0, 99],
        "EINVAL madvise/unknown-advice",
      ],
      ["two advices ORed", [HEAP, PAGE, 4 | 1], "EINVAL madvise/unknown-advice"],
      ["a length that rounds up to zero", [HEAP, -1, 4], "EINVAL madvise/length-wraps"],
      ["a range that wraps", [HEAP, -PAGE, 4], "EINVAL madvise/range-wraps"],
      ["an end of exactly 2^64", [-PAGE, PAGE, 4], "EINVAL madvise/range-wraps"],
      ["the page before that", [-2 * PAGE, PAGE, 4], "ENOMEM madvise/hole"],
      ["a kernel address", [0xffff_8000_0000_0000n, PAGE, 4], "ENOMEM madvise/hole"],
      ["the page at NULL", [0, PAGE, 4], "ENOMEM madvise/hole"],
      ["a length in bytes", [HEAP, 1, 4], 0],
      ["an advice with upper bits", [HEAP, PAGE, (1n << 32n) | 4n], 0],
    ],
  ],
];

describe.each(CALLS)("%s of an odd range", (name, rows) => {
  test.each(rows)("%s", (_what, registers, expected) => {
    const task = taskWithPages(6);
    expect(said(call(task, name, ...registers))).toBe(expected);
  });
});

describe("what a refused call leaves behind", () => {
  test("munmap: nothing is done before its arguments are sound", () => {
    const task = taskWithPages(6);
    call(task, "munmap", HEAP, -1);
    call(task, "munmap", HEAP + 1, PAGE);
    expect(rights(task, 6)).toBe("rw rw rw rw rw rw");
    must(call(task, "munmap", HEAP + PAGE, 2 * PAGE));
    expect(rights(task, 6)).toBe("rw - - rw rw rw");
  });

  test("mprotect: areas before the hole stay changed", () => {
    const task = taskWithPages(6);
    must(call(task, "munmap", HEAP + 3 * PAGE, PAGE));
    expect(said(call(task, "mprotect", HEAP + PAGE, 4 * PAGE, 1))).toBe("ENOMEM mprotect/hole");
    expect(rights(task, 6)).toBe("rw r r - rw rw");
  });

  test("mincore: bytes before the hole are written", () => {
    const task = taskWithPages(4);
    must(call(task, "munmap", HEAP + 2 * PAGE, PAGE));
    must(task.space.touch(HEAP / PAGE));
    const vector = HEAP + 3 * PAGE;
    must(task.space.write(vector / PAGE, Uint8Array.of(9, 9, 9, 9)));
    expect(said(call(task, "mincore", HEAP, 4 * PAGE, vector))).toBe("ENOMEM mincore/hole");
    expect([...must(task.space.read(vector / PAGE, 4))]).toEqual([1, 0, 9, 9]);
  });

  test("mincore: an answer that lies in what is asked of counts from the next area on", () => {
    const rests = [0, PAGE].map((split) => {
      const task = taskWithPages(4);
      if (split > 0) must(call(task, "madvise", HEAP, split, 10));
      // Asked on 6.18. The first byte lies in the page of which the third tells.
      const vector = HEAP + 3 * PAGE - 1;
      must(call(task, "mincore", HEAP, 4 * PAGE, vector));
      return [...must(task.space.read(HEAP / PAGE + 3, 3))];
    });
    expect(rests).toEqual([
      [0, 0, 0],
      [0, 1, 0],
    ]);
  });

  test("madvise: a hole is told at the end, when all the rest was advised", () => {
    const task = taskWithPages(4);
    for (let i = 0; i < 4; i++) must(task.space.write(HEAP / PAGE + i, "x"));
    must(call(task, "munmap", HEAP + PAGE, PAGE));
    expect(said(call(task, "madvise", HEAP, 4 * PAGE, 4))).toBe("ENOMEM madvise/hole");
    const first = [0, 2, 3].map((i) => must(task.space.read(HEAP / PAGE + i, 1))[0]);
    expect(first).toEqual([0, 0, 0]);
  });
});

describe("memory locks and their limit", () => {
  const locked = (limitPages: number, capable: boolean): ReturnType<typeof taskWithPages> => {
    const task = taskWithPages(8, { task: capable ? {} : { uid: 1000 } });
    task.limits.set("RLIMIT_MEMLOCK", { soft: limitPages * PAGE, hard: limitPages * PAGE });
    return task;
  };

  test("who may lock nothing is told so before anything else", () => {
    const task = locked(0, false);
    expect(said(call(task, "mlock", -PAGE, 2 * PAGE))).toBe("EPERM mlock/not-permitted");
    expect(said(call(task, "mlockall", 1))).toBe("EPERM mlock/not-permitted");
    // Flags are looked at before that.
    expect(said(call(task, "mlock2", HEAP, PAGE, 2))).toBe("EINVAL mlock2/flags");
    expect(said(call(task, "mlockall", 0))).toBe("EINVAL mlockall/flags");
  });

  test("the limit counts pages, those locked already only once", () => {
    const task = locked(4, false);
    expect(said(call(task, "mlock", HEAP, 4 * PAGE))).toBe(0);
    expect(said(call(task, "mlock", HEAP + 2 * PAGE, 3 * PAGE))).toBe("ENOMEM mlock/limit");
    expect(said(call(task, "mlock", HEAP + PAGE, 3 * PAGE))).toBe(0);
    must(call(task, "munlock", HEAP, PAGE));
    expect(said(call(task, "mlock", HEAP + 4 * PAGE, PAGE))).toBe(0);
  });

  test("CAP_IPC_LOCK knows no limit", () => {
    const task = locked(0, true);
    expect(said(call(task, "mlock", HEAP, 8 * PAGE))).toBe(0);
    expect(said(call(task, "mlockall", 3))).toBe(0);
  });

  test("mlockall of what there is needs room for all of it", () => {
    const task = locked(7, false);
    expect(said(call(task, "mlockall", 1))).toBe("ENOMEM mlockall/limit");
    expect(said(call(task, "mlockall", 2))).toBe(0);
    // From now on new memory is locked, and may not be more than the limit.
    expect(said(call(task, "mmap", 0, 8 * PAGE, 3, 0x22, -1, 0))).toBe("EAGAIN mmap/lock-limit");
    must(call(task, "munlockall"));
    expect(call(task, "mmap", 0, 8 * PAGE, 3, 0x22, -1, 0).ok).toBe(true);
  });

  test.each([
    [4, "EINVAL mlockall/flags"],
    [8, "EINVAL mlockall/flags"],
    [5, 0],
    [7, 0],
  ])("mlockall with flags %i: %s", (flags, expected) => {
    expect(said(call(locked(100, false), "mlockall", flags))).toBe(expected);
  });

  test("locked pages cannot be dropped or synced away", () => {
    const task = taskWithPages(2);
    must(call(task, "mlock", HEAP, PAGE));
    expect(said(call(task, "madvise", HEAP, PAGE, 4))).toBe("EINVAL madvise/locked");
    expect(said(call(task, "msync", HEAP, PAGE, 2))).toBe("EBUSY msync/locked");
    expect(said(call(task, "madvise", HEAP, PAGE, 24))).toBe(0);
  });
});

describe("brk", () => {
  test("answers with the break in force, whatever it is asked", () => {
    const task = new TestMachine().spawn();
    const start = Number(said(call(task, "brk", 0)));
    for (const [asked, given] of [
      [start + 100, start + 100],
      [start + 3 * PAGE, start + 3 * PAGE],
      [start - 1, start + 3 * PAGE],
      [-1, start + 3 * PAGE],
      [start + PAGE, start + PAGE],
      [start, start],
    ] as const) {
      expect(said(call(task, "brk", asked))).toBe(given);
    }
    expect(task.space.maps()).toBe("");
  });

  test("does not grow into what lies above", () => {
    const task = new TestMachine().spawn();
    const start = Number(said(call(task, "brk", 0)));
    must(call(task, "mmap", start + 4 * PAGE, PAGE, 3, 0x32, -1, 0));
    // One page stays free below the neighbour. Sheet mm.md 5.4.
    expect(said(call(task, "brk", start + 3 * PAGE))).toBe(start + 3 * PAGE);
    expect(said(call(task, "brk", start + 4 * PAGE))).toBe(start + 3 * PAGE);
  });
});
