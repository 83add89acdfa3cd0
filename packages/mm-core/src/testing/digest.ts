import type { AddressSpace } from "../addressSpace.ts";
import type { Backing, PageObject } from "../backing.ts";
import type { Memory } from "../memory.ts";

/**
 * Everything that a machine's memory holds, as lines of text: what is equal here cannot be told
 * apart by any call. Meters (work, tally) and remembered searches are not state.
 */
export function digest(memory: Memory): string[] {
  const { frames, swap } = memory;
  const lines: string[] = [`frames in use ${frames.inUse}`];
  for (const [i, mm] of [...memory.spaces].entries())
    for (const line of digestSpace(mm)) lines.push(`${i}: ${line}`);
  for (const cache of memory.caches) {
    lines.push(
      `cache ${cache.id} ${cache.object.kind} pages ${pairs(cache.pages)} slots ${pairs(cache.slots)} ` +
        `reserved ${[...cache.reserved.keys()].sort().join(" ")}`,
    );
    for (const [index, bytes] of sorted(cache.written))
      lines.push(`cache ${cache.id} disk ${index} ${text(bytes)}`);
    for (const [, frame] of sorted(cache.pages)) lines.push(frameLine(memory, frame));
  }
  for (const [number, slot] of sorted(swap.slots))
    lines.push(`slot ${number} count ${slot.count} frame ${slot.frame} ${text(slot.bytes)}`);
  for (const [frame] of sorted(frames.slots)) lines.push(frameLine(memory, frame));
  for (const [frame, bytes] of sorted(new Map(frames.contents)))
    lines.push(`bytes ${frame} ${text(bytes)}`);
  for (const [frame, place] of sorted(frames.places))
    lines.push(`place ${frame} ${place.cache} ${place.index}`);
  for (const { total, free, reserved, surplus, overcommit } of memory.hugePools)
    lines.push(`huge pages ${[total, free, reserved, surplus, overcommit].join(" ")}`);
  lines.push(`ksm ${memory.ksm.fullScans}`);
  lines.push(`committed ${memory.committedPages} shared ${memory.sharedPromises}`);
  lines.push(`settings ${JSON.stringify(memory.settings.values)}`);
  return lines;
}

const NOTHING: Pick<Backing, "name" | "reservation" | "lostPages"> & {
  readonly object?: PageObject;
} = { name: "-" };

function digestSpace(mm: AddressSpace): string[] {
  const { areas } = mm;
  const lines = [
    `total ${mm.totalPages} promised ${mm.promisedPages} ${mm.promisedBeyond} locked ${mm.lockedPages} data ${mm.dataPages} ` +
      `anonymous ${mm.anonymousPages} file ${mm.filePages} shared ${mm.sharedPages} ` +
      `hugetlb ${mm.hugetlbPages} swap ${mm.swapEntries} break ${mm.startBreak}-${mm.break} flags ${mm.defaultFlags} ` +
      `users ${mm.users} wx ${mm.denyWriteExec}`,
    `veiled ${JSON.stringify([...mm.veil.ranges()])}`,
    `forgotten ${JSON.stringify([...mm.forgotten.ranges()])}`,
    `${areas.count} areas`,
  ];
  for (const [page, { contents, merged }] of sorted(mm.ksmItems))
    lines.push(`ksm ${page} ${merged ? "merged" : "alone"} [${contents}]`);
  for (const area of areas) {
    const { name, object, reservation, lostPages } = areas.backing[area] ?? NOTHING;
    const taken =
      reservation === undefined ? "none" : [...reservation.taken.keys()].sort().join(" ");
    const cache = object === undefined ? "-" : `${object.kind} ${object.sizeBytes}`;
    lines.push(
      `area ${area} ${areas.start[area]}-${areas.end[area]} flags ${areas.flags[area].toString(16)} ` +
        `offset ${areas.offset[area]} anon ${areas.anon[area]} inherited ${areas.inherited[area]} ` +
        `${name} ${cache} called ${areas.nameOf(area) ?? "nothing"} ` +
        `taken [${taken}]${lostPages === true ? " lost" : ""}`,
    );
  }
  for (const [key, leaf] of sorted(mm.pages.leaves)) {
    lines.push(`table ${key} used ${leaf.used}${leaf.huge ? " huge" : ""}`);
    for (const [i, bits] of leaf.bits.entries()) {
      if (bits === 0 && leaf.value[i] === 0) continue;
      lines.push(`entry ${key}/${i} ${bits.toString(16)} ${leaf.value[i]}`);
      lines.push(frameLine(mm.memory, leaf.value[i]));
    }
  }
  return lines;
}

function frameLine({ frames }: Memory, frame: number): string {
  return `frame ${frame} flags ${frames.flags[frame].toString(16)} maps ${frames.mapCount[frame]}`;
}

function sorted<V>(map: ReadonlyMap<number, V>): [number, V][] {
  return [...map].sort(([a], [b]) => a - b);
}

function pairs(map: ReadonlyMap<number, number>): string {
  return sorted(map)
    .map(([key, value]) => `${key}:${value}`)
    .join(" ");
}

/** Bytes of a page, without the zeros behind them. */
function text(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "zeros";
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return `[${bytes.subarray(0, end).join(" ")}]`;
}
