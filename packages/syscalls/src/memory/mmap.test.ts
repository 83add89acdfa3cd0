import { Inode, OpenFile } from "@kadvise/files";
import { F_SEAL, must, O } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said, TestMachine } from "../testing/machine.ts";
import { HEAP, LIMIT, PAGE, taskWithPages } from "../testing/pages.ts";

const ANONYMOUS = 0x22;
const FIXED = 0x32;
const NOREPLACE = 0x10_0022;

function map(task: Task, ...registers: readonly (number | bigint)[]): number | string {
  return said(call(task, "mmap", ...registers));
}

function open(task: Task, flags: number, seals = 0): number {
  const inode = new Inode({ kind: "shmem", sizeBytes: 4 * PAGE, mode: 0o600, seals });
  const fd = 40 + flags;
  task.files.set(fd, {
    file: new OpenFile(inode, { flags, path: "/memfd:m" }),
    closeOnExec: false,
  });
  return fd;
}

describe("arguments of mmap, in the order in which they are looked at", () => {
  const task = taskWithPages(1);
  test.each([
    [
      "an unaligned offset, before a bad descriptor",
      [0, PAGE, 3, 2, 999, 1],
      "EINVAL mmap/unaligned-offset",
    ],
    ["a bad descriptor, before a length of zero", [0, 0, 3, 2, 999, 0], "EBADF mmap/bad-fd"],
    ["a length of zero, before a bad type", [0, 0, 3, 0x20, -1, 0], "EINVAL mmap/zero-length"],
    ["a length that rounds up to zero", [0, -1, 3, ANONYMOUS, -1, 0], "ENOMEM mmap/length-wraps"],
    ["more than the user half", [0, LIMIT + PAGE, 3, ANONYMOUS, -1, 0], "ENOMEM mmap/no-room"],
    ["neither shared nor private", [0, PAGE, 3, 0x20, -1, 0], "EINVAL mmap/bad-type"],
    [
      "an unaligned fixed address",
      [HEAP + 1, PAGE, 3, FIXED, -1, 0],
      "EINVAL mmap/unaligned-fixed",
    ],
    [
      "a fixed address beyond the user half",
      [LIMIT, PAGE, 3, FIXED, -1, 0],
      "ENOMEM mmap/beyond-limit",
    ],
    [
      "what is there, with MAP_FIXED_NOREPLACE",
      [HEAP, PAGE, 3, NOREPLACE, -1, 0],
      "EEXIST mmap/occupied",
    ],
    ["an anonymous mapping does not look at its descriptor", [HEAP, PAGE, 3, FIXED, 999, 0], HEAP],
    [
      "a file offset that overflows with the length",
      [0, 2 * PAGE, 3, 2, 0, 0xffff_ffff_ffff_f000n],
      "EOVERFLOW mmap/offset-overflow",
    ],
    [
      "what cannot be mapped: a terminal",
      [0, PAGE, 3, 2, 0, 0],
      "ENODEV mmap/file-cannot-be-mapped",
    ],
  ] as const)("%s", (_what, registers, expected) => {
    expect(map(task, ...registers)).toBe(expected);
  });

  test("a fixed address in the last 4095 bytes reads as an error number, and is that error", () => {
    const codes = [-1, -2, -22, -4096, -4097].map((at) => map(task, at, PAGE, 3, FIXED, -1, 0));
    expect(codes).toEqual([
      "EPERM mmap/address-reads-as-error",
      "ENOENT mmap/address-reads-as-error",
      "EINVAL mmap/address-reads-as-error",
      "ENOMEM mmap/beyond-limit",
      "ENOMEM mmap/beyond-limit",
    ]);
  });

  test("low addresses belong to whoever has CAP_SYS_RAWIO", () => {
    const user = new TestMachine().spawn({ uid: 1000 });
    expect(map(user, PAGE, PAGE, 3, FIXED, -1, 0)).toBe("EPERM mmap/below-minimum");
    expect(map(user, 0x10_000, PAGE, 3, FIXED, -1, 0)).toBe(0x10_000);
    // As a hint a low address is raised.
    expect(Number(map(user, PAGE, PAGE, 3, ANONYMOUS, -1, 0))).toBeGreaterThanOrEqual(0x10_000);
    expect(map(task, PAGE, PAGE, 3, FIXED, -1, 0)).toBe(PAGE);
  });
});

describe("files", () => {
  test("a shared writable mapping needs a file open for both; a private one needs reading", () => {
    const task = new TestMachine().spawn();
    const [readOnly, writeOnly, both] = [O.O_RDONLY, O.O_WRONLY, O.O_RDWR].map((flags) =>
      open(task, flags),
    );
    const answers = [readOnly, writeOnly, both].map((fd) =>
      [
        [3, 1],
        [1, 1],
        [3, 2],
      ].map(([prot, type]) => typeof map(task, 0, PAGE, prot, type, fd, 0) === "number"),
    );
    expect(answers).toEqual([
      [false, true, true],
      [false, false, false],
      [true, true, true],
    ]);
  });

  test("a file sealed against writing is not mapped shared and writable", () => {
    const task = new TestMachine().spawn();
    const fd = open(task, O.O_RDWR, F_SEAL.F_SEAL_WRITE);
    expect(map(task, 0, PAGE, 3, 1, fd, 0)).toBe("EPERM mmap/write-sealed");
    expect(typeof map(task, 0, PAGE, 3, 2, fd, 0)).toBe("number");
  });

  test("a descriptor of O_PATH is none, a pidfd cannot be mapped", () => {
    const task = new TestMachine().spawn();
    expect(map(task, 0, PAGE, 1, 1, open(task, O.O_PATH), 0)).toBe("EBADF mmap/bad-fd");
    const pidfd = must(call(task, "pidfd_open", task.pid.number, 0));
    expect(map(task, 0, PAGE, 1, 1, pidfd, 0)).toBe("ENODEV mmap/file-cannot-be-mapped");
    expect(map(task, 0, PAGE, 1, 0x4_0001, open(task, O.O_RDWR), 0)).toBe(
      "EINVAL mmap/huge-needs-hugetlbfs",
    );
  });
});

describe("a 32-bit caller", () => {
  test("counts offsets in pages of 4096 bytes, and gets addresses below 4 GiB", () => {
    const task = new TestMachine().spawn();
    const fd = open(task, O.O_RDWR);
    const at = must(call32(task, "mmap2", 0, PAGE, 1, 1, fd, 2));
    expect(at).toBeLessThan(2 ** 32);
    expect(task.space.maps()).toContain(" 00002000 ");
    // The offset of mmap2 is never unaligned.
    expect(said(call32(task, "mmap2", 0, PAGE, 1, 1, fd, 1))).toBeTypeOf("number");
  });
});
