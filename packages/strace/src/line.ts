/** A line of a log: `text` from `from` to `to`, without its end. */
export interface Line {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly number: number;
  /** Where a line that was torn began; else the same number. */
  readonly firstNumber: number;
  readonly isTerminated: boolean;
  /** Who speaks, where that was found out before the line was mended. */
  readonly speaker?: Speaker;
}

/** A process, by its pid; without one in a log that has none. */
export interface Speaker {
  readonly pid: number | undefined;
}

/** What became of a line. `torn` is a call that stops in the middle of its arguments. */
export type Outcome = "read" | "blank" | "torn" | "unread";

/** Where in the text of a line reading stopped, and what was expected there. */
export interface Obstacle {
  readonly at: number;
  readonly expected: string;
}
