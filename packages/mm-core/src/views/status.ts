import type { AddressSpace } from "../addressSpace.ts";
import { VM_EXEC, VM_GROWSDOWN, VM_WRITE } from "../flags.ts";

/**
 * The lines of /proc/PID/status that tell of memory, by name, in kilobytes.
 *
 * Three of Linux' lines are left out: the model keeps no high-water marks (VmPeak, VmHWM) and has
 * other page tables than the kernel (VmPTE).
 *
 * Linux: fs/proc/task_mmu.c task_mem, mm/hugetlb.c hugetlb_report_usage
 */
export function statusMemory(mm: AddressSpace): { readonly [line: string]: number } {
  const { pageBytes } = mm.memory;
  const kilobytes = (pages: number): number => (pages * pageBytes) / 1024;
  const { stack, code } = pagesByUse(mm);
  const text = Math.min(
    (Math.ceil(mm.endCode / pageBytes) - Math.floor(mm.startCode / pageBytes)) * (pageBytes / 1024),
    kilobytes(code),
  );
  return {
    VmSize: kilobytes(mm.totalPages),
    VmLck: kilobytes(mm.lockedPages),
    VmPin: 0,
    VmRSS: kilobytes(mm.anonymousPages + mm.filePages + mm.sharedPages),
    RssAnon: kilobytes(mm.anonymousPages),
    RssFile: kilobytes(mm.filePages),
    RssShmem: kilobytes(mm.sharedPages),
    VmData: kilobytes(mm.dataPages),
    VmStk: kilobytes(stack),
    VmExe: text,
    VmLib: kilobytes(code) - text,
    VmSwap: kilobytes(mm.swapEntries),
    HugetlbPages: kilobytes(mm.hugetlbPages),
  };
}

/** Those lines as the file has them. */
export function statusText(mm: AddressSpace): string {
  return Object.entries(statusMemory(mm))
    .map(([name, kilobytes]) => statusLine(name, kilobytes))
    .join("");
}

/** One line of status that tells of memory. Linux: fs/proc/task_mmu.c SEQ_PUT_DEC, width 8 */
export function statusLine(name: string, kilobytes: number): string {
  return `${name}:\t${String(kilobytes).padStart(8)} kB\n`;
}

/** Linux: mm/mmap.c vm_stat_account: code may not be written, and what grows down is no code. */
function pagesByUse(mm: AddressSpace): { stack: number; code: number } {
  const { areas } = mm;
  let stack = 0;
  let code = 0;
  for (const area of areas) {
    const flags = areas.flags[area];
    const pages = areas.end[area] - areas.start[area];
    if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) === VM_EXEC) code += pages;
    else if ((flags & VM_GROWSDOWN) !== 0) stack += pages;
  }
  return { stack, code };
}
