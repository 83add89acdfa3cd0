import type { Settings } from "@kadvise/releases";
import { MAP, must } from "@kadvise/uapi";
import { readFileSync } from "node:fs";
import type { AddressSpace } from "../../addressSpace.ts";
import { space } from "../../testing/world.ts";

/** The first page of what {@link tellStory} makes. */
export const BASE = 0x2_0000;
/** So many pages were looked at. */
export const PAGES = 20;

/** What a real kernel shows of two processes that did what {@link tellStory} does. */
export interface Recorded {
  readonly kernel: string;
  readonly settings: Partial<Settings>;
  /** `parent smaps`, `child pagemap`: the text, or the upper halves of the entries in hex. */
  readonly views: ReadonlyMap<string, string>;
}

/** Reads a recording; inode numbers of shared memory's own files are left out. */
export function recorded(release: string): Recorded {
  const url = new URL(`recordings/${release}.txt`, import.meta.url);
  const [head, ...parts] = readFileSync(url, "latin1").split(/^== /m);
  const [kernel, settings] = head.split("\n");
  return {
    kernel: /^Linux (\S+)/.exec(kernel)?.[1] ?? "",
    settings: JSON.parse(settings.replace("settings ", "")) as Partial<Settings>,
    views: new Map(
      parts.map((part) => {
        const end = part.indexOf("\n");
        return [part.slice(0, end), withoutInodes(part.slice(end + 1))];
      }),
    ),
  };
}

export function withoutInodes(smaps: string): string {
  return smaps.replace(/ 00:01 \d+ +(?=\/dev\/zero)/g, " 00:01 # ");
}

/**
 * Two processes with pages of every kind: written, read only, shared, copied, given up, swapped or
 * meant to be, locked, guarded.
 */
export function tellStory({ kernel, settings }: Recorded): {
  readonly parent: AddressSpace;
  readonly child: AddressSpace;
} {
  const parent = space(kernel, settings);
  const flags = MAP.MAP_FIXED | MAP.MAP_ANONYMOUS;
  const touch = (mm: AddressSpace, page: number, pages: number, access: "read" | "write"): void => {
    for (let i = 0; i < pages; i++) must(mm.touch(BASE + page + i, access));
  };
  must(parent.map({ at: BASE, pages: 12, prot: "rw", flags: flags | MAP.MAP_PRIVATE }));
  touch(parent, 0, 6, "write");
  touch(parent, 6, 2, "read");
  must(parent.map({ at: BASE + 16, pages: 4, prot: "rw", flags: flags | MAP.MAP_SHARED }));
  touch(parent, 16, 2, "write");
  touch(parent, 18, 1, "read");
  must(parent.lock(BASE + 4, 2, true));
  must(parent.advise(BASE + 6, 1, "MADV_HUGEPAGE"));
  must(parent.advise(BASE + 1, 1, "MADV_FREE"));
  must(parent.advise(BASE + 2, 1, "MADV_COLD"));
  const child = parent.fork();
  touch(child, 0, 1, "write");
  touch(child, 16, 1, "read");
  // Older kernels have no guards and refuse.
  if (parent.memory.features.guards !== "none")
    must(parent.advise(BASE + 9, 1, "MADV_GUARD_INSTALL"));
  touch(parent, 3, 1, "write");
  must(child.advise(BASE, 1, "MADV_PAGEOUT"));
  must(child.advise(BASE + 3, 1, "MADV_PAGEOUT"));
  return { parent, child };
}
