import { MAP, must, PROT, RLIMIT } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const SHARED = MAP.MAP_SHARED | MAP.MAP_FIXED;
const PRIVATE = MAP.MAP_PRIVATE | MAP.MAP_FIXED;
const FILE = 0x3000_0000;
const PAGES = 8;
const at = (page: number): number => FILE + page * PAGE;

/** A file of sixteen pages, of which eight are mapped; each begins with its number. */
function withFile(flags = SHARED, prot: number = PROT.PROT_READ | PROT.PROT_WRITE): Task {
  const task = taskWithPages(2);
  const fd = must(call(task, "memfd_create", HEAP, 0));
  must(call(task, "ftruncate", fd, 16 * PAGE));
  must(call(task, "mmap", FILE, 16 * PAGE, 3, SHARED, fd, 0));
  for (let i = 0; i < 16; i++) must(task.space.write(at(i) / PAGE, Uint8Array.of(i)));
  must(call(task, "munmap", FILE, 16 * PAGE));
  must(call(task, "mmap", FILE, PAGES * PAGE, prot, flags, fd, 0));
  return task;
}

const remap = (task: Task, ...args: readonly (number | bigint)[]): number | string =>
  said(call(task, "remap_file_pages", ...args));
/** Which page of the file each page of the mapping shows. */
const shown = (task: Task, pages = PAGES): readonly number[] =>
  Array.from({ length: pages }, (_, i) => must(task.space.read(at(i) / PAGE, 1))[0]);

describe("other pages of the file are shown", () => {
  test("in place of a few, in an area of their own", () => {
    const task = withFile();
    const before = task.space.areas.count;
    expect(remap(task, at(2), 3 * PAGE, 0, 9, 0)).toBe(0);
    expect(shown(task)).toEqual([0, 1, 9, 10, 11, 5, 6, 7]);
    expect(task.space.areas.count).toBe(before + 2);
    expect(remap(task, at(2), 3 * PAGE, 0, 2, 0)).toBe(0);
    expect(shown(task)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(task.space.areas.count).toBe(before);
  });

  test("whose address and length are cut to pages", () => {
    const task = withFile();
    expect(remap(task, at(1) + 0x123, PAGE + 0xfff, 0, 9, 0)).toBe(0);
    expect(shown(task)).toEqual([0, 9, 2, 3, 4, 5, 6, 7]);
  });

  test("of shared anonymous memory too, all of it at once, and nothing is lost", () => {
    const task = taskWithPages(1);
    must(call(task, "mmap", FILE, 2 * PAGE, 3, SHARED | MAP.MAP_ANONYMOUS, -1, 0));
    must(task.space.write(at(1) / PAGE, Uint8Array.of(7)));
    expect(remap(task, FILE, PAGE, 0, 1, 0)).toBe(0);
    expect(shown(task, 2)).toEqual([7, 7]);
    expect(remap(task, FILE, 2 * PAGE, 0, 0, 0)).toBe(0);
    expect(shown(task, 2)).toEqual([0, 7]);
  });

  test("to a 32-bit caller as well", () => {
    const task = withFile();
    expect(said(call32(task, "remap_file_pages", FILE, PAGE, 0, 9, 0))).toBe(0);
    expect(shown(task, 1)).toEqual([9]);
  });
});

describe("the new mapping", () => {
  test("is brought in, unless MAP_NONBLOCK says not to; other flags are nothing", () => {
    const present = (flags: number): number => {
      const task = withFile();
      must(call(task, "remap_file_pages", FILE, PAGE, 0, 9, flags));
      return task.space.pages.bitsOf(FILE / PAGE) & 1;
    };
    const others = 0xffff_ffff & ~MAP.MAP_NONBLOCK;
    expect([present(0), present(MAP.MAP_NONBLOCK), present(others)]).toEqual([1, 0, 1]);
  });

  test("has the rights of the old one, stays locked, and loses what advice said", () => {
    const task = withFile();
    must(call(task, "madvise", FILE, PAGES * PAGE, 10));
    must(call(task, "mlock", FILE, PAGES * PAGE));
    must(call(task, "mprotect", FILE, PAGE, PROT.PROT_READ));
    expect(remap(task, FILE, PAGE, 0, 9, 0)).toBe(0);
    const codes = /VmFlags: (.*)/.exec(task.space.smaps().split("memfd")[1] ?? "")?.[1];
    expect(codes).toMatch(/^rd sh mr mw me ms lo\b(?!.*dc)/);
    expect(task.space.lockedPages).toBe(PAGES);
  });

  test("is refused what the old one was not any more", () => {
    const task = withFile();
    must(call(task, "mlock", FILE, PAGE));
    task.limits.set("RLIMIT_MEMLOCK", { soft: 0, hard: 0 });
    must(call(task, "setresuid", 1, 1, 1));
    expect(RLIMIT.RLIMIT_MEMLOCK).toBe(8);
    expect(remap(task, FILE, PAGE, 0, 9, 0)).toBe("EPERM mmap/lock-not-permitted");
    expect(shown(task, 1)).toEqual([0]);
  });
});

describe("what is refused first", () => {
  test.each([
    ["a protection", [FILE + 3 * 2 ** 20, 0, 1, 0, 0], "EINVAL remap_file_pages/protection"],
    ["no length", [0, 4095, 0, 0, 0], "EINVAL remap_file_pages/range"],
    ["a range that wraps", [FILE, -PAGE, 0, -1, 0], "EINVAL remap_file_pages/range"],
    ["an offset that wraps", [0, PAGE, 0, -1, 0], "EINVAL remap_file_pages/offset-wraps"],
    ["a hole", [FILE + PAGES * PAGE, PAGE, 0, 9, 0], "EINVAL remap_file_pages/not-shared"],
    [
      "a page below a mapping",
      [FILE - PAGE, 2 * PAGE, 0, 9, 0],
      "EINVAL remap_file_pages/not-shared",
    ],
    ["private anonymous memory", [HEAP, PAGE, 0, 0, 0], "EINVAL remap_file_pages/not-shared"],
    [
      "a range that ends in a hole",
      [FILE, (PAGES + 1) * PAGE, 0, 9, 0],
      "EINVAL remap_file_pages/several-mappings",
    ],
  ])("%s", (_, args, answer) => {
    expect(remap(withFile(), ...args)).toBe(answer);
  });

  test("a private mapping of a file, and a shared one that may never be written", () => {
    expect(remap(withFile(PRIVATE), FILE, PAGE, 0, 9, 0)).toBe(
      "EINVAL remap_file_pages/not-shared",
    );
  });

  test.each([
    ["other rights", (task: Task): void => void must(call(task, "mprotect", at(1), PAGE, 1))],
    [
      "another key",
      (task: Task): void => {
        must(call(task, "pkey_alloc", 0, 0));
        must(call(task, "pkey_mprotect", at(1), PAGE, 3, 1));
      },
    ],
    ["a hole", (task: Task): void => void must(call(task, "munmap", at(1), PAGE))],
    ["another advice", (task: Task): void => void must(call(task, "madvise", at(1), PAGE, 1))],
  ])("a range with %s in it", (_, change) => {
    const task = withFile();
    change(task);
    expect(remap(task, FILE, 3 * PAGE, 0, 9, 0)).toBe("EINVAL remap_file_pages/several-mappings");
    expect(remap(task, FILE, PAGE, 0, 9, 0)).toBe(0);
  });

  test("an offset beyond the end of any file is mmap's to refuse", () => {
    expect(remap(withFile(), FILE, PAGE, 0, 2n ** 51n, 0)).toBe("EOVERFLOW mmap/offset-overflow");
  });
});

test("a segment that was removed ends with the mapping that is replaced, if that was the last", () => {
  const task = taskWithPages(1);
  const id = must(call(task, "shmget", 0, 2 * PAGE, 0o600));
  must(call(task, "shmat", id, FILE, 0));
  expect(remap(task, FILE, 2 * PAGE, 0, 0, 0)).toBe(0);
  must(call(task, "shmctl", id, 0, 0));
  expect(remap(task, FILE, PAGE, 0, 1, 0)).toBe(0);
  expect(remap(task, FILE, 2 * PAGE, 0, 0, 0)).toBe("EINVAL remap_file_pages/segment-gone");
  expect(task.space.areas.at(FILE / PAGE)).toBe(-1);
});

test("what was remapped is taken back", () => {
  const task = withFile();
  const { journal } = task.machine.ports;
  const mark = journal.begin();
  remap(task, FILE, PAGE, 0, 9, 0);
  journal.undo(mark);
  expect(shown(task)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
