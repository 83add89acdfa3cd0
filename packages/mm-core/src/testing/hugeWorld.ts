import type { Settings } from "@kadvise/releases";
import { MAP, type Result } from "@kadvise/uapi";
import { AddressSpace } from "../addressSpace.ts";
import type { PageObject } from "../backing.ts";
import type { Memory } from "../memory.ts";
import { machine, PAGE } from "./world.ts";

/** Small pages of a huge one. */
export const HUGE = 512;
/** Where the tests map: a whole huge page. */
export const BASE = 0x2_0000;

const FIXED_HUGE: number = MAP.MAP_FIXED | MAP.MAP_ANONYMOUS | MAP.MAP_HUGETLB;
export const PRIVATE: number = FIXED_HUGE | MAP.MAP_PRIVATE;
export const SHARED: number = FIXED_HUGE | MAP.MAP_SHARED;
export const NORESERVE: number = MAP.MAP_NORESERVE;

/** An address space on a machine with a pool of so many huge pages. */
export function pooled(
  hugePages: number,
  release = "6.18",
  settings: Partial<Settings> = {},
): AddressSpace {
  return new AddressSpace({ memory: machine(release, { hugePages, ...settings }) });
}

/** Maps so many huge pages, so many of them above the base; answers the errno where that fails. */
export function mapHuge(
  mm: AddressSpace,
  at: number,
  count: number,
  { flags = PRIVATE, prot = "rw" }: { readonly flags?: number; readonly prot?: string } = {},
): string {
  return codeOf(mm.map({ at: hugeAt(at), pages: count * HUGE, prot, flags }));
}

/** The first page of a huge page, counted from the base. */
export function hugeAt(index: number): number {
  return BASE + index * HUGE;
}

/** `ok`, or why not. */
export function codeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : `${result.code} ${result.reason.id}`;
}

/** Touches a huge page somewhere within. */
export function touch(mm: AddressSpace, at: number, access: "read" | "write" = "write"): string {
  return codeOf(mm.touch(hugeAt(at) + 77, access));
}

/** The text that lies within a huge page. */
export function text(mm: AddressSpace, at: number): string {
  const read = mm.read(hugeAt(at) + 300, 1);
  return read.ok ? String.fromCharCode(read.value[0]) : codeOf(read);
}

export function store(mm: AddressSpace, at: number, character: string): string {
  return codeOf(mm.write(hugeAt(at) + 300, character));
}

/** HugePages_Total, _Free, _Rsvd and _Surp as /proc/meminfo has them. */
export function pool({ hugePools: [usual] }: Memory): string {
  return `${usual.total} ${usual.free} ${usual.reserved} ${usual.surplus}`;
}

/** A file of huge pages, as memfd_create makes one, and what maps it. */
export function hugeFile(hugePages: number): {
  readonly object: PageObject & { sizeBytes: number };
  map(mm: AddressSpace, at: number, count: number, more?: HugeFileMapping): string;
} {
  const object: PageObject & { sizeBytes: number } = {
    kind: "hugetlb",
    canPunch: true,
    sizeBytes: hugePages * HUGE * PAGE,
    resize(journal, sizeBytes) {
      journal.save(object, "sizeBytes");
      object.sizeBytes = sizeBytes;
    },
  };
  const backing = { object, name: "/memfd:h (deleted)", readable: true, writable: true };
  return {
    object,
    map: (mm, at, count, { flags = MAP.MAP_SHARED, prot = "rw", from = 0 } = {}) =>
      codeOf(
        mm.map({
          ...{ at: hugeAt(at), pages: count * HUGE, prot, backing },
          ...{ flags: flags | MAP.MAP_FIXED, offsetPages: from * HUGE },
        }),
      ),
  };
}

interface HugeFileMapping {
  readonly flags?: number;
  readonly prot?: string;
  /** The first huge page of the file. */
  readonly from?: number;
}
