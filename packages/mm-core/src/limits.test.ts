import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Actor, MemoryLimit } from "./actor.ts";
import { VM_IO, VM_LOCKED, VM_PFNMAP } from "./flags.ts";
import { areasOf, file, opened, PAGE, space } from "./testing/world.ts";

const B = 0x1000;
const C = 0x2000;
const FIXED = 0x32;

/** A caller without capabilities, with some limits in pages. */
function plain(limits: Partial<Record<MemoryLimit, number>> = {}): Actor {
  return {
    capable: () => false,
    ownsOrMayWrite: () => true,
    limit: (limit) => (limits[limit] ?? Number.POSITIVE_INFINITY) * PAGE,
    fatalSignalPending: () => false,
  };
}

describe("locking", () => {
  test.each([
    ["5.10.223", "ENOMEM"],
    ["6.1.176", "ok"],
    ["7.3.4", "ok"],
  ])("on fault, of what may not be accessed, on %s: %s", (release, answer) => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 2, prot: "", flags: FIXED }));
    must(mm.map({ at: B + 2, pages: 1, prot: "r", flags: FIXED }));
    const result = mm.lock(B, 2, true);
    expect(result.ok ? "ok" : result.code).toBe(answer);
    // The areas are locked all the same, and nothing was brought in.
    expect([mm.lockedPages, mm.lock(B + 2, 1, true).ok]).toEqual([2, true]);
    expect(must(mm.residency(B, 3)).join("")).toBe("000");
  });

  test("brings pages in: writable ones by writing, others by reading", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.map({ at: B + 2, pages: 2, prot: "r", flags: FIXED }));
    must(mm.lock(B, 4));
    expect([mm.lockedPages, mm.anonymousPages, must(mm.residency(B, 4)).join("")]).toEqual([
      4,
      2,
      "1111",
    ]);
    must(mm.unlock(B, 4));
    expect(mm.lockedPages).toBe(0);
  });

  test("on fault brings nothing in", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.lock(B, 2, true));
    expect([mm.lockedPages, mm.anonymousPages]).toEqual([2, 0]);
  });

  test("over a hole marks what is before it, brings nothing in, and says ENOMEM", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.map({ at: B + 3, pages: 2, prot: "rw", flags: FIXED }));
    expect(mm.lock(B, 5)).toMatchObject({ code: "ENOMEM", reason: { id: "mlock/hole" } });
    expect([mm.lockedPages, mm.anonymousPages]).toEqual([2, 0]);
  });

  test("of memory without access is ENOMEM, and the mark stays", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "none", flags: FIXED }));
    expect(mm.lock(B, 2)).toMatchObject({
      code: "ENOMEM",
      reason: { id: "mlock/cannot-populate" },
      because: { reason: { id: "access/protection" } },
    });
    expect(mm.lockedPages).toBe(2);
  });

  test("of all that comes locks new maps and the heap, as far as RLIMIT_MEMLOCK allows", () => {
    const mm = space();
    mm.startBreak = mm.break = B * PAGE;
    mm.lockAll(false, true, false);
    const actor = plain({ RLIMIT_MEMLOCK: 3 });
    must(mm.map({ pages: 2, prot: "rw" }, actor));
    expect(mm.map({ pages: 2, prot: "rw" }, actor)).toMatchObject({
      code: "EAGAIN",
      reason: { id: "mmap/lock-limit", compared: { pages: 4, limitPages: 3 } },
    });
    expect(must(mm.setBreak((B + 1) * PAGE, actor))).toBe((B + 1) * PAGE);
    expect(mm.setBreak((B + 2) * PAGE, actor)).toMatchObject({ reason: { id: "brk/lock-limit" } });
    expect([mm.lockedPages, mm.anonymousPages]).toEqual([3, 3]);
  });

  test.each([true, false])("of all there is brings in what cannot be locked (%s)", (onFault) => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.map({ at: C, pages: 3, prot: "rw", flags: 0x30 | MAP.MAP_DROPPABLE }));
    mm.lockAll(true, false, onFault);
    expect([mm.lockedPages, mm.anonymousPages]).toEqual([2, onFault ? 3 : 5]);
  });

  test.each([
    ["6.16", false, 2, 2],
    ["6.16", true, 2, 0],
    ["7.1", false, 0, 2],
    ["7.1", true, 0, 2],
  ])(
    "of all that comes, on %s (on fault: %s): %i droppable pages locked, %i there",
    (release, onFault, locked, there) => {
      const mm = space(release);
      mm.lockAll(false, true, onFault);
      must(mm.map({ at: C, pages: 2, prot: "rw", flags: 0x30 | MAP.MAP_DROPPABLE }));
      expect([mm.lockedPages, mm.anonymousPages]).toEqual([locked, there]);
    },
  );

  test("munlockall unlocks all there is, and what comes is not locked any more", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.map({ at: C, pages: 2, prot: "r", flags: FIXED }));
    mm.lockAll(true, true, false);
    expect(mm.lockedPages).toBe(4);
    mm.unlockAll();
    must(mm.map({ at: B + 8, pages: 2, prot: "rw", flags: FIXED }));
    expect([mm.lockedPages, mm.defaultFlags, mm.anonymousPages]).toEqual([0, 0, 2]);
    mm.lockAll(true, true, true);
    mm.attempt(() => mm.unlockAll());
    expect([mm.lockedPages, mm.defaultFlags & VM_LOCKED]).toEqual([6, VM_LOCKED]);
  });

  test("passes over memory of devices, and is refused by secret memory", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.map({ at: B + 2, pages: 1, prot: "r", flags: FIXED }));
    for (const flag of [VM_IO, VM_PFNMAP]) {
      const area = mm.areas.at(B + 2);
      mm.areas.setFlags(area, (mm.areas.flags[area] | flag) >>> 0);
      expect(mm.attempt(() => (must(mm.lock(B, 3)), [mm.lockedPages, mm.anonymousPages]))).toEqual([
        2, 2,
      ]);
    }
    const secret = opened({ kind: "secret", sizeBytes: 2 * PAGE });
    must(mm.map({ at: C, pages: 2, prot: "rw", flags: 0x11, backing: secret }));
    expect(mm.lock(C + 1, 1)).toMatchObject({
      code: "ENOMEM",
      because: { reason: { id: "access/protection", compared: { address: "0x2001000" } } },
    });
  });

  test("MAP_LOCKED without any right to lock is EPERM, over the limit EAGAIN", () => {
    const locked = { pages: 2, prot: "rw", flags: 0x22 | MAP.MAP_LOCKED };
    expect(space().map(locked, plain({ RLIMIT_MEMLOCK: 0 }))).toMatchObject({ code: "EPERM" });
    expect(space().map(locked, plain({ RLIMIT_MEMLOCK: 1 }))).toMatchObject({ code: "EAGAIN" });
    expect(space().map(locked, plain({ RLIMIT_MEMLOCK: 2 })).ok).toBe(true);
  });
});

describe("the heap", () => {
  const heap = (release = "6.12") => {
    const mm = space(release);
    mm.startBreak = mm.break = B * PAGE;
    return mm;
  };

  test("grows, is named, and shrinks; a part of a page counts as a page", () => {
    const mm = heap();
    must(mm.setBreak(B * PAGE + 1));
    expect(areasOf(mm, B)).toBe("0-1 rw");
    must(mm.setBreak((B + 3) * PAGE));
    expect(areasOf(mm, B)).toBe("0-3 rw");
    expect(mm.maps()).toMatch(/ \[heap\]\n$/);
    must(mm.setBreak((B + 1) * PAGE));
    expect([areasOf(mm, B), mm.dataPages]).toEqual(["0-1 rw", 1]);
  });

  test("stays where it is below its start, over RLIMIT_DATA, or with no page free above", () => {
    const mm = heap();
    must(mm.map({ at: B + 4, pages: 1, prot: "r", flags: FIXED }));
    const refused = (pages: number, actor = plain()): unknown => {
      const answer = mm.setBreak((B + pages) * PAGE, actor);
      return answer.ok ? answer.value : answer.reason.id;
    };
    expect(refused(-1)).toBe("brk/below-start");
    expect(refused(3, plain({ RLIMIT_DATA: 2 }))).toBe("brk/data-limit");
    expect(refused(4)).toBe("brk/no-room");
    expect(refused(3)).toBe((B + 3) * PAGE);
    expect(mm.break).toBe((B + 3) * PAGE);
  });

  test("counts what the program brought against RLIMIT_DATA, in the child too", () => {
    const mm = heap();
    mm.programDataBytes = 1;
    for (const space of [mm, mm.fork()]) {
      const limited = plain({ RLIMIT_DATA: 2 });
      expect(space.setBreak((B + 2) * PAGE, limited)).toMatchObject({
        reason: { id: "brk/data-limit" },
      });
      expect(space.setBreak((B + 2) * PAGE - 1, limited).ok).toBe(true);
    }
  });
});

describe("a stack", () => {
  const stack = () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED | MAP.MAP_GROWSDOWN }));
    return mm;
  };

  test("grows down to a touched page at once, and stays one area", () => {
    const mm = stack();
    must(mm.touch(B - 100));
    expect([areasOf(mm, B), mm.totalPages, mm.anonymousPages]).toEqual(["-100-2 rw", 102, 1]);
  });

  test("stops at RLIMIT_STACK and at RLIMIT_AS", () => {
    expect(stack().touch(B - 8, "write", plain({ RLIMIT_STACK: 9 })).ok).toBe(false);
    expect(stack().touch(B - 7, "write", plain({ RLIMIT_STACK: 9 })).ok).toBe(true);
    expect(stack().touch(B - 8, "write", plain({ RLIMIT_AS: 9 })).ok).toBe(false);
  });

  test.each([
    ["rw", 255, false],
    ["rw", 256, true],
    ["none", 0, true],
  ])("next to %s memory %i pages below it may grow: %s", (prot, gap, may) => {
    const mm = stack();
    must(mm.map({ at: B - 500, pages: 1, prot, flags: FIXED }));
    expect(mm.touch(B - 499 + gap).ok).toBe(may);
  });
});

describe("limits of the address space", () => {
  test("RLIMIT_AS counts every page, and what MAP_FIXED replaces does not count", () => {
    const mm = space();
    const actor = plain({ RLIMIT_AS: 4 });
    must(mm.map({ at: B, pages: 4, prot: "r", flags: FIXED }, actor));
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }, actor));
    expect(mm.map({ pages: 1, prot: "none" }, actor)).toMatchObject({
      code: "ENOMEM",
      reason: { id: "mmap/address-space-limit" },
    });
  });

  test("RLIMIT_DATA counts private writable memory, and mprotect is asked too", () => {
    const mm = space();
    const actor = plain({ RLIMIT_DATA: 2 });
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }, actor));
    must(mm.map({ at: B + 8, pages: 8, prot: "rw", flags: 0x31 }, actor));
    must(mm.map({ at: B + 20, pages: 8, prot: "r", flags: FIXED }, actor));
    expect(mm.map({ pages: 1, prot: "rw" }, actor)).toMatchObject({
      reason: { id: "mmap/data-limit" },
    });
    expect(mm.protect(B + 20, 1, "rw", actor)).toMatchObject({
      code: "ENOMEM",
      reason: { id: "mprotect/data-limit" },
    });
  });

  test("a soft RLIMIT_DATA of 0 leaves it to the hard one; any other soft limit holds", () => {
    const limited = (soft: number, hard: number): Actor => ({
      ...plain(),
      limit: (name, which) =>
        name === "RLIMIT_DATA" ? (which === "hard" ? hard : soft) * PAGE : Number.POSITIVE_INFINITY,
    });
    const maps = (soft: number, hard: number): boolean =>
      space().map({ pages: 2, prot: "rw" }, limited(soft, hard)).ok;
    expect([maps(0, 2), maps(0, 1), maps(1, 2), maps(0, 0)]).toEqual([true, false, false, false]);
  });

  test("mprotect does not ask RLIMIT_DATA where RLIMIT_AS is exceeded as it is", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "r", flags: FIXED }));
    const writable = (limits: Parameters<typeof plain>[0]): boolean =>
      mm.attempt(() => mm.protect(B, 2, "rw", plain(limits))).ok;
    expect(writable({ RLIMIT_DATA: 1 })).toBe(false);
    expect(writable({ RLIMIT_DATA: 1, RLIMIT_AS: 4 })).toBe(false);
    expect(writable({ RLIMIT_DATA: 1, RLIMIT_AS: 3 })).toBe(true);
  });

  test("one mapping may ask for all memory and swap, not for a page more; NORESERVE for any", () => {
    const mm = space("6.12", { commitPages: 2 ** 20 });
    const ask = (pages: number, flags = 0x22): boolean => mm.map({ pages, prot: "rw", flags }).ok;
    expect([ask(2 ** 20), ask(2 ** 20), ask(2 ** 20 + 1)]).toEqual([true, true, false]);
    expect(ask(2 ** 20 + 1, 0x22 | MAP.MAP_NORESERVE)).toBe(true);
  });
});

describe("what an open file allows", () => {
  const put = (more: Parameters<typeof opened>[1], prot: string, flags: number, object = {}) => {
    const backing = opened(file(4, object).object, more);
    const answer = space().map({ pages: 1, prot, flags, backing });
    return answer.ok ? "ok" : `${answer.code} ${answer.reason.id}`;
  };

  test.each([
    [{ writable: false }, "rw", 1, "EACCES mmap/file-not-writable"],
    [{ writable: false }, "rw", 2, "ok"],
    [{ readable: false }, "r", 2, "EACCES mmap/file-not-readable"],
    [{ noExec: true }, "rx", 2, "EPERM mmap/mounted-noexec"],
    [{ mappable: false }, "r", 2, "ENODEV mmap/file-cannot-be-mapped"],
    [{}, "r", 2 | MAP.MAP_GROWSDOWN, "EINVAL mmap/file-grows-down"],
    [{}, "r", 3 | MAP.MAP_SYNC, "EOPNOTSUPP mmap/flags-not-validated"],
    [{}, "r", 0, "EINVAL mmap/bad-type"],
    [{}, "rw", 3, "ok"],
  ])("an opening %j, mapped %s with flags %i: %s", (more, prot, flags, is) => {
    expect(put(more, prot, flags)).toBe(is);
  });

  test("what may never be written cannot be made writable later", () => {
    const mm = space();
    const backing = opened(file(4).object, { writable: false });
    const at = must(mm.map({ pages: 1, prot: "r", flags: 1, backing }));
    expect(mm.protect(at, 1, "rw")).toMatchObject({
      code: "EACCES",
      reason: { id: "mprotect/access" },
    });
    must(mm.protect(at, 1, "none"));
  });

  test("a file sealed against writing is mapped shared for reading only", () => {
    expect(put({}, "rw", 1, { writeSealed: true })).toBe("EPERM mmap/write-sealed");
    expect(put({}, "r", 1, { writeSealed: true })).toBe("ok");
    expect(put({}, "rw", 2, { writeSealed: true })).toBe("ok");
  });
});

test("secret memory is never private", () => {
  const backing = opened({ kind: "secret", sizeBytes: PAGE });
  const map = (flags: number) => space().map({ pages: 1, prot: "rw", flags, backing });
  expect(map(2)).toMatchObject({ code: "EINVAL", reason: { id: "mmap/secret-private" } });
  expect(map(1).ok).toBe(true);
});

test("mprotect with PROT_GROWSDOWN finds a hole where the stack begins behind the range", () => {
  const mm = space();
  must(mm.map({ at: B + 4, pages: 2, prot: "rw", flags: FIXED | MAP.MAP_GROWSDOWN }));
  const protect = (pages: number): unknown => {
    const answer = mm.attempt(() => mm.protect(B, pages, 0x0100_0001));
    return answer.ok ? "ok" : answer.reason.id;
  };
  expect([protect(4), protect(5)]).toEqual(["mprotect/hole", "ok"]);
});
