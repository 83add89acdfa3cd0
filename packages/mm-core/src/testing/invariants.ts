import { isData } from "../accounting.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { VM_ACCOUNT, VM_LOCKED, VM_WRITE } from "../flags.ts";
import {
  F_ANON,
  F_EXCLUSIVE,
  F_HUGETLB,
  F_HUGETLB_HEAD,
  F_RESTORES,
  F_SHMEM,
  F_SWAPCACHE,
} from "../frames.ts";
import type { Memory } from "../memory.ts";
import {
  LEAF_PAGES,
  P_GUARD,
  P_PRESENT,
  P_SWAP,
  P_WRITE,
  P_ZERO,
  type Leaf,
} from "../pageTable.ts";

/** How often something is referred to, by its number. */
type References = Map<number, number>;

/**
 * What is wrong with a machine's memory, in sentences: nothing, ever.
 *
 * Every number that the model keeps is counted anew from what it stands for: totals from areas, map
 * counts from page tables, frames from who holds them.
 */
export function violations(memory: Memory): string[] {
  const wrong: string[] = [];
  const mapped: References = new Map();
  const swapped: References = new Map();
  for (const [i, mm] of [...memory.spaces].entries()) {
    const say = (text: string): number => wrong.push(`space ${i}: ${text}`);
    checkAreas(mm, say);
    checkEntries(mm, mapped, swapped, say);
  }
  const held = checkCaches(memory, swapped, (text) => wrong.push(text));
  checkFrames(memory, mapped, held, (text) => wrong.push(text));
  checkFolios(memory, (text) => wrong.push(text));
  checkSwap(memory, swapped, (text) => wrong.push(text));
  checkHugePool(memory, new Set([...mapped.keys(), ...held]), (text) => wrong.push(text));
  return wrong;
}

/** The pool of huge pages knows how many are in use, and how many somebody waits for. */
function checkHugePool(memory: Memory, live: ReadonlySet<number>, say: Say): void {
  const { total, free, reserved, surplus } = memory.hugePools[0];
  const { flags } = memory.frames;
  const heads = [...live].filter((frame) => (flags[frame] & F_HUGETLB_HEAD) !== 0);
  const used = heads.length;
  if (used !== total - free) say(`${used} huge pages are in use, not ${total - free}`);
  // What is to be reserved again is so when the last who shows it is gone.
  let waiting = -heads.filter((frame) => (flags[frame] & F_RESTORES) !== 0).length;
  for (const cache of memory.caches) {
    for (const index of cache.reserved.keys()) if (!cache.pages.has(index * LEAF_PAGES)) waiting++;
  }
  for (const { areas } of memory.spaces) {
    for (const area of areas) {
      const taken = areas.backing[area]?.reservation?.taken;
      const first = areas.offset[area] / LEAF_PAGES;
      const last = first + (areas.end[area] - areas.start[area]) / LEAF_PAGES;
      for (let index = first; index < last; index++) if (taken?.has(index) === false) waiting++;
    }
  }
  if (waiting !== reserved) say(`${waiting} huge pages are reserved, said to be ${reserved}`);
  if (reserved > free || surplus > total || free < 0 || surplus < 0)
    say("the pool of huge pages is overdrawn");
}

type Say = (text: string) => number;

function checkAreas(mm: AddressSpace, say: Say): void {
  const { areas } = mm;
  let behind = 0;
  let count = 0;
  let total = 0;
  let locked = 0;
  let data = 0;
  let promised = mm.promisedBeyond;
  for (const area of areas) {
    const start = areas.start[area];
    const end = areas.end[area];
    const flags = areas.flags[area];
    if (start >= end) say(`area ${start}-${end} is empty`);
    if (start < behind) say(`area ${start}-${end} begins below ${behind}`);
    if (areas.at(start) !== area || areas.at(end - 1) !== area) say(`area ${start} is not found`);
    if (areas.backing[area] === null && (flags & 8) !== 0) say(`area ${start} shares nothing`);
    behind = end;
    count++;
    total += end - start;
    if ((flags & VM_LOCKED) !== 0) locked += end - start;
    if (isData(flags)) data += end - start;
    if ((flags & VM_ACCOUNT) !== 0) promised += end - start;
  }
  if (count !== areas.count) say(`${count} areas, said to be ${areas.count}`);
  if (total !== mm.totalPages) say(`${total} pages, said to be ${mm.totalPages}`);
  if (locked + mm.lockedBeyond !== mm.lockedPages)
    say(`${locked} locked pages, said to be ${mm.lockedPages}`);
  if (promised !== mm.promisedPages) say(`${promised} promised, not ${mm.promisedPages}`);
  if (data !== mm.dataPages) say(`${data} data pages, said to be ${mm.dataPages}`);
}

function checkEntries(mm: AddressSpace, mapped: References, swapped: References, say: Say): void {
  const { frames } = mm.memory;
  const seen = { anonymous: 0, file: 0, shared: 0, swap: 0, hugetlb: 0 };
  const huge = [...mm.pages.leaves.values()].filter((leaf) => leaf.huge).length;
  if (huge !== mm.hugeTables) say(`${huge} huge pages, said to be ${mm.hugeTables}`);
  for (const [key, leaf] of mm.pages.leaves) {
    let used = 0;
    for (let i = 0; i < LEAF_PAGES; i++) {
      const bits = leaf.bits[i];
      const value = leaf.value[i];
      if (bits === 0) {
        if (value !== 0) say(`the empty entry of page ${key * LEAF_PAGES + i} holds ${value}`);
        continue;
      }
      used++;
      const page = key * LEAF_PAGES + i;
      const area = mm.areas.at(page);
      if (area < 0) say(`page ${page} has an entry and no area`);
      const kinds = [P_PRESENT, P_SWAP, P_GUARD].filter((kind) => (bits & kind) !== 0);
      if (kinds.length !== 1) say(`the entry of page ${page} is of ${kinds.length} kinds`);
      if ((bits & P_SWAP) !== 0) {
        seen.swap++;
        add(swapped, value);
      } else if ((bits & P_PRESENT) === 0 || (bits & P_ZERO) !== 0) {
        if (value !== 0) say(`page ${page} names frame ${value} without need`);
      } else {
        add(mapped, value);
        const flags = frames.flags[value];
        if ((flags & F_HUGETLB) !== 0) seen.hugetlb++;
        else if ((flags & F_ANON) !== 0) seen.anonymous++;
        else if ((flags & F_SHMEM) !== 0) seen.shared++;
        else seen.file++;
        const mayWrite = area >= 0 && (mm.areas.flags[area] & VM_WRITE) !== 0;
        if ((bits & P_WRITE) !== 0 && !mayWrite) say(`page ${page} may be written, its area not`);
        if ((bits & P_WRITE) !== 0 && (flags & (F_ANON | F_EXCLUSIVE)) === F_ANON)
          say(`page ${page} may be written and is not owned alone`);
        if ((flags & F_ANON) !== 0 && area >= 0 && mm.areas.anon[area] === 0)
          say(`page ${page} is anonymous, its area has no reverse map`);
      }
    }
    if (leaf.huge) checkHuge(mm, key, leaf, say);
    if (used !== leaf.used) say(`table ${key} has ${used} entries, said to be ${leaf.used}`);
  }
  if (seen.anonymous !== mm.anonymousPages) say(`${seen.anonymous} anonymous pages resident`);
  if (seen.file !== mm.filePages) say(`${seen.file} file pages resident, not ${mm.filePages}`);
  if (seen.shared !== mm.sharedPages) say(`${seen.shared} shared pages resident`);
  if (seen.hugetlb !== mm.hugetlbPages) say(`${seen.hugetlb} pages of hugetlb`);
  if (seen.swap !== mm.swapEntries) say(`${seen.swap} swap entries, not ${mm.swapEntries}`);
}

/** A huge page is whole, of one area, and its entries say the same. */
function checkHuge(mm: AddressSpace, key: number, { bits, used }: Leaf, say: Say): void {
  const first = key * LEAF_PAGES;
  const area = mm.areas.at(first);
  if (used !== LEAF_PAGES) say(`huge page ${first} has ${used} pages`);
  if (bits.some((one) => one !== bits[0])) say(`the pages of huge page ${first} differ`);
  if (area < 0 || mm.areas.end[area] < first + LEAF_PAGES) say(`huge page ${first} is cut`);
}

/** Returns the frames that page caches hold. */
function checkCaches(memory: Memory, swapped: References, say: Say): Set<number> {
  const held = new Set<number>();
  for (const cache of memory.caches) {
    for (const [index, frame] of cache.pages) {
      if (held.has(frame)) say(`frame ${frame} is in two caches`);
      held.add(frame);
      const place = memory.frames.places.get(frame);
      if (place?.cache !== cache.id || place.index !== index) say(`frame ${frame} knows no place`);
      if ((memory.frames.flags[frame] & F_ANON) !== 0) say(`cached frame ${frame} is anonymous`);
      if (cache.slots.has(index)) say(`page ${index} is in the cache and in swap`);
    }
    for (const slot of cache.slots.values()) add(swapped, slot);
  }
  return held;
}

function checkFrames(memory: Memory, mapped: References, cached: Set<number>, say: Say): void {
  const { frames } = memory;
  const live = new Set([...mapped.keys(), ...cached, ...frames.slots.keys()]);
  if (live.size !== frames.inUse) say(`${live.size} frames are held, ${frames.inUse} in use`);
  for (const frame of live) {
    const count = mapped.get(frame) ?? 0;
    if (frames.mapCount[frame] !== count)
      say(`frame ${frame} is mapped ${count} times, said to be ${frames.mapCount[frame]}`);
    const flags = frames.flags[frame];
    const isNamedInSwap = (memory.swap.slots.get(frames.slots.get(frame) ?? 0)?.count ?? 0) > 0;
    if ((flags & F_EXCLUSIVE) !== 0 && (count !== 1 || isNamedInSwap))
      say(`frame ${frame} is owned alone by ${count}`);
    if (((flags & F_SWAPCACHE) !== 0) !== frames.slots.has(frame))
      say(`frame ${frame} is in doubt about its place in swap`);
    if ((flags & F_ANON) === 0 && count > 0 && !cached.has(frame))
      say(`frame ${frame} of a file is mapped and not cached`);
  }
  for (const [frame] of frames.contents)
    if (!live.has(frame)) say(`bytes of frame ${frame} are left behind`);
}

/** Large folios know who maps how many of their pages. */
function checkFolios(memory: Memory, say: Say): void {
  const counts = new Map<unknown, Map<AddressSpace, number>>();
  for (const mm of memory.spaces) {
    for (const [key, { bits, value, huge }] of mm.pages.leaves) {
      for (let i = 0; i < LEAF_PAGES; i++) {
        if ((bits[i] & (P_PRESENT | P_ZERO)) !== P_PRESENT) continue;
        const folio = memory.folios.find(value[i]);
        if (huge && folio?.frames[i] !== value[i]) say(`huge page ${key} is no large folio`);
        if (folio === undefined) continue;
        if (!folio.frames.includes(value[i])) say(`frame ${value[i]} is in no folio of its own`);
        const of = counts.get(folio) ?? new Map<AddressSpace, number>();
        counts.set(folio, of.set(mm, (of.get(mm) ?? 0) + 1));
      }
    }
  }
  if (counts.size !== memory.folios.count) say(`${counts.size} large folios are mapped`);
  for (const [folio, of] of counts) {
    const { mappers } = folio as { readonly mappers: ReadonlyMap<AddressSpace, number> };
    if (mappers.size !== of.size) say("a large folio is in doubt about its processes");
    for (const [mm, count] of of)
      if (mappers.get(mm) !== count) say(`a large folio is mapped ${count} times`);
  }
}

function checkSwap(memory: Memory, swapped: References, say: Say): void {
  const { frames, swap } = memory;
  for (const [number, slot] of swap.slots) {
    const count = swapped.get(number) ?? 0;
    if (slot.count !== count) say(`slot ${number} is named ${count} times, not ${slot.count}`);
    if (slot.frame !== 0 && frames.slots.get(slot.frame) !== number)
      say(`slot ${number} names frame ${slot.frame}, which does not name it`);
    if (slot.frame === 0 && count === 0) say(`slot ${number} is nobody's`);
  }
  for (const slot of swapped.keys()) if (!swap.slots.has(slot)) say(`slot ${slot} is gone`);
  for (const [frame, slot] of frames.slots)
    if (swap.slots.get(slot)?.frame !== frame) say(`frame ${frame} is not the page of its slot`);
}

function add(references: References, number: number): void {
  references.set(number, (references.get(number) ?? 0) + 1);
}
