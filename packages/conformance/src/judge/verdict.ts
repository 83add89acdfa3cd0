import { failed, formatResult, notReturned, returned, type CallResult } from "@kadvise/strace";
import { ERRNO_TEXT, isErrnoName, type Refusal } from "@kadvise/uapi";
import type { Branch } from "./branch.ts";

/** How a result stands to what Linux may do. */
export type Verdict = "exact" | "constrained" | "undetermined" | "deviation";

/** A verdict with what led to it. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Every allowed result, in strace's notation; sets of numbers are described. */
  readonly allowed: readonly string[];
  /** Why: the reason of the refusal that was expected or met, or the judge's own. */
  readonly reason: { readonly id: string; readonly text: string };
  /** Facts that were lacking. */
  readonly needs: readonly string[];
}

/**
 * What a call's branches, over all worlds, say of an observed result.
 *
 * exact: every branch gives this one result. constrained: success, or the very error, is given;
 * only a number is open. undetermined: success or error, or which error, was open. deviation: no
 * branch allows it.
 */
export function judge(branches: readonly Branch[], address: boolean): Judgement {
  const [only] = branches;
  if (branches.length === 1 && only?.matches === true) return new Observed(only, address);
  const allowed = [...new Set(branches.map((branch) => allowedText(branch, address)))];
  const facts = branches.flatMap(({ openFacts, unknown }) => [
    ...openFacts.map(({ id }) => id),
    ...(unknown === undefined ? [] : [unknown.question]),
  ]);
  const needs = [...new Set(facts)];
  const matching = branches.filter(({ matches }) => matches);
  const reason = reasonOf(matching.length > 0 ? matching : branches);
  const certain = branches.every(({ unknown }) => unknown === undefined);
  if (matching.length === 0 && certain) return { verdict: "deviation", allowed, reason, needs: [] };
  const kinds = new Set(branches.map(({ kind }) => kind));
  if (!certain || kinds.size > 1) return { verdict: "undetermined", allowed, reason, needs };
  const open = branches.some(({ openNumbers }) => openNumbers.length > 0);
  const values = new Set(
    branches.map(({ outcome }) => (outcome?.ok === true ? outcome.value : undefined)),
  );
  return { verdict: open || values.size > 1 ? "constrained" : "exact", allowed, reason, needs: [] };
}

/** The only way there is, and it was observed: most judgements. Its text is made when asked for. */
class Observed implements Judgement {
  readonly verdict: Verdict;
  readonly reason: { readonly id: string; readonly text: string };
  readonly needs: readonly string[] = NOTHING;
  readonly #branch: Branch;
  readonly #isAddress: boolean;

  constructor(branch: Branch, isAddress: boolean) {
    this.verdict = branch.openNumbers.length > 0 ? "constrained" : "exact";
    this.reason = branch.outcome?.ok === false ? branch.outcome.reason : SUCCESS;
    this.#branch = branch;
    this.#isAddress = isAddress;
  }

  get allowed(): readonly string[] {
    return [allowedText(this.#branch, this.#isAddress)];
  }
}

const NOTHING: readonly string[] = [];
const SUCCESS = { id: "judge/success", text: "no rule refuses this call" } as const;

function allowedText(branch: Branch, address: boolean): string {
  const { outcome, kind, openNumbers, unknown } = branch;
  if (unknown !== undefined) return `anything: ${unknown.fact} is not known`;
  if (outcome === undefined) return "?";
  if (kind === "?") return "?";
  if (!outcome.ok && outcome.code.startsWith("ERESTART"))
    return formatResult(notReturned(outcome.code));
  if (!outcome.ok) return formatResult(failed(outcome.code));
  if (openNumbers.length > 0) return openNumbers.map(({ set }) => set).join("; ");
  const result: CallResult =
    address && outcome.value !== 0
      ? { ...returned(outcome.value), base: 16 }
      : returned(outcome.value);
  return formatResult(result);
}

function reasonOf(branches: readonly Branch[]): { id: string; text: string } {
  const refused = branches.find(({ outcome }) => outcome?.ok === false)?.outcome as
    Refusal | undefined;
  if (refused !== undefined) return { id: refused.reason.id, text: refused.reason.text };
  const unknown = branches.find((branch) => branch.unknown !== undefined)?.unknown;
  if (unknown !== undefined) return { id: unknown.question, text: `not known: ${unknown.fact}` };
  return SUCCESS;
}

/** An error in strace's notation. */
export function errorText(name: string): string {
  return isErrnoName(name) ? `-1 ${name} (${ERRNO_TEXT[name]})` : `-1 ${name}`;
}
