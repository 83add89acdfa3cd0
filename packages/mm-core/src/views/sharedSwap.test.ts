import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";
import type { Backing } from "../backing.ts";
import { opened, space } from "../testing/world.ts";

const B = 0x1000;
const SHARED = 0x11;
const PRIVATE = 0x12;

/** Eight pages of shared memory, of which 1, 4 and 6 lie in swap. */
function swapped(): { mm: AddressSpace; backing: Backing } {
  const mm = space();
  const backing = opened({ kind: "shmem", sizeBytes: 1 << 16 }, { name: "/memfd:m" });
  must(mm.map({ at: B, pages: 8, prot: "rw", flags: SHARED, backing }));
  for (const page of [1, 4, 6]) must(mm.write(B + page, "1"));
  must(mm.advise(B, 8, "MADV_PAGEOUT"));
  return { mm, backing };
}

/** The Swap lines of smaps, in kilobytes. */
function swapLines(mm: AddressSpace): number[] {
  return [...mm.smaps().matchAll(/^Swap: +(\d+) kB$/gm)].map(([, number]) => Number(number));
}

describe("Swap of smaps", () => {
  test("counts what of shared memory lies there within each area's part", () => {
    const { mm, backing } = swapped();
    expect(swapLines(mm)).toEqual([12]);
    const map = (at: number, offsetPages: number, pages: number): void => {
      must(mm.map({ at: B + at, pages, prot: "rw", flags: SHARED, backing, offsetPages }));
    };
    map(32, 4, 2);
    map(48, 2, 2);
    map(64, 2, 3);
    map(80, 6, 8);
    expect(swapLines(mm)).toEqual([12, 4, 0, 4, 4]);
  });

  test("of a private mapping leaves out what a copy of its own hides", () => {
    const { mm, backing } = swapped();
    must(mm.unmap(B, 8));
    must(mm.map({ at: B + 32, pages: 8, prot: "rw", flags: PRIVATE, backing }));
    expect(swapLines(mm)).toEqual([12]);
    must(mm.write(B + 32 + 2, "c"));
    expect(swapLines(mm)).toEqual([12]);
    must(mm.protect(B + 32, 8, "r"));
    expect(swapLines(mm)).toEqual([12]);
  });

  test("forgets what came back", () => {
    const { mm } = swapped();
    must(mm.touch(B + 4, "read"));
    expect(swapLines(mm)).toEqual([8]);
  });

  test("counts private pages once for each process, and shares them in SwapPss", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x32 }));
    for (const page of [0, 1]) must(mm.write(B + page, "1"));
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    const shares = (of: AddressSpace): string =>
      /^SwapPss: +(\d+) kB$/m.exec(of.smaps())?.[1] ?? "";
    expect([swapLines(mm), shares(mm)]).toEqual([[8], "8"]);
    const child = mm.fork();
    expect([swapLines(child), shares(child), shares(mm)]).toEqual([[8], "4", "4"]);
  });
});

test("a private copy hides what lies in swap behind it, where the mapping may be written", () => {
  for (const [offset, hidden] of [
    [0, 1],
    [2, 1],
  ] as const) {
    const { mm, backing } = swapped();
    must(mm.unmap(B, 8));
    must(
      mm.map({
        at: B + 32,
        pages: 8 - offset,
        prot: "rw",
        flags: PRIVATE,
        backing,
        offsetPages: offset,
      }),
    );
    must(mm.write(B + 32 + 4 - offset, "c"));
    // What was copied came back for all.
    const before = swapLines(mm);
    must(mm.map({ at: B + 64, pages: 8, prot: "rw", flags: SHARED, backing }));
    must(mm.touch(B + 64 + 4, "write"));
    must(mm.advise(B + 64, 8, "MADV_PAGEOUT"));
    const all = mm.memory.caches;
    const inSwap = [...all].reduce((sum, { slots }) => sum + slots.size, 0);
    expect(inSwap).toBe(3);
    const behind = offset === 0 ? 3 : 2;
    expect([before, swapLines(mm)]).toEqual([[4 * (behind - 1)], [4 * (behind - hidden), 12]]);
    must(mm.protect(B + 32, 8 - offset, "r"));
    expect(swapLines(mm)).toEqual([4 * behind, 12]);
  }
});
