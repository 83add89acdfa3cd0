import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "./addressSpace.ts";
import { VM_LOCKED } from "./flags.ts";
import { violations } from "./testing/invariants.ts";
import { file, machine, PAGE, space } from "./testing/world.ts";

const B = 508;
const FIXED = 0x32;
const SHARED_FIXED = 0x31;

/** What a page begins with. */
function text(mm: AddressSpace, page: number, length = 5): string {
  return String.fromCharCode(...must(mm.read(page, length)));
}

describe("fork", () => {
  test("parent and child see the old bytes, and each its own writes alone", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    must(mm.write(B, "hello"));
    const child = mm.fork();
    must(child.write(B, "HELLO"));
    expect([text(mm, B), text(child, B)]).toEqual(["hello", "HELLO"]);
    must(mm.write(B + 1, "later"));
    expect(text(child, B + 1)).toBe("\0\0\0\0\0");
  });

  test("shares a page until somebody writes it, and gives it to who is left", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
    must(mm.write(B, "one"));
    const child = mm.fork();
    expect(mm.memory.frames.inUse).toBe(1);
    must(child.write(B, "two"));
    expect(mm.memory.frames.inUse).toBe(2);
    const frame = mm.pages.valueOf(B);
    must(mm.write(B, "three"));
    expect(mm.pages.valueOf(B)).toBe(frame);
    child.tearDown();
    expect(mm.memory.frames.inUse).toBe(1);
  });

  test("does not copy file pages, which the child may fault in again", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 4, prot: "r", flags: 2, backing: file(4) }));
    must(mm.touch(B, "read"));
    const child = mm.fork();
    expect([mm.filePages, child.filePages]).toEqual([1, 0]);
    must(child.touch(B, "read"));
    expect(child.pages.valueOf(B)).toBe(mm.pages.valueOf(B));
  });

  test("shared memory stays one for both", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x31 }));
    const child = mm.fork();
    must(child.write(B + 1, "hello"));
    expect(text(mm, B + 1)).toBe("hello");
  });

  test("leaves out DONTFORK, wipes WIPEONFORK, unlocks, and forgets mlockall", () => {
    const mm = space();
    for (const at of [0, 10, 20]) must(mm.map({ at: B + at, pages: 2, prot: "rw", flags: FIXED }));
    for (const at of [0, 10, 20]) must(mm.write(B + at, "hello"));
    must(mm.advise(B, 2, "MADV_DONTFORK"));
    must(mm.advise(B + 10, 2, "MADV_WIPEONFORK"));
    must(mm.lock(B + 20, 2));
    mm.lockAll(false, true, false);
    const child = mm.fork();
    expect(child.touch(B)).toMatchObject({ reason: { id: "access/no-area" } });
    expect(text(child, B + 10)).toBe("\0\0\0\0\0");
    expect(text(child, B + 20)).toBe("hello");
    const kept = child.areas.at(B + 20);
    expect([child.areas.flags[kept] & VM_LOCKED, child.lockedPages, child.defaultFlags]).toEqual([
      0, 0, 0,
    ]);
    expect(mm.lockedPages).toBe(2);
  });

  test("carries guards over, and drops them where the child is wiped", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    must(mm.advise(B + 1, 1, "MADV_GUARD_INSTALL"));
    expect(mm.fork().touch(B + 1)).toMatchObject({ reason: { id: "access/guard" } });
    must(mm.advise(B, 4, "MADV_WIPEONFORK"));
    expect(mm.fork().touch(B + 1).ok).toBe(true);
  });

  test("carries the guards of shared memory over, by a reverse map or without one", () => {
    for (const release of ["6.17", "7.0"]) {
      const mm = space(release);
      must(mm.map({ at: B, pages: 2, prot: "rw", flags: SHARED_FIXED }));
      must(mm.advise(B, 1, "MADV_GUARD_INSTALL"));
      const child = mm.fork();
      expect(child.touch(B)).toMatchObject({ reason: { id: "access/guard" } });
      expect(child.touch(B + 1).ok).toBe(true);
    }
  });

  test("swapped pages are shared as slots, and come back for each alone", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
    must(mm.write(B, "hello"));
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    const child = mm.fork();
    expect([mm.swapEntries, child.swapEntries]).toEqual([1, 1]);
    must(child.write(B, "H"));
    expect([text(mm, B), text(child, B)]).toEqual(["hello", "Hello"]);
  });
});

/** Private memory as plain arrays of bytes, one for each page. */
type Plain = Map<number, number[]>;

const PAGES = 8;
const touch = fc.record({
  who: fc.nat(3),
  page: fc.nat(PAGES - 1),
  what: fc.constantFrom(
    "write" as const,
    "write" as const,
    "write" as const,
    "MADV_COLD" as const,
    "MADV_PAGEOUT" as const,
    "MADV_PAGEOUT" as const,
    "MADV_WILLNEED" as const,
    "MADV_POPULATE_READ" as const,
    "MADV_POPULATE_WRITE" as const,
    "MADV_DONTNEED" as const,
    "read-only" as const,
    "lock" as const,
    "unlock" as const,
    "fork" as const,
    "exit" as const,
  ),
  byte: fc.integer({ min: 1, max: 255 }),
});

test("no page-out, fork or exit ever changes what a program reads from private memory", () => {
  const file2 = file(PAGES, { load: (index) => new Uint8Array(PAGE).fill(100 + index) });
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      fc.array(touch, { minLength: 20, maxLength: 80, size: "max" }),
      (swap, isFile, steps) => {
        const memory = machine("6.12", { swap });
        const first = new AddressSpace({ memory });
        const backing = isFile ? file2 : null;
        must(first.map({ at: B, pages: PAGES, prot: "rw", flags: isFile ? 0x12 : FIXED, backing }));
        const original = (page: number): number[] => {
          const byte = isFile ? 100 + page : 0;
          return [byte, byte, byte, byte];
        };
        let processes: { mm: AddressSpace; plain: Plain }[] = [
          { mm: first, plain: new Map([...Array(PAGES).keys()].map((p) => [p, original(p)])) },
        ];
        for (const { who, page, what, byte } of steps) {
          const { mm, plain } = processes[who % processes.length];
          if (what === "write") {
            if (mm.write(B + page, Uint8Array.of(byte), byte % 4).ok)
              plain.get(page)![byte % 4] = byte;
          } else if (what === "fork") {
            const copy = new Map([...plain].map(([p, bytes]) => [p, [...bytes]]));
            if (processes.length < 4) processes.push({ mm: mm.fork(), plain: copy });
          } else if (what === "exit") {
            if (processes.length === 1) continue;
            mm.tearDown();
            processes = processes.filter((each) => each.mm !== mm);
          } else if (what === "read-only") mm.protect(B + page, 1, byte % 2 === 0 ? "r" : "rw");
          else if (what === "lock" || what === "unlock") mm[what](B + page, 1);
          else if (mm.advise(B + page, 1, what).ok && what === "MADV_DONTNEED")
            plain.set(page, original(page));
          for (const each of processes) {
            for (const [p, bytes] of each.plain)
              if ((p + byte) % 3 === 0) expect([...must(each.mm.read(B + p, 4))]).toEqual(bytes);
          }
          expect(violations(memory)).toEqual([]);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("that memory is never written and executed is the child's rule too, unless it is the parent's alone", () => {
  const denied = (denyWriteExec: boolean, denyWriteExecAlone: boolean): boolean => {
    const mm = space();
    mm.denyWriteExec = denyWriteExec;
    mm.denyWriteExecAlone = denyWriteExecAlone;
    return mm.fork().denyWriteExec;
  };
  expect([denied(true, false), denied(true, true), denied(false, false)]).toEqual([
    ...[true, false, false],
  ]);
});

test("a hole in a file leaves private copies, and those that lie in swap", () => {
  const mm = space();
  const backing = file(4);
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x12, backing }));
  must(mm.map({ at: B + 8, pages: 4, prot: "rw", flags: 0x11, backing }));
  for (const page of [0, 1]) must(mm.write(B + page, "copy!"));
  for (const page of [8, 9, 10]) must(mm.write(B + page, "file!"));
  must(mm.touch(B + 2, "read"));
  must(mm.advise(B + 1, 1, "MADV_PAGEOUT"));
  expect(mm.swapEntries).toBe(1);
  must(mm.advise(B + 8, 4, "MADV_REMOVE"));
  expect([mm.swapEntries, mm.anonymousPages, mm.filePages]).toEqual([1, 1, 0]);
  expect([text(mm, B), text(mm, B + 1), text(mm, B + 2), text(mm, B + 8)]).toEqual([
    ...["copy!", "copy!", "\0\0\0\0\0", "\0\0\0\0\0"],
  ]);
  expect(violations(mm.memory)).toEqual([]);
});
