import type { AddressSpace } from "./addressSpace.ts";
import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE } from "./flags.ts";

/**
 * Where the kernel pads a line of maps before the name. Linux: fs/proc/task_mmu.c show_map_vma, 25
 * + 6 * 8 - 1
 */
const NAME_COLUMN = 72;

/** /proc/PID/maps. */
export function mapsText(mm: AddressSpace): string {
  let text = "";
  for (const area of mm.areas) text += `${mapsLine(mm, area)}\n`;
  return text;
}

/** One line of /proc/PID/maps, without its end. Linux: fs/proc/task_mmu.c show_vma_header_prefix */
export function mapsLine(mm: AddressSpace, area: number): string {
  const { areas } = mm;
  const { pageBytes } = mm.memory;
  const flags = areas.flags[area];
  const backing = areas.backing[area] ?? null;
  const hasFile = backing !== null && backing.object.kind !== "special";
  const offset = hasFile ? areas.offset[area] * pageBytes : 0;
  const line =
    `${hex(areas.start[area] * pageBytes)}-${hex(areas.end[area] * pageBytes)} ` +
    `${(flags & VM_READ) !== 0 ? "r" : "-"}${(flags & VM_WRITE) !== 0 ? "w" : "-"}` +
    `${(flags & VM_EXEC) !== 0 ? "x" : "-"}${(flags & VM_MAYSHARE) !== 0 ? "s" : "p"} ` +
    `${hex(offset)} ${hasFile ? (backing.identity ?? "00:00 0") : "00:00 0"} `;
  const name = areaName(mm, area);
  return name === "" ? line : `${line.padEnd(NAME_COLUMN, " ")} ${name}`;
}

/**
 * The name behind a line of maps: file, special mapping, [heap], [stack], what a program called it,
 * or nothing. Linux: fs/proc/task_mmu.c get_vma_name
 */
export function areaName(mm: AddressSpace, area: number): string {
  const { areas } = mm;
  const backing = areas.backing[area] ?? null;
  const name = areas.nameOf(area);
  if (backing !== null)
    return name === undefined || backing.object.kind === "special"
      ? backing.name
      : `[anon_shmem:${name}]`;
  const { pageBytes } = mm.memory;
  const start = areas.start[area] * pageBytes;
  const end = areas.end[area] * pageBytes;
  const touches = mm.memory.features.heapNameTouches;
  const isHeap = touches
    ? start <= mm.break && end >= mm.startBreak
    : start < mm.break && end > mm.startBreak;
  if (isHeap && mm.break > 0) return "[heap]";
  if (mm.startStack >= 0 && areas.start[area] <= mm.startStack && areas.end[area] > mm.startStack)
    return "[stack]";
  return name === undefined ? "" : `[anon:${name}]`;
}

/**
 * At least eight hex digits. In two parts: an engine writes small integers several times as fast as
 * numbers of more than 32 bits, and a campaign writes thousands of lines a second.
 */
function hex(value: number): string {
  const high = Math.floor(value / 0x100_0000);
  const low = (value - high * 0x100_0000).toString(16);
  const digits = high === 0 ? low : `${high.toString(16)}${low.padStart(6, "0")}`;
  return digits.padStart(8, "0");
}
