import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_SEALED } from "./flags.ts";
import { modifyArea, splitArea } from "./modify.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";

/**
 * Seals [start, end): its mappings cannot be changed any more. A hole refuses all of it.
 *
 * Linux: mm/mseal.c do_mseal. Where a cut is refused, what was sealed before stays so.
 */
export function seal(mm: AddressSpace, start: number, end: number): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  mm.memory.work.mmapLocks++;
  unveil(mm, start, end, "mseal");
  for (let from = start; from < end;) {
    const area = areas.at(from);
    if (area < 0) {
      const address = `0x${(from * mm.memory.pageBytes).toString(16)}`;
      return reasons.refuse(checks, "mseal/hole", address);
    }
    from = areas.end[area];
  }
  const forgets = mm.memory.features.sealForgetsMerge;
  let standsAlone = false;
  for (let from = start; from < end;) {
    const area = areas.at(from);
    const to = Math.min(end, areas.end[area]);
    const flags = areas.flags[area];
    const isNew = (flags & VM_SEALED) === 0;
    const sealed = (flags | VM_SEALED) >>> 0;
    const now: number = !isNew
      ? area
      : standsAlone
        ? cutOut(mm, area, to, sealed)
        : modifyArea(mm, area, from, to, sealed);
    if (now < 0) {
      const { maxMapCount } = mm.memory.settings.values;
      return areas.count >= maxMapCount
        ? reasons.refuse(checks, "mseal/too-many-areas", areas.count, maxMapCount)
        : reasons.refuse(checks, "mseal/special", `0x${from.toString(16)}`);
    }
    // The walk goes on behind the area that came of it, and takes the start of the next one from
    // where that ended before: what begins elsewhere has no neighbour to join.
    standsAlone = forgets && isNew && areas.end[now] > to;
    from = standsAlone ? areas.end[now] : to;
  }
  return undefined;
}

/** Seals the first part of an area, which joins nothing. */
function cutOut(mm: AddressSpace, area: number, to: number, flags: number): number {
  if (to < mm.areas.end[area]) {
    const rest = splitArea(mm, area, to);
    if (rest < 0) return rest;
  }
  mm.areas.setFlags(area, flags);
  return area;
}
