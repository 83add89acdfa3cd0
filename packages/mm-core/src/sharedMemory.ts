import type { Backing, PageObject } from "./backing.ts";
import type { Memory } from "./memory.ts";
import { punch } from "./punch.ts";

/**
 * The object behind MAP_SHARED|MAP_ANONYMOUS: an unlinked file of the kernel's own tmpfs. Linux:
 * mm/shmem.c shmem_zero_setup
 */
export class SharedAnonymous implements PageObject {
  readonly kind = "shmem";
  readonly canPunch = true;
  readonly sizeBytes: number;
  readonly promisedPages?: number;
  /** How many areas show it: with the last it ends. */
  mappings = 0;

  constructor(sizeBytes: number, promisedPages?: number) {
    this.sizeBytes = sizeBytes;
    if (promisedPages !== undefined) this.promisedPages = promisedPages;
  }
}

/** A new shared anonymous object: two mappings of this kind never show the same one, nor merge. */
export function sharedAnonymous(memory: Memory, pages: number, isPromised: boolean): Backing {
  const object = new SharedAnonymous(pages * memory.pageBytes, isPromised ? pages : undefined);
  promiseObject(memory, object);
  return {
    object,
    name: "/dev/zero (deleted)",
    readable: true,
    writable: true,
    identity: `00:01 ${memory.newSharedFile()}`,
  };
}

/** An object was made of which all pages are promised at once. Linux: mm/shmem.c shmem_acct_size */
export function promiseObject(memory: Memory, object: PageObject): void {
  memory.ports.journal.save(memory, "sharedPromises");
  memory.sharedPromises += object.promisedPages ?? 0;
}

/** The last area that showed an object is gone: so are its pages. Linux: mm/shmem.c shmem_evict_inode */
export function endIfUnmapped(memory: Memory, backing: Backing | null): void {
  if (backing === null || backing.object.mappings !== 0) return;
  if (backing.object.outlivesMappings !== true) endObject(memory, backing.object);
}

/** An object ends that nobody shows any more: its pages go, and what was promised. */
export function endObject(memory: Memory, object: PageObject): void {
  punch(memory, object, 0, Number.POSITIVE_INFINITY);
  memory.ports.journal.save(memory, "sharedPromises");
  memory.sharedPromises -= object.promisedPages ?? 0;
}
