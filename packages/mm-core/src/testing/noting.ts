import type { Question } from "@kadvise/ports";
import type { AddressSpace } from "../addressSpace.ts";

/** Notes a space's questions as they are; each is answered from a list by its id, or as usual. */
export function noting(
  mm: AddressSpace,
  answers: Record<string, unknown> = {},
): Question<unknown>[] {
  const asked: Question<unknown>[] = [];
  mm.memory.ports.choices = {
    choose<A>(question: Question<A>): A {
      asked.push(question);
      return question.id in answers ? (answers[question.id] as A) : question.usual;
    },
  };
  return asked;
}
