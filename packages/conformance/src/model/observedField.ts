import type { AddressSpace } from "@kadvise/mm-core";
import type { Task } from "@kadvise/syscalls";
import type { ShownField } from "../program/program.ts";
import type { OperationResult } from "../program/result.ts";
import { VM_FLAG_CODES } from "./vmFlagCodes.ts";

/** In the order of smaps. Linux: fs/proc/task_mmu.c show_smap_vma_flags, by bit */
const CODES = Object.entries(VM_FLAG_CODES);

/**
 * The lines of /proc/PID/smaps or status that hold a field, as the model has them; undefined for
 * one that it does not model.
 */
export function observedField(
  task: Task | undefined,
  { name, address }: ShownField,
): OperationResult | undefined {
  const mm = task?.mm;
  if (mm === null || mm === undefined) return undefined;
  if (name === "VmFlags" && address !== undefined) return done(flagLines(mm, address));
  if (address !== undefined) return undefined;
  const pages = STATUS[name]?.(mm);
  if (pages === undefined) return undefined;
  return done(`${name}:\t${String((pages * mm.memory.pageBytes) / 1024).padStart(8)} kB\n`);
}

/** Fields of status that count pages. Linux: fs/proc/task_mmu.c task_mem */
const STATUS: { readonly [field: string]: (mm: AddressSpace) => number } = {
  VmSize: (mm) => mm.totalPages,
  VmLck: (mm) => mm.lockedPages,
  VmData: (mm) => mm.dataPages,
};

function flagLines(mm: AddressSpace, address: bigint): string {
  const area = mm.areas.at(Number(address / BigInt(mm.memory.pageBytes)));
  if (area < 0) return "";
  const flags = mm.areas.flags[area];
  const codes = CODES.flatMap(([code, flag]) => ((flags & flag) !== 0 ? [code] : []));
  const [start, end] = [mm.areas.start[area], mm.areas.end[area]].map((page) =>
    (page * mm.memory.pageBytes).toString(16),
  );
  return `${start}-${end} \nVmFlags: ${codes.join(" ")}\n`;
}

function done(text: string): OperationResult {
  const payload = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return { state: "done", value: BigInt(payload.length), payload };
}
