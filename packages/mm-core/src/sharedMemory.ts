import type { Backing, PageObject } from "./backing.ts";
import type { Memory } from "./memory.ts";

/**
 * The object behind MAP_SHARED|MAP_ANONYMOUS: an unlinked file of the kernel's own tmpfs. Linux:
 * mm/shmem.c shmem_zero_setup
 */
export class SharedAnonymous implements PageObject {
  readonly kind = "shmem";
  readonly canPunch = true;
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }
}

/** A new shared anonymous object: two mappings of this kind never show the same one, nor merge. */
export function sharedAnonymous(memory: Memory, sizeBytes: number): Backing {
  return {
    object: new SharedAnonymous(sizeBytes),
    name: "/dev/zero (deleted)",
    readable: true,
    writable: true,
    identity: `00:01 ${memory.newSharedFile()}`,
  };
}
