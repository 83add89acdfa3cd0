import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { fault } from "./fault.ts";
import { P_ZERO } from "./pageTable.ts";

/** Writes bytes as a store does, page by page; what was written before a refusal stays written. */
export function writeMemory(
  mm: AddressSpace,
  page: number,
  offset: number,
  data: Uint8Array,
  actor: Actor,
): Refusal | undefined {
  const { pageBytes, frames, ports } = mm.memory;
  let at = page + Math.floor(offset / pageBytes);
  let within = offset % pageBytes;
  for (let done = 0; done < data.length; at++, within = 0) {
    const length = Math.min(pageBytes - within, data.length - done);
    const refusal = fault(mm, at, "write", actor);
    if (refusal !== undefined) return refusal;
    const bytes = frames.bytes(mm.pages.valueOf(at), within + length);
    ports.journal.saveCells(bytes, within, within + length);
    bytes.set(data.subarray(done, done + length), within);
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
    const zero = (mm.pages.bitsOf(at) & P_ZERO) !== 0;
    const bytes = zero ? undefined : frames.contents.get(mm.pages.valueOf(at));
    const known = bytes?.subarray(within, within + length);
    if (known !== undefined) into.set(known, done);
    into.fill(0, done + (known?.length ?? 0), done + length);
    done += length;
  }
  return undefined;
}
