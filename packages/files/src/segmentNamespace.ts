import type { Journal } from "@kadvise/ports";
import type { SharedSegment } from "./sharedSegment.ts";

/** Places go round among so many while few segments are there. Linux: ipc/util.h ipc_min_cycle */
const FEWEST_PLACES = 64;
/** kernel.shmmni. */
export const MOST_SEGMENTS = 4096;
/** A number is a place, and how often places went round before. Linux: ipcmni_seq_shift */
const PLACE_BITS = 15;
const MOST_ROUNDS = 2 ** (31 - PLACE_BITS);

/**
 * The segments of System V shared memory that some processes see: an ipc namespace, as far as
 * memory asks. Linux: struct ipc_namespace
 */
export class SegmentNamespace {
  /** The user namespace that owns it; undefined for the initial one. */
  readonly owner: object | undefined;
  private readonly segments: Map<number, SharedSegment> = new Map();
  private lastPlace = -1;
  private rounds = 0;

  constructor(owner?: object) {
    this.owner = owner;
  }

  /** The segment of a number, while it lives. */
  get(id: number): SharedSegment | undefined {
    const found = this.segments.get(id);
    return found?.isGone === true ? undefined : found;
  }

  /** The segment that a key leads to. */
  find(key: number): SharedSegment | undefined {
    return this.living().find((segment) => segment.key === key);
  }

  /** All that live. */
  living(): readonly SharedSegment[] {
    return [...this.segments.values()].filter(({ isGone }) => !isGone);
  }

  /** The number of the next segment: the lowest free place behind the last one, round and round. */
  nextId(): number {
    const living = this.living();
    const taken = new Set(living.map(({ id }) => id % 2 ** PLACE_BITS));
    const places = Math.max(Math.floor((living.length * 3) / 2), FEWEST_PLACES);
    let place = this.lastPlace + 1;
    while (place < places && taken.has(place)) place++;
    if (place < places) return this.rounds * 2 ** PLACE_BITS + place;
    place = 0;
    while (taken.has(place)) place++;
    return ((this.rounds + 1) % MOST_ROUNDS) * 2 ** PLACE_BITS + place;
  }

  add(journal: Journal, segment: SharedSegment): void {
    const { id } = segment;
    journal.saveEntry(this.segments, id);
    journal.save(this, "lastPlace");
    journal.save(this, "rounds");
    // Those that are no more keep no place.
    for (const [old, { isGone }] of this.segments) {
      if (!isGone || old === id) continue;
      journal.saveEntry(this.segments, old);
      this.segments.delete(old);
    }
    this.segments.set(id, segment);
    this.lastPlace = id % 2 ** PLACE_BITS;
    this.rounds = Math.floor(id / 2 ** PLACE_BITS);
  }
}
