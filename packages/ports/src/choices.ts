/**
 * A point at which Linux may legitimately do several things: where a mapping goes, which pid is
 * next, whether a page was reclaimed. The model asks; who runs the model answers.
 *
 * A question is asked once a range, never once a page.
 */
export interface Question<A> {
  /** Stable id of the rule that leaves the answer open. */
  readonly id: string;
  /** What a quiet machine does: the answer of a simulation. */
  readonly usual: A;
  /** Whether Linux may do this. */
  allows(answer: A): boolean;
  /** The set of allowed answers, for people: "any free page-aligned address". */
  describe(): string;
  /** Every allowed answer, where they are few: a judge tries each. */
  readonly alternatives?: readonly A[];
  /** The answer that a call's return value shows, where the answer is what the call returns. */
  fromResult?(value: number): A;
  /**
   * Whether everything that decides is known: `usual` is then what Linux does, unless something
   * happened that nobody saw.
   */
  readonly isPredicted?: boolean;
  /** The pages that the question is about, where it is about pages. */
  readonly pages?: { readonly start: number; readonly end: number };
  /** Which rule wants to know, where several ask the same question. */
  readonly reader?: string;
  /** The parameter of the call in which the answer shows, where the call writes it to memory. */
  readonly output?: string;
  /** The answer that the bytes written to {@link output} show. */
  fromOutput?(bytes: Uint8Array): A;
}

/** The port through which every choice is made. */
export interface Choices {
  choose<A>(question: Question<A>): A;
}

/** Answers every question with the usual: a quiet machine. */
export const USUAL: Choices = { choose: (question) => question.usual };

/**
 * Thrown by a {@link Choices} that cannot know an answer: what is unknown is a fact of the modelled
 * world that nobody stated. Whoever runs the model takes the call back and reports it as
 * undetermined; no third kind of result leaves a package.
 */
export class Unknown extends Error {
  /** The id of the question that had no answer. */
  readonly question: string;
  /** What was lacking, in words. */
  readonly fact: string;

  constructor(question: string, fact: string) {
    super(`unknown: ${fact}`);
    this.name = "Unknown";
    this.question = question;
    this.fact = fact;
  }
}
