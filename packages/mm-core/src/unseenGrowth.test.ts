import { must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { noting } from "./testing/noting.ts";
import { space } from "./testing/world.ts";

const STACK = 0x10_0000;
const GROWS_DOWN = 0x132;

/** A stack of one page, of which nobody sees how far it grew. */
function unseen(): AddressSpace {
  const mm = space("6.18");
  must(mm.map({ at: STACK, pages: 1, prot: "rw", flags: GROWS_DOWN }));
  mm.touchedUnseen = true;
  return mm;
}

const CALLS: readonly (readonly [string, (mm: AddressSpace, page: number) => unknown])[] = [
  ["advice", (mm, page) => mm.advise(page, 2, "MADV_COLD")],
  ["mprotect", (mm, page) => mm.protect(page, 2, "r")],
  ["mlock", (mm, page) => mm.lock(page, 2)],
  ["mincore", (mm, page) => mm.residency(page, 2)],
  ["msync", (mm, page) => mm.sync(page, 2, false, false, false)],
  ["mseal", (mm, page) => mm.seal(page, 2)],
  ["a name", (mm, page) => mm.name(page, 2, "x")],
  ["mremap", (mm, page) => mm.remap({ page, oldPages: 1, newPages: 1, flags: 1, target: 0 })],
];

test.each(CALLS)("how far a stack grew unseen is asked by %s below it", (_, call) => {
  const mm = unseen();
  const asked = noting(mm);
  call(mm, STACK - 1);
  expect(asked[0]).toMatchObject({ id: "mm/unseen-growth", pages: { end: STACK } });
  expect(asked[0].describe()).toContain("the stack at page 100000");
  expect(asked[0].allows(true)).toBe(false);
});

test("it is asked of no page that is mapped, behind the stack, or a gigabyte away", () => {
  const mm = unseen();
  must(mm.map({ at: STACK - 10, pages: 1, prot: "rw", flags: 0x32 }));
  const asked = noting(mm);
  for (const page of [STACK, STACK - 10, STACK - 11, STACK + 1]) mm.advise(page, 1, "MADV_COLD");
  expect(asked).toEqual([]);
  must(mm.unmap(STACK - 10, 1));
  mm.advise(STACK - 0x4_0001, 1, "MADV_COLD");
  expect(asked).toEqual([]);
  mm.advise(STACK - 11, 1, "MADV_COLD");
  expect(asked).toMatchObject([{ pages: { start: STACK - 11, end: STACK - 10 } }]);
});

test("it is asked of no program all of whose memory is seen", () => {
  const mm = unseen();
  mm.touchedUnseen = false;
  const asked = noting(mm);
  expect(mm.advise(STACK - 1, 1, "MADV_COLD")).toMatchObject({ code: "ENOMEM" });
  expect(asked).toEqual([]);
});
