import type { MmFeatures } from "@kadvise/releases";
import {
  VM_ACCOUNT,
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_DROPPABLE,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGEPAGE,
  VM_HUGETLB,
  VM_IO,
  VM_LOCKED,
  VM_LOCKONFAULT,
  VM_MAYBE_GUARD,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_MERGEABLE,
  VM_MIXEDMAP,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_PFNMAP,
  VM_RAND_READ,
  VM_READ,
  VM_SEALED,
  VM_SEQ_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_SYNC,
  VM_WIPEONFORK,
  VM_WRITE,
} from "../flags.ts";

/**
 * What smaps calls an area's flags, in its order: by the number of Linux' own bit. Linux:
 * fs/proc/task_mmu.c show_smap_vma_flags
 */
export const VM_FLAG_CODES: { readonly [code: string]: number } = {
  rd: VM_READ,
  wr: VM_WRITE,
  ex: VM_EXEC,
  sh: VM_SHARED,
  mr: VM_MAYREAD,
  mw: VM_MAYWRITE,
  me: VM_MAYEXEC,
  ms: VM_MAYSHARE,
  gd: VM_GROWSDOWN,
  pf: VM_PFNMAP,
  gu: VM_MAYBE_GUARD,
  lo: VM_LOCKED,
  io: VM_IO,
  sr: VM_SEQ_READ,
  rr: VM_RAND_READ,
  dc: VM_DONTCOPY,
  de: VM_DONTEXPAND,
  lf: VM_LOCKONFAULT,
  ac: VM_ACCOUNT,
  nr: VM_NORESERVE,
  ht: VM_HUGETLB,
  sf: VM_SYNC,
  wf: VM_WIPEONFORK,
  dd: VM_DONTDUMP,
  sd: VM_SOFTDIRTY,
  mm: VM_MIXEDMAP,
  hg: VM_HUGEPAGE,
  nh: VM_NOHUGEPAGE,
  mg: VM_MERGEABLE,
  dp: VM_DROPPABLE,
  sl: VM_SEALED,
};

const CODES: readonly (readonly [code: string, flag: number])[] = Object.entries(VM_FLAG_CODES);
/** A flag that a release has no code for. */
const NAMELESS = "??";

/** The codes of an area's flags as smaps prints them, each with a space behind it. */
export function flagCodes(flags: number, features: MmFeatures): string {
  let text = "";
  for (const [code, flag] of CODES) {
    if ((flags & flag) === 0) continue;
    text += flag === VM_LOCKONFAULT && !features.lockOnFaultCode ? NAMELESS : code;
    text += " ";
  }
  return text;
}
