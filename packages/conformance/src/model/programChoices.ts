import type { Choices, Question } from "@kadvise/ports";

/** What is known of how an operation really went. */
export interface Seen {
  /** The return register, if it is no error. */
  readonly value?: number;
  /** The bytes that the call wrote for a parameter. */
  output?(parameter: string): Uint8Array | undefined;
}

/** A question that was not answered with the usual. */
export interface Departure {
  readonly id: string;
  readonly allowed: string;
}

/**
 * Answers the model's questions while a program runs: with what was seen where that is allowed,
 * else as a quiet machine does. What only decides between a few facts follows a script, so that
 * each way can be tried.
 */
export class ProgramChoices implements Choices {
  private seen: Seen = {};
  private script: readonly number[] = [];
  private used = false;
  /** The next number that a new process must have, whatever the call returns. */
  nextPid: number | undefined;
  /** How many alternatives each question that follows the script had, in this run. */
  alternatives: number[] = [];
  departures: Departure[] = [];

  /** Prepares for one operation. */
  begin(seen: Seen, script: readonly number[] = []): void {
    this.seen = seen;
    this.script = script;
    this.used = false;
    this.alternatives = [];
    this.departures = [];
  }

  choose<A>(question: Question<A>): A {
    // Nothing sends a program signals in the midst of its calls.
    if (question.id.startsWith("signal/") && question.id !== "signal/target-still-alive")
      return question.usual;
    if (question.id === "pid/next" && this.nextPid !== undefined) return this.takePid(question);
    const shown = this.shown(question);
    if (shown !== undefined)
      return question.allows(shown) ? this.settle(question, shown) : question.usual;
    const { alternatives } = question;
    if (alternatives === undefined || question.output !== undefined) return question.usual;
    const choice = this.script[this.alternatives.length] ?? 0;
    this.alternatives.push(alternatives.length);
    // The usual comes first, the others in their order.
    const others = alternatives.filter((answer) => answer !== question.usual);
    return this.settle(question, choice === 0 ? question.usual : others[choice - 1]);
  }

  private takePid<A>(question: Question<A>): A {
    const pid = this.nextPid as A;
    this.nextPid = undefined;
    return pid === undefined ? question.usual : pid;
  }

  private shown<A>(question: Question<A>): A | undefined {
    if (question.fromResult !== undefined) {
      // The return value belongs to the first number that is asked for.
      if (this.used || this.seen.value === undefined) return undefined;
      this.used = true;
      return question.fromResult(this.seen.value);
    }
    if (question.output === undefined) return undefined;
    const bytes = this.seen.output?.(question.output);
    return bytes === undefined ? undefined : question.fromOutput?.(bytes);
  }

  private settle<A>(question: Question<A>, answer: A): A {
    if (!isSame(answer, question.usual)) {
      this.departures.push({ id: question.id, allowed: question.describe() });
    }
    return answer;
  }
}

/** An answer is a value, bytes, or a record of values. */
function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const [ours, theirs] = [Object.entries(a), Object.entries(b)];
  return ours.length === theirs.length && ours.every(([name, value]) => isSame(value, b[name]));
}

function isRecord(answer: unknown): answer is Readonly<Record<string, unknown>> {
  return (
    typeof answer === "object" &&
    answer !== null &&
    Object.getPrototypeOf(answer) === Object.prototype
  );
}
