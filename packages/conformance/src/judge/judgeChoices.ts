import { Unknown, type Choices, type Question } from "@kadvise/ports";
import { shownBytes } from "../notation/structures.ts";
import { AnswerMemory } from "./answerMemory.ts";
import type { Assumptions } from "./assumptions.ts";
import type { Observed } from "./observed.ts";
import { shownCredential } from "./shownCredentials.ts";

/** A question of which the answer's number is open, with the set that Linux may choose from. */
export interface OpenNumber {
  readonly id: string;
  readonly set: string;
  /** Whether what was observed is in the set; undefined if nothing was observed. */
  readonly allowed?: boolean;
}

/** A fact that was not known when a rule read it, and the answer that this branch takes. */
export interface OpenFact {
  readonly id: string;
  readonly fact: string;
  readonly alternatives: number;
}

/**
 * Answers the model's questions from what a log shows.
 *
 * What the return value or an output shows is answered by it. What only decides between a few facts
 * is tried both ways: the script says which way this run takes. What nobody can know is {@link
 * Unknown}.
 */
export class JudgeChoices implements Choices {
  /** Answers that no credentials keep. */
  readonly memory: AnswerMemory = new AnswerMemory();
  private readonly assumptions: Assumptions;
  private script: readonly number[] = [];
  private observed: Observed | undefined;
  private asked = 0;
  private resultUsed = false;
  openNumbers: OpenNumber[] = [];
  openFacts: OpenFact[] = [];

  constructor(assumptions: Assumptions) {
    this.assumptions = assumptions;
  }

  /** Prepares for one run. */
  begin(observed: Observed | undefined, script: readonly number[]): void {
    this.observed = observed;
    this.script = script;
    this.asked = 0;
    this.resultUsed = false;
    this.openNumbers = [];
    this.openFacts = [];
  }

  choose<A>(question: Question<A>): A {
    if (question.fromResult !== undefined)
      return this.fromResult(question, question.fromResult.bind(question));
    if (question.output !== undefined) return this.fromOutput(question);
    const shown =
      this.observed === undefined ? undefined : shownCredential(question.id, this.observed);
    if (shown !== undefined) return this.settled(question, shown as A);
    const assumed = this.assumptions.answer(question, this.observed?.error);
    if (assumed?.leavesNumberOpen === true) {
      this.openNumbers.push({ id: question.id, set: question.describe() });
    }
    if (assumed !== undefined) return assumed.answer;
    const known = this.memory.recall(question.id, question.describe);
    if (known !== undefined) return known as A;
    const { alternatives } = question;
    if (alternatives === undefined) throw new Unknown(question.id, question.describe());
    const choice = this.script[this.asked++] ?? 0;
    this.openFacts.push({
      id: question.id,
      fact: question.describe(),
      alternatives: alternatives.length,
    });
    const answer = alternatives[choice];
    this.memory.note(question.id, question.describe, answer);
    return answer;
  }

  private fromResult<A>(question: Question<A>, read: (value: number) => A): A {
    const shown = this.shownNumber(question.id);
    // What the rule led to and came about was no choice of Linux'.
    if (question.isPredicted === true && shown !== undefined && read(shown) === question.usual)
      return question.usual;
    return this.settled(question, shown === undefined ? undefined : read(shown));
  }

  private fromOutput<A>(question: Question<A>): A {
    const i = this.observed?.outputs.indexOf(question.output!) ?? -1;
    const value = i < 0 ? undefined : this.observed?.shown[i];
    const bytes = value === undefined ? undefined : shownBytes(value, question.output!);
    return this.settled(question, bytes === undefined ? undefined : question.fromOutput?.(bytes));
  }

  /** Takes an answer that the log shows, if Linux may give it; without one, the usual. */
  private settled<A>(question: Question<A>, answer: A | undefined): A {
    const allowed = answer === undefined ? undefined : question.allows(answer);
    this.openNumbers.push({
      id: question.id,
      set: question.describe(),
      ...(allowed === undefined ? {} : { allowed }),
    });
    return allowed === true ? answer! : question.usual;
  }

  /**
   * The return value belongs to the first number that is asked for; a clone's descriptor is shown
   * elsewhere.
   */
  private shownNumber(id: string): number | undefined {
    if (id === "fd/next" && this.observed?.pidfd !== undefined) return this.observed.pidfd;
    if (this.resultUsed || this.observed?.value === undefined) return undefined;
    this.resultUsed = true;
    return Number(this.observed.value);
  }
}
