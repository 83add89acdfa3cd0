import { USUAL_SETTINGS, profile, type Settings } from "@kadvise/releases";
import { AddressSpace } from "../addressSpace.ts";
import type { Backing, PageObject } from "../backing.ts";
import { Memory } from "../memory.ts";

/** Bytes of a page on the machines of these tests. */
export const PAGE = 4096;

/** Memory of a release, with some settings of one's own. */
export function machine(release = "6.12", settings: Partial<Settings> = {}): Memory {
  return new Memory({
    features: profile(release).mm,
    settings: { ...USUAL_SETTINGS, ...settings },
  });
}

/** A fresh address space on a machine of its own. */
export function space(release = "6.12", settings: Partial<Settings> = {}): AddressSpace {
  return new AddressSpace({ memory: machine(release, settings) });
}

/** A file on a disk, or memory of another kind, opened for reading and writing. */
export function file(pages: number, more: Partial<PageObject> = {}): Backing {
  const object: PageObject = { kind: "file", sizeBytes: pages * PAGE, canPunch: true, ...more };
  return opened(object);
}

/** Another opening of an object. */
export function opened(object: PageObject, more: Partial<Backing> = {}): Backing {
  return { object, name: "/file", readable: true, writable: true, identity: "08:01 7", ...more };
}

/** `start-end flags` of each area in pages from a base on: `0-2 rw, 4-5 r`. */
export function areasOf(mm: AddressSpace, base = 0): string {
  const { areas } = mm;
  return [...areas]
    .map((area) => {
      const flags = areas.flags[area];
      const letters = ["r", "w", "x"].filter((_, bit) => (flags & (1 << bit)) !== 0).join("");
      return `${areas.start[area] - base}-${areas.end[area] - base} ${letters || "none"}`;
    })
    .join(", ");
}
