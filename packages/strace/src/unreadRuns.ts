import type { LogEvent, UnreadEvent } from "./event.ts";

/** How many unread lines in a row are reported one by one. */
const SINGLY = 100;

/**
 * Keeps the findings of a file that is no log from outgrowing the file.
 *
 * The first hundred unread lines of a run are findings of their own; the rest of the run is one,
 * which says how many lines it stands for. Nothing is lost: the counts add up.
 */
export class UnreadRuns {
  readonly #emit: (event: LogEvent) => void;
  #length = 0;
  #rest: UnreadEvent | undefined;

  constructor(emit: (event: LogEvent) => void) {
    this.#emit = emit;
  }

  /** Reports a line, or counts it. The finding is only made where it is needed. */
  add(finding: () => UnreadEvent): void {
    if (++this.#length <= SINGLY) this.#emit(finding());
    else this.#rest ??= finding();
  }

  /** A line was read: the run is over. */
  break(): void {
    if (this.#length === 0) return;
    const rest = this.#rest;
    if (rest !== undefined) this.#emit({ ...rest, lines: this.#length - SINGLY });
    this.#length = 0;
    this.#rest = undefined;
  }
}
