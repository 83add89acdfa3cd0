import { describe, expect, test } from "vitest";
import { call, said } from "../testing/machine.ts";
import { taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";

const AT = 0x4000_0000;
const PAGE = 4096;
const SHARED_FIXED = 0x11;
const PRIVATE_FIXED = 0x12;

function withSecret(release: string, pages = 2): { task: Task; fd: number } {
  const task = taskWithPages(2, { release });
  const fd = Number(said(call(task, "memfd_secret", 0)));
  expect(said(call(task, "ftruncate", fd, pages * PAGE))).toBe(0);
  return { task, fd };
}

const map = (task: Task, fd: number, prot = 3, flags = SHARED_FIXED): number | string =>
  said(call(task, "mmap", AT, 2 * PAGE, prot, flags, fd, 0));

test.each(["5.10", "6.1"])("there is no secret memory on %s", (release) => {
  const task = taskWithPages(2, { release });
  expect(said(call(task, "memfd_secret", 0))).toBe("ENOSYS memfd_secret/off");
});

test("O_CLOEXEC is the only flag", () => {
  const task = taskWithPages(2, { release: "6.12" });
  expect(said(call(task, "memfd_secret", 0o2000000))).toBeTypeOf("number");
  expect(said(call(task, "memfd_secret", 1))).toBe("EINVAL memfd_secret/flags");
});

test("its length is given once", () => {
  const { task, fd } = withSecret("6.12");
  expect(said(call(task, "ftruncate", fd, PAGE))).toBe("EINVAL ftruncate/secret-sized");
});

describe("a mapping of it", () => {
  test("is shared, and never executed", () => {
    const { task, fd } = withSecret("6.12");
    expect(map(task, fd, 3, PRIVATE_FIXED)).toBe("EINVAL mmap/secret-private");
    expect(map(task, fd, 7)).toBe("EPERM mmap/mounted-noexec");
    expect(map(task, fd)).toBe(AT);
    expect(said(call(task, "mprotect", AT, PAGE, 7))).toBe("EACCES mprotect/access");
  });

  test("is read and written, but not by the kernel for others", () => {
    const { task, fd } = withSecret("6.12");
    map(task, fd);
    expect(task.space.write(AT / PAGE, "key").ok).toBe(true);
    expect(task.space.pin(AT / PAGE, "read")).toMatchObject({ ok: false });
    expect(said(call(task, "mlock", AT, PAGE))).toMatch(/^ENOMEM/);
  });

  test("counts as locked up to 7.1, and to 6.12.107", () => {
    const locked = (release: string): number => {
      const { task, fd } = withSecret(release);
      map(task, fd);
      return task.space.lockedPages;
    };
    const releases = ["6.12.107", "6.12.117", "7.1", "7.3"];
    expect(releases.map(locked)).toEqual([2, 0, 2, 0]);
  });

  test("takes nothing away where it is refused for its type", () => {
    const { task, fd } = withSecret("6.12");
    expect(said(call(task, "mmap", AT, PAGE, 3, 0x32, -1, 0))).toBe(AT);
    map(task, fd, 3, PRIVATE_FIXED);
    expect(task.space.areas.at(AT / PAGE)).toBe(-1);
  });
});
