/**
 * Where things go in a fresh address space, in pages. Linux: arch/x86/mm/mmap.c
 * arch_pick_mmap_layout, arch/arm64/include/asm/processor.h TASK_SIZE_64
 */
export interface Layout {
  /** The page behind the highest user page (TASK_SIZE). */
  readonly limit: number;
  /** Mappings are placed downwards from here. */
  readonly base: number;
  /**
   * Where the upward search starts when the downward one fails, and always in the legacy layout.
   */
  readonly legacyBase: number;
  readonly legacy: boolean;
}

/** Pages that stay free below a stack. Linux: mm/mmap.c stack_guard_gap */
export const STACK_GUARD_PAGES = 256;

/**
 * The layout of a process without address randomisation.
 *
 * @param userBits bits of a user address: 47, 48, 56
 * @param stackBytes RLIMIT_STACK at exec; Infinity for none
 */
export function layoutOf(
  userBits: number,
  pageShift: number,
  stackBytes: number,
  legacy = false,
): Layout {
  const pageBytes = 2 ** pageShift;
  const isArm = userBits === ARM_BITS;
  // x86-64 keeps its highest page free; arm64's user half is whole.
  const limit = 2 ** (userBits - pageShift) - (isArm ? 0 : 1);
  const window = userBits > 47 && !isArm ? 2 ** (47 - pageShift) - 1 : limit;
  const smallest = (128 * 1024 * 1024) / pageBytes;
  const largest = Math.floor((window / 6) * 5);
  const wanted = Math.floor(stackBytes / pageBytes) + STACK_GUARD_PAGES;
  const gap = Math.min(Math.max(wanted, smallest), largest);
  return { limit, base: window - gap, legacyBase: Math.ceil(window / (isArm ? 4 : 3)), legacy };
}

/** arm64 with 48-bit addresses: a half of its own for the kernel, and all of this one for users. */
const ARM_BITS = 48;
