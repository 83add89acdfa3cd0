import type { PageObject } from "./backing.ts";
import { VM_MAYWRITE, VM_SHARED } from "./flags.ts";
import type { Memory } from "./memory.ts";
import { punch } from "./punch.ts";
import { zeroBytes } from "./punchHole.ts";
import { forEachMapping } from "./rmap.ts";

/**
 * Takes away what an object has behind a size in bytes, in memory and in every mapping, private
 * copies included; the rest of the last page becomes zeros. The size itself is the object's own.
 *
 * Linux: mm/truncate.c truncate_pagecache, mm/shmem.c shmem_setattr
 */
export function truncatePages(memory: Memory, object: PageObject, sizeBytes: number): void {
  const { pageBytes } = memory;
  punch(memory, object, Math.ceil(sizeBytes / pageBytes), Number.POSITIVE_INFINITY, "drop-copies");
  const rest = sizeBytes % pageBytes;
  if (rest !== 0) zeroBytes(memory, memory.cache(object), sizeBytes, sizeBytes - rest + pageBytes);
}

/**
 * Whether somebody has mapped an object so that it can be written through: that keeps a write seal
 * off. Linux: include/linux/fs.h mapping_deny_writable
 */
export function isMappedWritable(memory: Memory, object: PageObject): boolean {
  const counts = memory.features.sealCountsMappings === "shared" ? 0 : VM_MAYWRITE;
  let found = false;
  forEachMapping(memory, object, 0, Number.POSITIVE_INFINITY, (mm, area) => {
    const flags = mm.areas.flags[area];
    if ((flags & VM_SHARED) !== 0 && (flags & counts) === counts) found = true;
  });
  return found;
}
