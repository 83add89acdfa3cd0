import { Inode, OpenFile, type InodeOptions } from "@kadvise/files";
import { F, F_SEAL, MFD, must, O } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../call.ts";
import { call, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";

const SHARED_FIXED = 0x11;
const { F_SEAL_WRITE, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_FUTURE_WRITE, F_SEAL_EXEC } = F_SEAL;

function machine(release = "6.12"): Task {
  return taskWithPages(6, { release });
}

function text(outcome: Outcome): string {
  return String(said(outcome));
}

function open(task: Task, options: InodeOptions, flags: number = O.O_RDWR): number {
  const file = new OpenFile(new Inode(options), { flags, path: "/file" });
  return must(task.files.open(file, false, 1024));
}

function create(task: Task, flags: number, name = "m"): string {
  must(task.space.write(HEAP / PAGE, `${name}\0`));
  return text(call(task, "memfd_create", HEAP, flags));
}

/** A file of eight pages that can be sealed, and its descriptor. */
function sealable(release?: string): { task: Task; fd: number } {
  const task = machine(release);
  const fd = Number(create(task, MFD.MFD_ALLOW_SEALING));
  expect(text(call(task, "ftruncate", fd, 8 * PAGE))).toBe("0");
  return { task, fd };
}

function map(task: Task, fd: number, prot: number, flags = SHARED_FIXED): string {
  return text(call(task, "mmap", 0x3000_0000, 2 * PAGE, prot, flags, fd, 0));
}

function seal(task: Task, fd: number, seals: number): string {
  return text(call(task, "fcntl", fd, F.F_ADD_SEALS, seals));
}

describe("memfd_create", () => {
  test("opens the lowest free descriptor of an empty file that maps call by its name", () => {
    const task = machine();
    const fd = Number(create(task, 0, "shared"));
    expect(text(call(task, "ftruncate", fd, 2 * PAGE))).toBe("0");
    map(task, fd, 3);
    expect(task.space.maps()).toMatch(
      /30000000-30002000 rw-s 00000000 00:01 \d+ +\/memfd:shared \(deleted\)/,
    );
  });

  test.each([
    ["an unknown flag", "6.12", 0x20, "EINVAL memfd_create/flags"],
    ["MFD_EXEC before 6.3", "6.1", MFD.MFD_EXEC, "EINVAL memfd_create/flags"],
    [
      "both of exec",
      "6.12",
      MFD.MFD_EXEC | MFD.MFD_NOEXEC_SEAL,
      "EINVAL memfd_create/exec-and-noexec",
    ],
    ["a page size without MFD_HUGETLB", "6.12", 21 * 2 ** 26, "EINVAL memfd_create/flags"],
  ])("refuses %s", (_, release, flags, answer) => {
    expect(create(machine(release), flags)).toBe(answer);
  });

  test("refuses a name of more than 249 bytes, and one that cannot be read", () => {
    const task = machine();
    expect(create(task, 0, "n".repeat(249))).toMatch(/^\d+$/);
    expect(create(task, 0, "n".repeat(250))).toBe("EINVAL memfd_create/name-too-long");
    expect(text(call(task, "memfd_create", 0x5000_0000, 0))).toMatch(/^EFAULT/);
  });

  test.each([
    [0, 1],
    [MFD.MFD_ALLOW_SEALING, 0],
    [MFD.MFD_NOEXEC_SEAL, F_SEAL_EXEC],
  ])("with flags %i begins with the seals %i", (flags, seals) => {
    const task = machine();
    const fd = Number(create(task, flags));
    expect(text(call(task, "fcntl", fd, F.F_GET_SEALS, 0))).toBe(String(seals));
  });
});

describe("seals", () => {
  test("of length keep ftruncate from it", () => {
    const { task, fd } = sealable();
    expect(seal(task, fd, F_SEAL_SHRINK)).toBe("0");
    expect(text(call(task, "ftruncate", fd, PAGE))).toBe("EPERM ftruncate/sealed");
    expect(text(call(task, "ftruncate", fd, 9 * PAGE))).toBe("0");
    expect(seal(task, fd, F_SEAL_GROW)).toBe("0");
    expect(text(call(task, "ftruncate", fd, 10 * PAGE))).toBe("EPERM ftruncate/sealed");
    expect(text(call(task, "ftruncate", fd, 9 * PAGE))).toBe("0");
  });

  test("against writing wait until no mapping may write", () => {
    const { task, fd } = sealable();
    map(task, fd, 1);
    expect(seal(task, fd, F_SEAL_WRITE)).toBe("EBUSY fcntl/mapped-writable");
    call(task, "munmap", 0x3000_0000, 2 * PAGE);
    expect(seal(task, fd, F_SEAL_WRITE)).toBe("0");
    expect(map(task, fd, 3)).toBe("EPERM mmap/write-sealed");
    expect(map(task, fd, 3, 0x12)).toBe(String(0x3000_0000));
  });

  test("against writing shut out all shared mappings on 5.10, and leave a hole there", () => {
    const shown = (release: string): readonly string[] => {
      const { task, fd } = sealable(release);
      map(task, fd, 1, 0x12);
      expect(seal(task, fd, F_SEAL_WRITE)).toBe("0");
      const answer = map(task, fd, 1);
      return [answer, text(call(task, "mprotect", 0x3000_0000, PAGE, 0))];
    };
    expect(shown("5.10")).toEqual(["EPERM mmap/write-sealed", "ENOMEM mprotect/hole"]);
    expect(shown("6.12")).toEqual([String(0x3000_0000), "0"]);
  });

  test("against future writing refuse a writable mapping; before 6.12 what was there is gone", () => {
    const shown = (release: string): readonly string[] => {
      const { task, fd } = sealable(release);
      map(task, fd, 1, 0x12);
      expect(seal(task, fd, F_SEAL_FUTURE_WRITE)).toBe("0");
      return [map(task, fd, 3), text(call(task, "mprotect", 0x3000_0000, PAGE, 0))];
    };
    expect(shown("6.1")).toEqual(["EPERM mmap/write-sealed", "ENOMEM mprotect/hole"]);
    expect(shown("6.12")).toEqual(["EPERM mmap/write-sealed", "0"]);
  });

  test("against future writing leave old mappings, which keep F_SEAL_WRITE off on 5.10", () => {
    const shown = (release: string): string => {
      const { task, fd } = sealable(release);
      expect(seal(task, fd, F_SEAL_FUTURE_WRITE)).toBe("0");
      map(task, fd, 1);
      return seal(task, fd, F_SEAL_WRITE);
    };
    expect(shown("5.10")).toBe("EBUSY fcntl/mapped-writable");
    expect(shown("6.12")).toBe("0");
  });

  test("against execution of an executable file bring the seals on writing along", () => {
    const { task, fd } = sealable();
    expect(seal(task, fd, F_SEAL_EXEC)).toBe("0");
    expect(text(call(task, "fcntl", fd, F.F_GET_SEALS, 0))).toBe("62");
  });

  test("are refused where they make no sense", () => {
    const { task, fd } = sealable();
    expect(seal(task, fd, 64)).toBe("EINVAL fcntl/unknown-seals");
    expect(seal(task, fd, F_SEAL.F_SEAL_SEAL)).toBe("0");
    expect(seal(task, fd, F_SEAL_GROW)).toBe("EPERM fcntl/sealed-against-seals");
    const disk = open(task, { kind: "file" });
    expect(text(call(task, "fcntl", disk, F.F_GET_SEALS, 0))).toBe("EINVAL fcntl/not-sealable");
    const reader = open(task, { kind: "shmem", seals: 0 }, O.O_RDONLY);
    expect(seal(task, reader, F_SEAL_GROW)).toBe("EPERM fcntl/seal-not-writable");
  });
});

describe("ftruncate", () => {
  test.each([
    ["a negative length", 3, -1, "EINVAL ftruncate/negative"],
    ["a descriptor that is not open", 99, 1, "EBADF ftruncate/bad-fd"],
  ])("refuses %s", (_, fd, length, answer) => {
    const task = machine();
    expect(text(call(task, "ftruncate", fd, length))).toBe(answer);
  });

  test("wants a file that may be written, and of whole huge pages if it has such", () => {
    const task = machine();
    const cut = (fd: number): string => text(call(task, "ftruncate", fd, PAGE));
    expect(cut(open(task, {}, O.O_RDONLY))).toBe("EINVAL ftruncate/not-writable");
    expect(cut(open(task, { appendOnly: true }))).toBe("EPERM ftruncate/append-only");
    expect(cut(open(task, { kind: "hugetlb" }))).toBe("EINVAL ftruncate/huge-unaligned");
    expect(cut(open(task, {}))).toBe("0");
  });

  test("takes pages away from all who mapped them, private copies too", () => {
    const { task, fd } = sealable();
    map(task, fd, 3, 0x12);
    must(task.space.write(0x3_0000, "one"));
    must(task.space.write(0x3_0001, "two"));
    expect(text(call(task, "ftruncate", fd, PAGE))).toBe("0");
    expect(task.space.touch(0x3_0001, "read")).toMatchObject({
      reason: { id: "access/beyond-end" },
    });
    expect(must(task.space.read(0x3_0000, 3))).toEqual(Uint8Array.from(Buffer.from("one")));
  });

  test("fills the rest of the last page with zeros", () => {
    const { task, fd } = sealable();
    map(task, fd, 3);
    must(task.space.write(0x3_0000, "abcdef"));
    call(task, "ftruncate", fd, 3);
    call(task, "ftruncate", fd, PAGE);
    expect(must(task.space.read(0x3_0000, 6))).toEqual(Uint8Array.from([97, 98, 99, 0, 0, 0]));
  });
});
