import type { Choices, Question } from "@kadvise/ports";
import { CAP, type CapabilityName } from "@kadvise/uapi";
import { hasCapability, isSubset, unite } from "../capabilitySet.ts";
import {
  CAPABILITY_SETS,
  ID_FIELDS,
  type CapabilitySetName,
  type IdField,
} from "../credentials.ts";
import { isUnknownId } from "../ids.ts";
import type { Subject } from "../subject.ts";

/**
 * Answers for a task of which nothing is known out of a twin of which everything is. The twin must
 * be in the state in which the asking task is, so it has to lag behind: it makes each call after
 * the other did.
 */
export class Oracle implements Choices {
  readonly #twin: Subject;
  readonly #peer: Subject;
  asked = 0;

  /** `peer` is the one other task with which the two are compared. */
  constructor(twin: Subject, peer: Subject) {
    this.#twin = twin;
    this.#peer = peer;
  }

  choose<A>(question: Question<A>): A {
    this.asked++;
    const answer = this.#answer(question.id, question.describe()) as A;
    if (!question.allows(answer)) throw new Error(`${question.id} does not allow the truth`);
    return answer;
  }

  #answer(id: string, text: string): unknown {
    const { credentials: c, exec } = this.#twin;
    const [, fact = "", name] = id.split("/");
    if (id === "exec/dumpable") return exec.dumpable;
    if (fact === "groups") return c.groups;
    if (fact === "permitted-within") return this.#isWithin(text);
    if (name !== undefined)
      return hasCapability(c[fact as CapabilitySetName], CAP[name as CapabilityName]);
    if (fact.endsWith("-is"))
      return c[fact.slice(0, -"-is".length) as IdField] === Number(/\d+$/.exec(text)?.[0]);
    return c[fact as IdField | CapabilitySetName];
  }

  #isWithin(text: string): boolean {
    const isInner = text.includes("permitted capabilities of image");
    const [inner, outer] = isInner ? [this.#twin, this.#peer] : [this.#peer, this.#twin];
    const set = text.includes("are all effective") ? "effective" : "permitted";
    return isSubset(inner.credentials.permitted, outer.credentials[set]);
  }
}

/** What contradicts that a task may be its twin: nothing, if what is known of it is true. */
export function contradictions(
  { credentials: c, exec }: Subject,
  { credentials: t, exec: e }: Subject,
): string[] {
  const wrong: string[] = [];
  for (const field of ID_FIELDS) {
    if (!isUnknownId(c[field]) && c[field] !== t[field]) wrong.push(`${field} ${String(c[field])}`);
    // Two ids that are the same unknown one must be the same.
    for (const other of ID_FIELDS) {
      if (isUnknownId(c[field]) && c[field] === c[other] && t[field] !== t[other])
        wrong.push(`${field}=${other}`);
    }
  }
  for (const not of c.unknown?.notIds ?? []) {
    for (const field of ID_FIELDS) {
      if (c[field] === not.unknown && t[field] === not.id) wrong.push(`${field} is excluded`);
    }
  }
  for (const set of CAPABILITY_SETS) {
    const open = c.unknown?.open[set] ?? { lo: 0, hi: 0 };
    if (!isSubset(c[set], t[set]) || !isSubset(t[set], unite(c[set], open))) wrong.push(set);
    if ((c[set].lo & open.lo) !== 0 || (c[set].hi & open.hi) !== 0)
      wrong.push(`${set} is known and open`);
  }
  if (c.unknown?.groups !== true && c.groups.join() !== t.groups.join()) wrong.push("groups");
  if (c.securebits !== t.securebits) wrong.push("securebits");
  if (exec.dumpable !== "unknown" && exec.dumpable !== e.dumpable)
    wrong.push(`dumpable ${String(exec.dumpable)}`);
  return wrong;
}
