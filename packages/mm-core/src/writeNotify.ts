import type { AddressSpace } from "./addressSpace.ts";
import { VM_HUGETLB, VM_SHARED, VM_WRITE } from "./flags.ts";

/**
 * Whether pages of an area are writable from the time that they are mapped, be it to be read: shared
 * memory that no disk has to keep up with. Their first write is no fault, and marks the entry alone.
 * Of a file that has a disk the kernel wants to know of it.
 *
 * Linux: mm/mmap.c vma_wants_writenotify, vma_set_page_prot
 */
export function writesUnnoticed({ areas }: AddressSpace, area: number): boolean {
  const kind = areas.backing[area]?.object.kind;
  const flags = areas.flags[area] & (VM_SHARED | VM_WRITE | VM_HUGETLB);
  return flags === (VM_SHARED | VM_WRITE) && (kind === "shmem" || kind === "secret");
}
