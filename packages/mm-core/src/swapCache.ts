import { F_ANON, F_DIRTY, F_LRU, F_SWAPBACKED, F_SWAPCACHE } from "./frames.ts";
import type { Memory } from "./memory.ts";

/**
 * The swap cache: frames whose page also has a place in swap.
 *
 * A page on its way out stays in it until the device has written it and somebody needs the frame; a
 * page on its way in passes through it, so that all who share a slot find the same frame.
 *
 * Linux: mm/swap_state.c
 */

/** Gives a frame a slot. Linux: mm/swap_state.c add_to_swap; the page then counts as unwritten. */
export function enterSwapCache(memory: Memory, frame: number): number {
  const slot = memory.swap.allocate(frame);
  hold(memory, frame, slot, F_DIRTY);
  return slot;
}

/**
 * Takes a frame out: it counts as unwritten from then on, and what names the slot finds the page on
 * the device. Linux: mm/swapfile.c folio_free_swap
 */
export function leaveSwapCache(memory: Memory, frame: number): void {
  const { frames, swap, ports } = memory;
  swap.hold(frames.slots.get(frame)!, 0);
  ports.journal.saveEntry(frames.slots, frame);
  frames.slots.delete(frame);
  frames.setFlags(frame, (frames.flags[frame] & ~F_SWAPCACHE) | F_DIRTY);
}

/** The frame of a slot's page, read in if need be. Linux: mm/swap_state.c read_swap_cache_async */
export function readSwap(memory: Memory, slot: number): number {
  const { frames, swap } = memory;
  const content = swap.get(slot);
  if (content.frame !== 0) return content.frame;
  const frame = frames.allocate(F_ANON | F_SWAPBACKED | F_LRU);
  frames.contents.put(frame, content.bytes);
  swap.hold(slot, frame);
  hold(memory, frame, slot, 0);
  return frame;
}

/**
 * An entry that named a slot is gone. The last one takes the page out of the cache too, unless it
 * is mapped. Linux: mm/swapfile.c free_swap_and_cache
 */
export function dropSwapEntry(memory: Memory, slot: number): void {
  const { frames, swap } = memory;
  const { count, frame } = swap.get(slot);
  swap.count(slot, -1);
  if (count > 1 || frame === 0 || frames.mapCount[frame] > 0) return;
  leaveSwapCache(memory, frame);
  frames.release(frame);
}

/**
 * Whether a frame of the swap cache is all there is of its slot. Linux: mm/swapfile.c folio_swapped
 */
export function isSwappedNowhere(memory: Memory, frame: number): boolean {
  const slot = memory.frames.slots.get(frame);
  return slot === undefined || memory.swap.get(slot).count === 0;
}

function hold(memory: Memory, frame: number, slot: number, flags: number): void {
  const { frames, ports } = memory;
  ports.journal.saveEntry(frames.slots, frame);
  frames.slots.set(frame, slot);
  frames.setFlags(frame, frames.flags[frame] | F_SWAPCACHE | flags);
}
