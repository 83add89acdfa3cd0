import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { OMNIPOTENT } from "./actor.ts";
import { VM_LOCKED } from "./flags.ts";
import { remapFile } from "./remapFile.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, file, opened, space } from "./testing/world.ts";

const B = 0x1000;
const SHARED = MAP.MAP_SHARED | MAP.MAP_FIXED;

/** Eight pages of a file, shared. */
function laid(prot = "rw", backing: Backing = file(32)): AddressSpace {
  const mm = space();
  must(mm.map({ at: B, pages: 8, prot, flags: SHARED, backing }));
  return mm;
}

function said(mm: AddressSpace, at: number, pages: number, offsetPages: number): string {
  const answer = remapFile(mm, { at: B + at, pages, offsetPages, flags: 0 }, OMNIPOTENT);
  expect(violations(mm.memory)).toEqual([]);
  if (answer.ok) return "ok";
  return `${answer.code} ${answer.reason.id} ${String(Object.values(answer.reason.compared ?? {})[0])}`;
}

/** Which page of the file each area shows first. */
function offsets({ areas }: AddressSpace): number[] {
  return [...areas].map((area) => areas.offset[area]);
}

describe("remap_file_pages", () => {
  test.each(["rw", "r", "rx", "w", "rwx"])("keeps the rights of a mapping that is %s", (prot) => {
    const mm = laid(prot);
    expect(said(mm, 2, 3, 20)).toBe("ok");
    expect(areasOf(mm, B)).toBe(["0-2", "2-5", "5-8"].map((part) => `${part} ${prot}`).join(", "));
    expect(offsets(mm)).toEqual([0, 20, 5]);
  });

  test("brings the pages in, unless it is told not to wait", () => {
    const mm = laid();
    expect([said(mm, 0, 4, 8), mm.filePages]).toEqual(["ok", 4]);
    const other = laid();
    const request = { at: B, pages: 4, offsetPages: 8, flags: MAP.MAP_NONBLOCK };
    expect(remapFile(other, request, OMNIPOTENT).ok).toBe(true);
    expect([offsets(other), other.filePages]).toEqual([[8, 4], 0]);
  });

  test("keeps a mapping locked, and locks none that was not", () => {
    const lockedOf = (mm: AddressSpace): boolean[] =>
      [...mm.areas].map((area) => (mm.areas.flags[area] & VM_LOCKED) !== 0);
    const mm = laid();
    must(mm.lock(B, 8));
    expect([said(mm, 4, 4, 0), lockedOf(mm), mm.lockedPages]).toEqual(["ok", [true, true], 8]);
    const other = laid();
    expect([said(other, 4, 4, 0), lockedOf(other)]).toEqual(["ok", [false, false]]);
  });

  test("of what shares nothing is refused", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x32 }));
    must(mm.map({ at: B + 4, pages: 2, prot: "rw", flags: 0x12, backing: file(8) }));
    const none = (at: number): string => said(mm, at, 1, 0);
    expect([none(0), none(3), none(4)]).toEqual([
      "EINVAL remap_file_pages/not-shared 0x1000000",
      "EINVAL remap_file_pages/not-shared 0x1003000",
      "EINVAL remap_file_pages/not-shared 0x1004000",
    ]);
  });

  const SEVERAL = "EINVAL remap_file_pages/several-mappings";
  const neighbours: readonly (readonly [string, (mm: AddressSpace) => void, string])[] = [
    ["a hole", (mm) => must(mm.unmap(B + 4, 1)), `${SEVERAL} 0x1004000`],
    ["other rights", (mm) => must(mm.protect(B + 4, 4, "r")), `${SEVERAL} 0x1004000`],
    ["the end of the mapping", (mm) => must(mm.unmap(B + 6, 2)), `${SEVERAL} 0x1006000`],
    ["another key", (mm) => must(mm.protect(B + 4, 4, "rw", OMNIPOTENT, 0)), "ok"],
    [
      "another file",
      (mm) => must(mm.map({ at: B + 4, pages: 4, prot: "rw", flags: SHARED, backing: file(8) })),
      `${SEVERAL} 0x1004000`,
    ],
  ];
  test.each(neighbours)("over %s", (_, change, answer) => {
    const mm = laid();
    change(mm);
    expect(said(mm, 1, 7, 16)).toBe(answer);
    expect(said(mm, 1, 3, 16)).toBe("ok");
  });

  test("over areas that differ in their key alone is refused", () => {
    const mm = laid();
    mm.keys = 3;
    must(mm.protect(B + 4, 4, "rw", OMNIPOTENT, 1));
    expect(said(mm, 1, 7, 16)).toBe(`${SEVERAL} 0x1004000`);
    expect(said(mm, 1, 3, 16)).toBe("ok");
  });

  test("over areas that show the file in the same way, though not one page after another", () => {
    const mm = laid();
    expect([said(mm, 2, 2, 20), said(mm, 1, 6, 8)]).toEqual(["ok", "ok"]);
    expect([areasOf(mm, B), offsets(mm)]).toEqual(["0-1 rw, 1-7 rw, 7-8 rw", [0, 8, 7]]);
  });
});

describe("shared memory of its own", () => {
  test("outlives the change of all that shows it, and ends with the last mapping", () => {
    const mm = space();
    const { memory } = mm;
    must(mm.map({ at: B, pages: 8, prot: "rw", flags: SHARED | MAP.MAP_ANONYMOUS }));
    must(mm.write(B + 3, "x"));
    const promised = memory.sharedPromises;
    expect([said(mm, 0, 8, 0), said(mm, 4, 4, 3)]).toEqual(["ok", "ok"]);
    expect(["3", "4"].map((at) => must(mm.read(B + Number(at), 1))[0])).toEqual([0x78, 0x78]);
    expect(mm.areas.backing[mm.areas.at(B)]!.object.mappings).toBe(2);
    must(mm.unmap(B, 4));
    expect(memory.sharedPromises).toBe(promised);
    must(mm.unmap(B + 4, 4));
    expect([memory.sharedPromises, memory.frames.inUse]).toEqual([promised - 8, 0]);
  });
});

describe("a segment that was removed", () => {
  const segment = (mappings: number, closes: boolean, outlivesMappings = false): Backing =>
    opened(
      { kind: "shmem", sizeBytes: 1 << 17, mappings, outlivesMappings },
      closes ? { closes } : {},
    );

  test.each([
    [false, false, "ok"],
    [true, false, "EINVAL remap_file_pages/segment-gone undefined"],
    [true, true, "ok"],
  ])("closes: %s, outlives its mappings: %s", (closes, outlives, answer) => {
    const backing = segment(0, closes, outlives);
    const mm = space();
    must(mm.map({ at: B, pages: 8, prot: "rw", flags: SHARED, backing }));
    const tried = mm.attempt(() => said(mm, 0, 8, 8));
    expect(tried).toBe(answer);
  });

  test("is shown again while another mapping of it is left", () => {
    const backing = segment(0, true);
    const mm = space();
    for (const at of [B, B + 64])
      must(mm.map({ at, pages: 8, prot: "rw", flags: SHARED, backing }));
    expect([said(mm, 0, 8, 8), backing.object.mappings]).toEqual(["ok", 2]);
    must(mm.unmap(B + 64, 8));
    expect(said(mm, 0, 8, 0)).toBe("EINVAL remap_file_pages/segment-gone undefined");
  });
});
