import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_LOCKED } from "./flags.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";

/**
 * msync behind its argument checks: holes are reported at the end (with MS_ASYNC alone at once),
 * MS_INVALIDATE of locked memory is refused. Linux: mm/msync.c
 *
 * Writing back changes nothing that a program can see here: the page cache is the file.
 */
export function sync(
  mm: AddressSpace,
  start: number,
  end: number,
  invalidate: boolean,
  stopAtHole: boolean,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  if (start === end) return undefined;
  unveil(mm, start, end, "msync");
  let hole: Refusal | undefined;
  let from = start;
  while (from < end) {
    const area = areas.find(from);
    const areaStart = area < 0 ? end : areas.start[area];
    if (area < 0 || areaStart > from) {
      hole ??= reasons.refuse(
        checks,
        "msync/hole",
        `0x${(from * mm.memory.pageBytes).toString(16)}`,
      );
      if (stopAtHole || area < 0 || areaStart >= end) return hole;
    }
    if (invalidate && (areas.flags[area] & VM_LOCKED) !== 0) {
      return reasons.refuse(
        checks,
        "msync/locked",
        `0x${(areaStart * mm.memory.pageBytes).toString(16)}`,
      );
    }
    from = areas.end[area]!;
  }
  return hole;
}
