import type { Line, Speaker } from "./line.ts";
import { startOfInterruption } from "./message.ts";
import { ownCopy } from "./ownCopy.ts";

/** Behind how many lines that are not strace's the rest of a torn one is still looked for. */
const PATIENCE = 16;

/** A line that stopped in the middle of a call. */
export interface TornLine {
  /** What the call has so far, columns included. */
  readonly text: string;
  readonly line: Line;
  /** What strace said in the middle of it, if it was that. */
  readonly message: string | undefined;
}

/**
 * Lines that something else was printed into.
 *
 * When the log goes to stderr, strace's own messages and the output of the traced program end up
 * between the two halves of a call, which strace prints when it is entered and when it returns:
 *
 *     clone(child_stack=NULL, flags=SIGCHLDstrace: Process 12 attached
 *     , child_tidptr=0x7f3600aeaa10) = 12
 *     write(2, "error text\n", 11error text
 *     )            = 11
 */
export class TornLines {
  #torn: TornLine | undefined;
  #patience = 0;

  /** The torn line that waits for its rest. */
  get waiting(): TornLine | undefined {
    return this.#torn;
  }

  /** Keeps a torn line. */
  keep(line: Line, speaker: Speaker): TornLine {
    const whole = line.text.slice(line.from, line.to);
    const start = startOfInterruption(whole);
    const text = ownCopy(start < 0 ? whole : whole.slice(0, start));
    this.#torn = {
      text,
      line: { ...line, text, from: 0, to: text.length, speaker },
      message: start < 0 ? undefined : whole.slice(start),
    };
    this.#patience = PATIENCE;
    return this.#torn;
  }

  /** Another line was no rest of it; says whether to give up. */
  isHopeless(): boolean {
    return --this.#patience <= 0;
  }

  /** Takes the torn line out. */
  take(): TornLine | undefined {
    const torn = this.#torn;
    this.#torn = undefined;
    return torn;
  }
}
