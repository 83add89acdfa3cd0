/**
 * How the readers of values give up: with the place and what would have been right.
 *
 * It never leaves the package. Functions that read a whole text catch it and return its content as
 * data, because a log is other people's input and an odd line is no exceptional state of this
 * program.
 */
export class GrammarError extends Error {
  /** Index in the text. */
  readonly at: number;
  readonly expected: string;

  constructor(at: number, expected: string) {
    super(`expected ${expected}`);
    this.name = "GrammarError";
    this.at = at;
    this.expected = expected;
  }
}

/** Where reading stopped, counted from 1, and what was expected there. */
export interface GrammarProblem {
  readonly column: number;
  readonly expected: string;
}

/** What a reader that returns data has instead of a value. */
export interface GrammarFailure {
  readonly error: GrammarProblem;
}

/**
 * Runs a reader and turns its giving up into data. Anything else it throws is a fault of this
 * package.
 */
export function reading<T>(read: () => T): T | GrammarFailure {
  try {
    return read();
  } catch (error) {
    if (error instanceof GrammarError)
      return { error: { column: error.at + 1, expected: error.expected } };
    throw error;
  }
}
