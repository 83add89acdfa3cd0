import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { F_EXCLUSIVE, F_SWAPCACHE } from "./frames.ts";
import { violations } from "./testing/invariants.ts";
import { space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

/** A page in swap that a process and its child both name. */
function shared(): readonly [AddressSpace, AddressSpace] {
  const mm = space("6.18");
  must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
  must(mm.write(B, "page"));
  must(mm.advise(B, 1, "MADV_PAGEOUT"));
  return [mm, mm.fork()];
}

function text(mm: AddressSpace): string {
  return String.fromCharCode(...must(mm.read(B, 4)));
}

function flag(mm: AddressSpace, bit: number): boolean {
  return (mm.memory.frames.flags[mm.pages.valueOf(B)] & bit) !== 0;
}

function balanced({ memory }: AddressSpace): void {
  expect(violations(memory)).toEqual([]);
}

describe("a page that left for swap, and whose frame nobody needed yet", () => {
  test("is found by all who name it: one frame comes back", () => {
    const [parent, child] = shared();
    const { frames, swap } = parent.memory;
    expect([frames.inUse, swap.slots.size]).toEqual([1, 1]);
    for (const mm of [parent, child]) must(mm.touch(B, "read"));
    expect(parent.pages.valueOf(B)).toBe(child.pages.valueOf(B));
    expect([frames.inUse, swap.slots.size, text(parent), text(child)]).toEqual([
      ...[1, 1, "page", "page"],
    ]);
    balanced(parent);
  });

  test("stays there for the other when one gives up its entry", () => {
    const [parent, child] = shared();
    must(child.advise(B, 1, "MADV_DONTNEED"));
    expect([must(parent.residency(B, 1))[0], parent.memory.frames.inUse]).toEqual([1, 1]);
    balanced(parent);
    must(parent.advise(B, 1, "MADV_DONTNEED"));
    expect([parent.memory.frames.inUse, parent.memory.swap.slots.size]).toEqual([0, 0]);
    balanced(parent);
  });

  test("stays there for who names it when who had it mapped lets it go", () => {
    const [parent, child] = shared();
    must(parent.touch(B, "read"));
    must(parent.advise(B, 1, "MADV_DONTNEED"));
    expect([must(child.residency(B, 1))[0], parent.memory.frames.inUse]).toEqual([1, 1]);
    expect(parent.memory.swap.slots.size).toBe(1);
    balanced(parent);
    must(child.touch(B, "read"));
    must(child.advise(B, 1, "MADV_DONTNEED"));
    expect([parent.memory.frames.inUse, parent.memory.swap.slots.size]).toEqual([0, 0]);
  });

  test("stays mapped where it came back, when the last other entry goes", () => {
    const [parent, child] = shared();
    must(parent.touch(B, "read"));
    for (const advice of ["MADV_FREE", "MADV_DONTNEED"] as const) must(child.advise(B, 1, advice));
    expect([text(parent), parent.memory.frames.inUse]).toEqual(["page", 1]);
    balanced(parent);
  });

  test("is owned by who writes it alone; by nobody who reads what a fork shared", () => {
    const [parent, child] = shared();
    must(parent.touch(B, "read"));
    expect([flag(parent, F_EXCLUSIVE), flag(parent, F_SWAPCACHE)]).toEqual([false, true]);
    must(parent.write(B, "mine"));
    expect([text(parent), text(child), flag(child, F_EXCLUSIVE)]).toEqual(["mine", "page", false]);
    must(child.write(B, "own"));
    expect([flag(child, F_EXCLUSIVE), flag(child, F_SWAPCACHE)]).toEqual([true, false]);
    balanced(parent);
  });

  test("keeps its place there, clean, until it is written or locked", () => {
    for (const [name, change, kept] of [
      ["read", (mm) => mm.touch(B, "read"), true],
      ["write", (mm) => mm.touch(B), false],
      ["lock", (mm) => mm.lock(B, 1), false],
    ] as readonly (readonly [
      string,
      (mm: AddressSpace) => ReturnType<AddressSpace["touch"]>,
      boolean,
    ])[]) {
      const [parent, child] = shared();
      child.tearDown();
      must(change(parent));
      expect([name, flag(parent, F_SWAPCACHE), parent.memory.swap.slots.size]).toEqual([
        ...[name, kept, kept ? 1 : 0],
      ]);
      expect([text(parent), flag(parent, F_EXCLUSIVE)]).toEqual(["page", !kept]);
      balanced(parent);
    }
  });

  test("keeps it where a child still names it, also when it is locked", () => {
    const [parent, child] = shared();
    must(parent.lock(B, 1));
    expect(text(child)).toBe("page");
    balanced(parent);
  });

  test("is given up by FREE for one who names it, and no other", () => {
    const [parent, child] = shared();
    must(parent.advise(B, 1, "MADV_FREE"));
    expect([text(parent), text(child), parent.swapEntries]).toEqual(["\0\0\0\0", "page", 0]);
    balanced(parent);
  });

  test("is not given up by FREE where it came back and a child still names its place", () => {
    const [parent, child] = shared();
    must(parent.touch(B, "read"));
    parent.memory.tally.clear();
    must(parent.advise(B, 1, "MADV_FREE"));
    expect(parent.memory.tally.read().skipped).toEqual({ shared: 1 });
    child.tearDown();
    must(parent.advise(B, 1, "MADV_FREE"));
    expect([parent.memory.tally.acted, parent.memory.swap.slots.size]).toEqual([1, 0]);
    balanced(parent);
  });
});

test("a place in swap that nobody has is no place", () => {
  const [mm] = shared();
  expect(() => mm.memory.swap.get(99)).toThrow(/swap slot 99 is empty/);
});
