import { MADV, type Refusal } from "@kadvise/uapi";
import type { Actor } from "../actor.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { VM_IO, VM_PFNMAP, VM_READ, VM_WRITE } from "../flags.ts";
import { reach } from "../pin.ts";
import { keyAllows } from "../protectionKeys.ts";
import { reasons } from "../reasons.ts";
import { isPoisoned, unseenObstacle } from "../unseenObstacle.ts";

/**
 * MADV_POPULATE_READ and MADV_POPULATE_WRITE: brings in every page, or says why one cannot be.
 * Since 5.14.
 *
 * Linux: mm/madvise.c madvise_populate, mm/gup.c faultin_page_range. Not a walk like the other
 * advice's: a refusal stops at once with earlier pages populated. A hole stops too from 6.10 on;
 * before, what lies behind it is populated all the same.
 */
export function populateAdvice(
  mm: AddressSpace,
  start: number,
  end: number,
  advice: number,
  actor: Actor,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  if (actor.fatalSignalPending())
    return reasons.refuse(checks, "madvise/killed", address(mm, start));
  const write = advice === MADV.MADV_POPULATE_WRITE;
  let hole: Refusal | undefined;
  let mayBePoisoned = true;
  let from = start;
  while (from < end) {
    const area = areas.find(from);
    const areaStart = area < 0 ? end : areas.start[area];
    if (areaStart > from) {
      hole ??= reasons.refuse(checks, "madvise/hole", address(mm, from));
      if (mm.memory.features.populateHole === "stop" || areaStart >= end) return hole;
      from = areaStart;
    }
    const flags = areas.flags[area];
    const secret = areas.backing[area]?.object.kind === "secret";
    const wanted = write ? VM_WRITE : VM_READ;
    const isDenied = (flags & wanted) === 0 || !keyAllows(mm, area, write, actor);
    if ((flags & (VM_IO | VM_PFNMAP)) !== 0 || secret || isDenied) {
      return reasons.refuse(checks, "madvise/populate-refused", address(mm, from));
    }
    const to = Math.min(end, areas.end[area]);
    const unseen = unseenObstacle(mm, area, from, to);
    if (unseen === "refused")
      return reasons.refuse(checks, "madvise/populate-refused", address(mm, from));
    if (unseen !== undefined)
      return reasons.refuseBecause(checks, "madvise/populate-fault", unseen, address(mm, from));
    for (let page = from; page < to; page++) {
      const refusal = reach(mm, area, page, write);
      if (refusal !== undefined) {
        return reasons.refuseBecause(checks, "madvise/populate-fault", refusal, address(mm, page));
      }
      if (mayBePoisoned && isPoisoned(mm, start, end)) {
        return reasons.refuse(checks, "madvise/populate-poisoned", address(mm, page));
      }
      mayBePoisoned = false;
    }
    from = to;
  }
  return hole;
}

function address(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
