import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_SEALED } from "./flags.ts";
import { modifyArea } from "./modify.ts";
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
  for (let from = start; from < end;) {
    const area = areas.at(from);
    const to = Math.min(end, areas.end[area]);
    const flags = areas.flags[area];
    const isNew = (flags & VM_SEALED) === 0;
    if (isNew && modifyArea(mm, area, from, to, (flags | VM_SEALED) >>> 0) < 0) {
      const { maxMapCount } = mm.memory.settings.values;
      return areas.count >= maxMapCount
        ? reasons.refuse(checks, "mseal/too-many-areas", areas.count, maxMapCount)
        : reasons.refuse(checks, "mseal/special", `0x${from.toString(16)}`);
    }
    from = to;
  }
  return undefined;
}
