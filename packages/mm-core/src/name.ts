import { MADV, type Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { stateKind } from "./advise.ts";
import { VM_UNSTATED } from "./flags.ts";
import { relabelled } from "./label.ts";
import { modifyArea, TOO_MANY_AREAS } from "./modify.ts";
import { reasons } from "./reasons.ts";
import { SharedAnonymous } from "./sharedMemory.ts";
import { unveil } from "./unveil.ts";

/**
 * Gives the anonymous memory of [start, end) a name; none takes it away. Linux: mm/madvise.c
 * madvise_set_anon_name
 *
 * It is walked as advice is: a hole makes the answer ENOMEM in the end and stops nothing, a file
 * stops the walk. Areas of different names do not join.
 */
export function nameRange(
  mm: AddressSpace,
  start: number,
  end: number,
  name: string | undefined,
): Refusal | undefined {
  if (start === end) return undefined;
  const { areas } = mm;
  mm.memory.work.mmapLocks++;
  unveil(mm, start, end, "madvise");
  let hole = -1;
  for (let from = start; from < end;) {
    const area = areas.find(from);
    if (area < 0 || areas.start[area] > from) {
      if (hole < 0) hole = from;
      if (area < 0 || areas.start[area] >= end) break;
      from = areas.start[area];
    }
    const to = Math.min(end, areas.end[area]);
    const refusal = nameArea(mm, area, from, to, name);
    if (refusal !== undefined) return refusal;
    from = to;
  }
  const { checks } = mm.memory.ports;
  return hole < 0 ? undefined : reasons.refuse(checks, "prctl/name-hole", addressOf(mm, hole));
}

function nameArea(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
  name: string | undefined,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  if ((areas.flags[area] & VM_UNSTATED) !== 0) stateKind(mm, start, end, MADV.MADV_COLD);
  if (!mayHaveName(mm, area))
    return reasons.refuse(checks, "prctl/name-file", addressOf(mm, start));
  if (areas.nameOf(area) === name) return undefined;
  const { flags } = areas;
  const label = relabelled(areas.labelOf(area), { name });
  const changed = modifyArea(mm, area, start, end, flags[area], label);
  if (changed >= 0) return undefined;
  const { maxMapCount } = mm.memory.settings.values;
  return changed === TOO_MANY_AREAS
    ? reasons.refuse(checks, "prctl/name-too-many-areas", areas.count, maxMapCount)
    : reasons.refuse(checks, "prctl/name-special", addressOf(mm, start));
}

/** The kernel's own mappings show no file: they can be named, though nobody sees it. */
function mayHaveName(mm: AddressSpace, area: number): boolean {
  const backing = mm.areas.backing[area] ?? null;
  if (backing === null || backing.object.kind === "special") return true;
  const isShared = backing.object instanceof SharedAnonymous;
  return isShared && mm.memory.features.anonNames === "shared";
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
