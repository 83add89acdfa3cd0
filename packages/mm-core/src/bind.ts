import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_IO, VM_PFNMAP, VM_READ } from "./flags.ts";
import { policyIn, relabelled } from "./label.ts";
import { modifyArea, TOO_MANY_AREAS } from "./modify.ts";
import { P_PRESENT, P_ZERO } from "./pageTable.ts";
import { reach } from "./pin.ts";
import { keyAllows } from "./protectionKeys.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";

/** mbind's arguments behind the system call's own checks. */
export interface BindRequest {
  readonly start: number;
  readonly end: number;
  /** A text that equal policies share; "" for none. */
  readonly policy: string;
  /** No page may be where it is: the policy names no node, and whoever asks is strict. */
  readonly refusesPages: boolean;
}

/**
 * Gives [start, end) a memory policy: areas of different policies do not join. All of it is looked
 * at first; without a policy holes are passed over. Linux: mm/mempolicy.c do_mbind
 */
export function bindRange(mm: AddressSpace, request: BindRequest): Refusal | undefined {
  const { start, end, policy } = request;
  const { areas } = mm;
  mm.memory.work.mmapLocks++;
  unveil(mm, start, end);
  const refusal = look(mm, request);
  if (refusal !== undefined) return refusal;
  for (let from = start; from < end;) {
    const area = areas.find(from);
    if (area < 0 || areas.start[area] >= end) break;
    from = Math.max(from, areas.start[area]);
    const to = Math.min(end, areas.end[area]);
    const objection = bindArea(mm, area, { from, to, policy });
    if (objection !== undefined) return objection;
    from = to;
  }
  return undefined;
}

/** Linux: mm/mempolicy.c queue_pages_range */
function look(
  mm: AddressSpace,
  { start, end, policy, refusesPages }: BindRequest,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  let area = areas.find(start);
  if (area < 0 || areas.start[area] >= end)
    return reasons.refuse(checks, "mbind/hole", addressOf(mm, start));
  if (policy !== "" && areas.start[area] > start)
    return reasons.refuse(checks, "mbind/hole", addressOf(mm, start));
  for (;;) {
    const next = areas.next(area);
    const behind = areas.end[area];
    const isHole = behind < end && (next < 0 || areas.start[next] > behind);
    if (policy !== "" && isHole) return reasons.refuse(checks, "mbind/hole", addressOf(mm, behind));
    const page = refusesPages
      ? presentPage(mm, Math.max(start, areas.start[area]), Math.min(end, behind))
      : -1;
    if (page >= 0) return reasons.refuse(checks, "mbind/misplaced", addressOf(mm, page));
    if (behind >= end || next < 0 || areas.start[next] >= end) return undefined;
    area = next;
  }
}

function presentPage(mm: AddressSpace, start: number, end: number): number {
  for (let page = mm.pages.nextUsed(start, end); page < end; page++)
    if ((mm.pages.bitsOf(page) & (P_PRESENT | P_ZERO)) === P_PRESENT) return page;
  return -1;
}

function bindArea(
  mm: AddressSpace,
  area: number,
  { from, to, policy }: { readonly from: number; readonly to: number; readonly policy: string },
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const label = areas.labelOf(area);
  if (policyIn(label) === policy) return undefined;
  const changed = modifyArea(mm, area, from, to, areas.flags[area], relabelled(label, { policy }));
  if (changed >= 0) return undefined;
  return changed === TOO_MANY_AREAS
    ? reasons.refuse(
        checks,
        "mbind/too-many-areas",
        areas.count,
        mm.memory.settings.values.maxMapCount,
      )
    : reasons.refuse(checks, "mbind/special", addressOf(mm, from));
}

/** The policy of the area that holds a page; undefined where nothing is mapped. */
export function policyAt(mm: AddressSpace, page: number): string | undefined {
  unveil(mm, page, page + 1);
  const area = mm.areas.at(page);
  return area < 0 ? undefined : policyIn(mm.areas.labelOf(area));
}

/**
 * Brings a page in to see on which node it is; false where that cannot be. Linux: mm/mempolicy.c
 * lookup_node
 */
export function readNode(mm: AddressSpace, page: number, actor: Actor): boolean {
  const area = mm.areas.at(page);
  if (area < 0) return false;
  const flags = mm.areas.flags[area];
  const isReadable = (flags & VM_READ) !== 0 && (flags & (VM_IO | VM_PFNMAP)) === 0;
  if (!isReadable || !keyAllows(mm, area, false, actor)) return false;
  return reach(mm, area, page, false) === undefined;
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
