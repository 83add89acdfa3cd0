import { Unknown, type Question } from "@kadvise/ports";
import { expect } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";

/**
 * Lets a space's questions be answered from a list by their ids; an id that is not there is not
 * known. Returns what is asked, as it is asked.
 */
export function answering(mm: AddressSpace, answers: Record<string, unknown>): string[] {
  const asked: string[] = [];
  mm.memory.ports.choices = {
    choose<A>(question: Question<A>): A {
      asked.push(question.id);
      if (!(question.id in answers)) throw new Unknown(question.id, question.describe());
      const answer = answers[question.id] as A;
      expect(question.allows(answer)).toBe(true);
      return answer;
    },
  };
  return asked;
}
