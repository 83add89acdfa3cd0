import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { fault } from "./fault.ts";

/**
 * Writes bytes as a store does, page by page; what was written before a refusal stays written. Pages
 * that are pinned are there, and their entries are not asked.
 */
export function writeMemory(
  mm: AddressSpace,
  page: number,
  offset: number,
  data: Uint8Array,
  by: Actor | "pinned",
): Refusal | undefined {
  const { pageBytes } = mm.memory;
  if (data.length > 0 && offset + data.length <= pageBytes)
    return writePage(mm, page, offset, data, 0, data.length, by);
  let at = page + Math.floor(offset / pageBytes);
  let within = offset % pageBytes;
  for (let done = 0; done < data.length; at++, within = 0) {
    const length = Math.min(pageBytes - within, data.length - done);
    const refusal = writePage(mm, at, within, data, done, length, by);
    if (refusal !== undefined) return refusal;
    done += length;
  }
  return undefined;
}

function writePage(
  mm: AddressSpace,
  page: number,
  within: number,
  data: Uint8Array,
  done: number,
  length: number,
  by: Actor | "pinned",
): Refusal | undefined {
  const refusal = by === "pinned" ? undefined : fault(mm, page, "write", by);
  if (refusal !== undefined) return refusal;
  mm.memory.frames.contents.write(mm.pages.valueOf(page), within, data, done, length);
  return undefined;
}

/** Reads bytes as a load does. */
export function readMemory(
  mm: AddressSpace,
  page: number,
  offset: number,
  into: Uint8Array,
  by: Actor | "pinned",
): Refusal | undefined {
  const { pageBytes } = mm.memory;
  let at = page + Math.floor(offset / pageBytes);
  let within = offset % pageBytes;
  for (let done = 0; done < into.length; at++, within = 0) {
    const length = Math.min(pageBytes - within, into.length - done);
    const refusal = readPage(mm, at, within, into, done, length, by);
    if (refusal !== undefined) return refusal;
    done += length;
  }
  return undefined;
}

/** Reads bytes as the kernel copies them in: returns how many it got before the first fault. */
export function readAsFarAs(
  mm: AddressSpace,
  page: number,
  offset: number,
  into: Uint8Array,
  length: number,
  actor: Actor,
): number {
  const { pageBytes } = mm.memory;
  if (length > 0 && offset + length <= pageBytes) {
    return readPage(mm, page, offset, into, 0, length, actor) === undefined ? length : 0;
  }
  let at = page + Math.floor(offset / pageBytes);
  let within = offset % pageBytes;
  let done = 0;
  for (; done < length; at++, within = 0) {
    const piece = Math.min(pageBytes - within, length - done);
    if (readPage(mm, at, within, into, done, piece, actor) !== undefined) return done;
    done += piece;
  }
  return done;
}

function readPage(
  mm: AddressSpace,
  page: number,
  within: number,
  into: Uint8Array,
  done: number,
  length: number,
  by: Actor | "pinned",
): Refusal | undefined {
  const refusal = by === "pinned" ? undefined : fault(mm, page, "read", by);
  if (refusal !== undefined) return refusal;
  // The page of zeros is frame 0, which has no bytes.
  mm.memory.frames.contents.read(mm.pages.valueOf(page), within, into, done, length);
  return undefined;
}
