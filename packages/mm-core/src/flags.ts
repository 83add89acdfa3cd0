/**
 * The flags of an area (`vm_flags`).
 *
 * Bits 0 to 31 have Linux' own numbers (include/linux/mm.h) but for three: userfaultfd is not
 * modelled, and its two low bits and the architecture's bit hold flags that Linux keeps above bit
 * 31. One 32-bit number is one cell of a typed array; the flags of 65,000 areas are 260 kB and are
 * compared in one step.
 */
export const VM_READ = 0x0000_0001;
export const VM_WRITE = 0x0000_0002;
export const VM_EXEC = 0x0000_0004;
export const VM_SHARED = 0x0000_0008;
export const VM_MAYREAD = 0x0000_0010;
export const VM_MAYWRITE = 0x0000_0020;
export const VM_MAYEXEC = 0x0000_0040;
export const VM_MAYSHARE = 0x0000_0080;
export const VM_GROWSDOWN = 0x0000_0100;
/** MAP_DROPPABLE memory. Linux: bit 40. */
export const VM_DROPPABLE = 0x0000_0200;
export const VM_PFNMAP = 0x0000_0400;
/** The area may hold guard markers; stays when they are removed. */
export const VM_MAYBE_GUARD = 0x0000_0800;
/** Linux: bit 42. */
export const VM_SEALED = 0x0000_1000;
export const VM_LOCKED = 0x0000_2000;
export const VM_IO = 0x0000_4000;
export const VM_SEQ_READ = 0x0000_8000;
export const VM_RAND_READ = 0x0001_0000;
export const VM_DONTCOPY = 0x0002_0000;
export const VM_DONTEXPAND = 0x0004_0000;
export const VM_LOCKONFAULT = 0x0008_0000;
export const VM_ACCOUNT = 0x0010_0000;
export const VM_NORESERVE = 0x0020_0000;
export const VM_HUGETLB = 0x0040_0000;
export const VM_SYNC = 0x0080_0000;
/** Not Linux': the area was there before anybody watched; what it is made of was never stated. */
export const VM_UNSTATED = 0x0100_0000;
export const VM_WIPEONFORK = 0x0200_0000;
export const VM_DONTDUMP = 0x0400_0000;
export const VM_SOFTDIRTY = 0x0800_0000;
export const VM_MIXEDMAP = 0x1000_0000;
export const VM_HUGEPAGE = 0x2000_0000;
export const VM_NOHUGEPAGE = 0x4000_0000;
export const VM_MERGEABLE = 0x8000_0000;

export const VM_ACCESS: number = VM_READ | VM_WRITE | VM_EXEC;
export const VM_MAYACCESS: number = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
export const VM_LOCKED_MASK: number = VM_LOCKED | VM_LOCKONFAULT;
/** Areas that are not ordinary memory: they never merge, and most advice passes them by. */
export const VM_SPECIAL: number = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP;

/**
 * Flags that do not keep two areas apart: a merge keeps the union.
 *
 * Linux: VM_SOFTDIRTY always, VM_MAYBE_GUARD since it exists (mm/vma.c is_mergeable_vma,
 * VM_STICKY).
 */
export const VM_STICKY: number = VM_SOFTDIRTY | VM_MAYBE_GUARD;

/** Whether all bits that keep areas apart agree. */
export function sameKind(a: number, b: number): boolean {
  return ((a ^ b) & ~VM_STICKY) === 0;
}

/** Areas that KSM never scans. Linux: mm/ksm.c vma_ksm_compatible */
export const NOT_MERGEABLE: number =
  VM_SHARED |
  VM_MAYSHARE |
  VM_PFNMAP |
  VM_IO |
  VM_DONTEXPAND |
  VM_HUGETLB |
  VM_MIXEDMAP |
  VM_DROPPABLE;
