import type { CheckReport, Ports } from "@kadvise/ports";
import type { ComparedValue, Refusal, Result } from "@kadvise/uapi";
import type { Policy } from "./policy.ts";
import { SECURITY_REASONS, type SecurityReasonId } from "./reasons.ts";

/** One rung of the ladder. */
export interface ExplainedCheck {
  readonly id: string;
  /**
   * `passed`: no objection. `refused`: why the answer is no. `no-help`: one way to a yes was
   * closed, and another was open or was asked for next.
   */
  readonly outcome: "passed" | "refused" | "no-help";
  readonly text: string;
  readonly compared: Readonly<Record<string, ComparedValue>>;
}

/** A verdict with every check that led to it, in Linux' order. Plain and JSON-safe. */
export interface Explanation {
  readonly ok: boolean;
  readonly checks: readonly ExplainedCheck[];
  readonly refusal?: Refusal;
}

/** Runs an action while listening, takes everything back, and tells what was checked. */
export function explain(
  ports: Ports,
  policies: readonly Policy[],
  action: () => Result<unknown>,
): Explanation {
  const { value, checks } = ports.journal.attempt(() => ports.checks.collect(action));
  const texts = refusalTexts(value);
  const explained = checks.map((check) => describe(check, texts, policies));
  return value.ok
    ? { ok: true, checks: explained }
    : { ok: false, checks: explained, refusal: value };
}

/** The ids of a refusal and of what it stands on, with their sentences. */
function refusalTexts(result: Result<unknown>): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let refusal: Refusal | undefined = result.ok ? undefined : result;
  for (; refusal !== undefined; refusal = refusal.because)
    texts.set(refusal.reason.id, refusal.reason.text);
  return texts;
}

function describe(
  check: CheckReport,
  refusals: ReadonlyMap<string, string>,
  policies: readonly Policy[],
): ExplainedCheck {
  const outcome = check.passed ? "passed" : refusals.has(check.id) ? "refused" : "no-help";
  return {
    id: check.id,
    outcome,
    text: textOf(check, refusals, policies),
    compared: check.compared,
  };
}

function textOf(
  check: CheckReport,
  refusals: ReadonlyMap<string, string>,
  policies: readonly Policy[],
): string {
  const reason = isOurs(check.id) ? SECURITY_REASONS[check.id] : undefined;
  if (check.passed) return reason?.passes ?? silence(check.id, policies);
  return refusals.get(check.id) ?? reason?.text ?? "a policy objected";
}

function silence(id: string, policies: readonly Policy[]): string {
  const policy = policies.find(({ name }) => id.startsWith(`${name}/`));
  return policy === undefined ? "no objection" : `the policy ${policy.name} had no objection`;
}

function isOurs(id: string): id is SecurityReasonId {
  return Object.hasOwn(SECURITY_REASONS, id);
}
