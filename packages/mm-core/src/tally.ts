/** Why an advice left a page alone. */
export const SKIPPED = [
  "not-present",
  "zero-page",
  "shared",
  "not-on-lru",
  "not-anonymous",
  "no-swap",
  "dirty-file",
  "guard",
  "file-not-owned",
  "special-area",
] as const;

/** The name of a reason to leave a page alone. */
export type SkipReason = (typeof SKIPPED)[number];

export const SKIP_NOT_PRESENT = 0;
export const SKIP_ZERO = 1;
export const SKIP_SHARED = 2;
export const SKIP_NOT_ON_LRU = 3;
export const SKIP_NOT_ANONYMOUS = 4;
export const SKIP_NO_SWAP = 5;
export const SKIP_DIRTY_FILE = 6;
export const SKIP_GUARD = 7;
export const SKIP_NOT_OWNED = 8;
export const SKIP_SPECIAL = 9;

/**
 * What an advice did with the pages of its range: how many it looked at, acted on, and left alone,
 * and why. "It returned success and nothing changed" is answered from here. A meter, as work is.
 */
export class Tally {
  considered = 0;
  acted = 0;
  readonly skipped: Float64Array = new Float64Array(SKIPPED.length);

  clear(): void {
    this.considered = 0;
    this.acted = 0;
    this.skipped.fill(0);
  }

  /** The counts by name; reasons that never came up are left out. */
  read(): { considered: number; acted: number; skipped: { [reason in SkipReason]?: number } } {
    const skipped: { [reason in SkipReason]?: number } = {};
    for (const [i, reason] of SKIPPED.entries())
      if (this.skipped[i] > 0) skipped[reason] = this.skipped[i]!;
    return { considered: this.considered, acted: this.acted, skipped };
  }
}
