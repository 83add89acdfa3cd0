import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { fault } from "./fault.ts";

/** Writes bytes as a store does, page by page; what was written before a refusal stays written. */
export function writeMemory(
  mm: AddressSpace,
  page: number,
  offset: number,
  data: Uint8Array,
  actor: Actor,
): Refusal | undefined {
  const { pageBytes, frames } = mm.memory;
  let at = page + Math.floor(offset / pageBytes);
  let within = offset % pageBytes;
  for (let done = 0; done < data.length; at++, within = 0) {
    const length = Math.min(pageBytes - within, data.length - done);
    const refusal = fault(mm, at, "write", actor);
    if (refusal !== undefined) return refusal;
    frames.contents.write(mm.pages.valueOf(at), within, data, done, length);
    done += length;
  }
  return undefined;
}

/** Reads bytes as a load does. */
export function readMemory(
  mm: AddressSpace,
  page: number,
  offset: number,
  into: Uint8Array,
  actor: Actor,
): Refusal | undefined {
  const { pageBytes, frames } = mm.memory;
  let at = page + Math.floor(offset / pageBytes);
  let within = offset % pageBytes;
  for (let done = 0; done < into.length; at++, within = 0) {
    const length = Math.min(pageBytes - within, into.length - done);
    const refusal = fault(mm, at, "read", actor);
    if (refusal !== undefined) return refusal;
    // The page of zeros is frame 0, which has no bytes.
    frames.contents.read(mm.pages.valueOf(at), within, into, done, length);
    done += length;
  }
  return undefined;
}
