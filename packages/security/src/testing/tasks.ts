import type { CheckReport, Choices, Question } from "@kadvise/ports";
import type { Result } from "@kadvise/uapi";
import type { AccessControl } from "../accessControl.ts";
import { credentials, type CredentialOptions } from "../credentials.ts";
import { subject, type Subject, type SubjectOptions } from "../subject.ts";

let nextPid = 100;

/** A task of its own process, with whatever is said of its credentials and of itself. */
export function task(who: CredentialOptions, options: Partial<SubjectOptions> = {}): Subject {
  return subject({ pid: nextPid++, credentials: credentials(who), ...options });
}

/** "ok", or the errno and the id of the reason. */
export function said(result: Result<unknown> | undefined): string {
  if (result === undefined) return "not ours";
  return result.ok ? "ok" : `${result.code} ${result.reason.id}`;
}

/** The checks that an action made: `+` passed, `-` did not. */
export function ladder(access: AccessControl, action: () => unknown): string[] {
  const { checks } = access.ports.checks.collect(action);
  return checks.map((check: CheckReport) => `${check.passed ? "+" : "-"} ${check.id}`);
}

/**
 * Choices that answer by question id, and remember what they were asked; the usual where nothing is
 * given.
 */
export class Scripted implements Choices {
  readonly asked: string[] = [];
  readonly described: string[] = [];
  readonly #answers: Readonly<Record<string, unknown>>;

  constructor(answers: Readonly<Record<string, unknown>> = {}) {
    this.#answers = answers;
  }

  choose<A>(question: Question<A>): A {
    this.asked.push(question.id);
    this.described.push(question.describe());
    const answer = Object.hasOwn(this.#answers, question.id)
      ? (this.#answers[question.id] as A)
      : question.usual;
    if (!question.allows(answer))
      throw new RangeError(`${question.id} does not allow ${String(answer)}`);
    return answer;
  }
}

/** Choices that must not be asked anything. */
export const NEVER_ASKED: Choices = {
  choose: (question) => {
    throw new Error(`asked for ${question.id}`);
  },
};
