import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { indexOf } from "./filePage.ts";
import { VM_LOCKED, VM_SHARED } from "./flags.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";
import { writeBack } from "./writeBack.ts";

/** What msync was asked for, behind its argument checks. */
export interface SyncRequest {
  /** MS_INVALIDATE. */
  readonly invalidate: boolean;
  /** MS_ASYNC alone: nothing is written, and the first hole ends it. */
  readonly stopAtHole: boolean;
  /** MS_SYNC. */
  readonly write: boolean;
}

/**
 * msync: holes are reported at the end (with MS_ASYNC alone at once), MS_INVALIDATE of locked
 * memory is refused. Linux: mm/msync.c
 */
export function sync(
  mm: AddressSpace,
  start: number,
  end: number,
  request: SyncRequest,
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
      hole ??= reasons.refuse(checks, "msync/hole", addressOf(mm, from));
      if (request.stopAtHole || area < 0 || areaStart >= end) return hole;
      from = areaStart;
    }
    if (request.invalidate && (areas.flags[area] & VM_LOCKED) !== 0) {
      return reasons.refuse(checks, "msync/locked", addressOf(mm, areaStart));
    }
    const to = Math.min(end, areas.end[area]);
    if (request.write && (areas.flags[area] & VM_SHARED) !== 0) {
      const first = indexOf(mm, area, from);
      writeBack(mm.memory, areas.backing[area]!.object, first, first + (to - from));
    }
    from = to;
  }
  return hole;
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
