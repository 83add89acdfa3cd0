import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing, PageObject } from "./backing.ts";
import { isMappedWritable } from "./truncate.ts";
import { areasOf, file, opened, space } from "./testing/world.ts";

const B = 0x1000;
const SHARED = MAP.MAP_SHARED | MAP.MAP_FIXED;
const PRIVATE = MAP.MAP_PRIVATE | MAP.MAP_FIXED;
const VALIDATE = MAP.MAP_SHARED_VALIDATE | MAP.MAP_FIXED;

const memfd = (more: Partial<PageObject> = {}): Backing =>
  opened({ kind: "shmem", sizeBytes: 1 << 16, canPunch: true, ...more }, { name: "/memfd:m" });

/** F_SEAL_FUTURE_WRITE; F_SEAL_WRITE denies writers too. */
const FUTURE = { writeSealed: true };
const WRITE = { writeSealed: true, deniesWritable: true };

/** Maps two pages: "ok", or the reason. */
function mapped(
  mm: AddressSpace,
  backing: Backing,
  { prot = "rw", flags = SHARED, offsetPages = 0, pages = 2 } = {},
): string {
  const answer = mm.map({ at: B, pages, prot, flags, backing, offsetPages });
  return answer.ok ? "ok" : `${answer.code} ${answer.reason.id}`;
}

describe("what an open file allows", () => {
  test.each([
    [SHARED, "rw", {}, "ok"],
    [SHARED, "rw", { writable: false }, "EACCES mmap/file-not-writable"],
    [VALIDATE, "rw", { writable: false }, "EACCES mmap/file-not-writable"],
    [SHARED, "r", { writable: false }, "ok"],
    [PRIVATE, "rw", { writable: false }, "ok"],
    [SHARED, "r", { readable: false }, "EACCES mmap/file-not-readable"],
    [PRIVATE, "none", { readable: false }, "EACCES mmap/file-not-readable"],
    [SHARED, "rx", { noExec: true }, "EPERM mmap/mounted-noexec"],
    [SHARED, "rw", { noExec: true }, "ok"],
    [SHARED, "r", { mappable: false }, "ENODEV mmap/file-cannot-be-mapped"],
    [SHARED, "r", { mappable: true }, "ok"],
    [PRIVATE | MAP.MAP_GROWSDOWN, "r", {}, "EINVAL mmap/file-grows-down"],
    [MAP.MAP_FIXED, "r", {}, "EINVAL mmap/bad-type"],
    [VALIDATE | MAP.MAP_LOCKED | MAP.MAP_NORESERVE, "r", {}, "ok"],
    [VALIDATE | (1 << 25), "r", {}, "EOPNOTSUPP mmap/flags-not-validated"],
    [SHARED | (1 << 25), "r", {}, "ok"],
  ])("flags %i, %s, %o: %s", (flags, prot, more, answer) => {
    const mm = space();
    expect(mapped(mm, opened(file(8).object, more), { flags, prot })).toBe(answer);
    expect(areasOf(mm, B) === "").toBe(answer !== "ok");
  });

  test("reaches to the last byte that a file can have", () => {
    const most = 2 ** 51 - 1;
    const at = (offsetPages: number): string => mapped(space(), file(1), { offsetPages });
    // At this size a page index is still a whole number.
    expect([at(most - 2), at(most - 1)]).toEqual(["ok", "EOVERFLOW mmap/offset-overflow"]);
  });

  test("what may not be executed may not become so by mprotect", () => {
    const mm = space();
    must(
      mm.map({
        at: B,
        pages: 2,
        prot: "r",
        flags: PRIVATE,
        backing: opened(file(2).object, { noExec: true }),
      }),
    );
    expect(mm.protect(B, 2, "rx")).toMatchObject({ code: "EACCES" });
  });
});

describe("a sealed file", () => {
  const SEALED = "EPERM mmap/write-sealed";
  test.each([
    ["6.1", FUTURE, "rw", SHARED, SEALED],
    ["6.1", FUTURE, "r", SHARED, "ok"],
    ["6.1", FUTURE, "rw", PRIVATE, "ok"],
    ["6.1.0", WRITE, "rw", SHARED, SEALED],
    ["6.1.0", WRITE, "r", SHARED, SEALED],
    ["6.1.0", WRITE, "rw", PRIVATE, "ok"],
    ["6.12", FUTURE, "rw", SHARED, SEALED],
    ["6.12", FUTURE, "r", SHARED, "ok"],
    ["6.12", WRITE, "rw", SHARED, SEALED],
    ["6.12", WRITE, "r", SHARED, "ok"],
    ["6.12", WRITE, "rw", PRIVATE, "ok"],
  ])("on %s with %o, %s, flags %i: %s", (release, seals, prot, flags, answer) => {
    expect(mapped(space(release), memfd(seals), { prot, flags })).toBe(answer);
  });

  test.each([
    ["6.6", FUTURE, ""],
    ["6.6", WRITE, ""],
    ["6.11", FUTURE, ""],
    ["6.11", WRITE, "0-2 r"],
    ["6.12", FUTURE, "0-2 r"],
    ["6.12", WRITE, "0-2 r"],
  ])("on %s with %o that refuses late unmapped what was there: %s", (release, seals, left) => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x32 }));
    expect(mapped(mm, memfd(seals))).toBe(SEALED);
    expect(areasOf(mm, B)).toBe(left);
  });
});

describe("a mapping keeps F_SEAL_WRITE off", () => {
  test.each([
    ["6.6", "r", SHARED, { writable: true }, true],
    ["6.6", "r", SHARED, { writable: false }, false],
    ["6.6", "rw", PRIVATE, { writable: true }, false],
    ["6.7", "rw", SHARED, { writable: true }, true],
    ["6.7", "r", SHARED, { writable: true }, true],
    ["6.7", "r", SHARED, { writable: false }, false],
    ["6.7", "rw", PRIVATE, { writable: true }, false],
  ])("on %s: %s, flags %i, %o: %s", (release, prot, flags, more, keeps) => {
    const mm = space(release);
    const { object } = memfd();
    expect(isMappedWritable(mm.memory, object)).toBe(false);
    expect(mapped(mm, opened(object, more), { prot, flags })).toBe("ok");
    expect(isMappedWritable(mm.memory, object)).toBe(keeps);
    must(mm.unmap(B, 2));
    expect(isMappedWritable(mm.memory, object)).toBe(false);
  });

  // F_SEAL_FUTURE_WRITE lets a shared mapping be, and takes its right to become writable.
  test.each([
    ["6.6", true],
    ["6.7", false],
  ])("on %s if it is shared, though it may never be written: %s", (release, keeps) => {
    const mm = space(release);
    const backing = memfd(FUTURE);
    expect(mapped(mm, backing, { prot: "r" })).toBe("ok");
    expect(mm.protect(B, 2, "rw")).toMatchObject({ code: "EACCES" });
    expect(isMappedWritable(mm.memory, backing.object)).toBe(keeps);
  });
});
