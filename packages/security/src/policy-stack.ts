import type { CheckReport } from "@kadvise/ports";
import { DONE, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "./access-decision.ts";
import type { HookName, Objection, Policy } from "./policy.ts";
import { noteState } from "./policy-state.ts";
import { hookFailure, objectionOf, refusalOf } from "./verdict.ts";

const HOOKS: readonly HookName[] = [
  "ptraceAccess",
  "ptraceTraceme",
  "capable",
  "fork",
  "exit",
  "prctl",
  "syscall",
];

/** Checks a stack when it is assigned, so that a mistake shows at once, and returns it frozen. */
export function checkedStack(policies: readonly Policy[]): readonly Policy[] {
  if (!Array.isArray(policies)) throw new TypeError("policies must be an array, first asked first");
  policies.forEach((policy: unknown, i) => {
    checkPolicy(policy, i);
  });
  return Object.freeze(policies.slice());
}

function checkPolicy(policy: unknown, index: number): void {
  if (typeof policy !== "object" || policy === null) {
    throw new TypeError(
      `policy ${String(index)} of the stack is ${String(policy)}, no object with a name and hooks`,
    );
  }
  const { name } = policy as { name?: unknown };
  if (typeof name !== "string" || name === "")
    throw new TypeError(`policy ${String(index)} of the stack has no name`);
  const members = policy as Record<string, unknown>;
  for (const hook of [...HOOKS, "state"]) {
    const member = members[hook];
    if (member !== undefined && typeof member !== "function") {
      throw new TypeError(`policy ${name}: ${hook} must be a function`);
    }
  }
  for (const key of Object.keys(members).filter((key) => typeof members[key] === "function")) {
    const meant = [...HOOKS, "state"].find((hook) => hook !== key && isSlip(key, hook));
    if (meant !== undefined)
      throw new TypeError(`policy ${name}: ${key} is no hook; did you mean ${meant}?`);
  }
}

/** Whether one word is the other but for case or one letter more or less. */
function isSlip(word: string, meant: string): boolean {
  const a = word.toLowerCase();
  const b = meant.toLowerCase();
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (long.length - short.length !== 1) return false;
  for (let i = 0; i < long.length; i++)
    if (long.slice(0, i) + long.slice(i + 1) === short) return true;
  return false;
}

/** A policy and a question: runs one hook, its state under the journal. */
export function ask<Q>(
  policy: Policy,
  name: HookName,
  hook: (question: Q, access: AccessDecision) => unknown,
  question: Q,
  access: AccessDecision,
): Objection | undefined {
  noteState(access.ports.journal, policy);
  let answer: unknown;
  try {
    answer = hook.call(policy, question, access);
  } catch (error) {
    throw hookFailure(policy, name, error);
  }
  return objectionOf(policy, name, answer);
}

/**
 * As {@link ask}, while somebody listens: a policy that reports no check of its own gets one for
 * its silence.
 */
export function askAloud<Q>(
  policy: Policy,
  name: HookName,
  hook: (question: Q, access: AccessDecision) => unknown,
  question: Q,
  access: AccessDecision,
): Objection | undefined {
  const { checks } = access.ports;
  const { listener } = checks;
  if (listener === undefined) return ask(policy, name, hook, question, access);
  let hasReported = false;
  checks.listener = (check): void => {
    hasReported = true;
    listener(check);
  };
  try {
    const objection = ask(policy, name, hook, question, access);
    if (objection !== undefined) listener(report(objection.id, false, objection.compared));
    else if (!hasReported) listener(report(`${policy.name}/${name}`, true, {}));
    return objection;
  } finally {
    checks.listener = listener;
  }
}

function report(id: string, passed: boolean, compared: CheckReport["compared"] = {}): CheckReport {
  return Object.freeze({ id, passed, compared: Object.freeze({ ...compared }) });
}

/** Asks every policy in stack order; the first objection stands. */
export function consult<Q>(
  policies: readonly Policy[],
  name: Exclude<HookName, "exit">,
  question: Q,
  access: AccessDecision,
): Result<undefined> {
  for (let i = 0; i < policies.length; i++) {
    const policy = policies[i];
    const hook = policy[name] as ((question: Q, access: AccessDecision) => unknown) | undefined;
    if (hook === undefined) continue;
    const objection = askAloud(policy, name, hook, question, access);
    if (objection !== undefined) return refusalOf(objection);
  }
  return DONE;
}

/** Tells every policy that a task is gone; nobody can object to that. */
export function tell<Q>(policies: readonly Policy[], question: Q, access: AccessDecision): void {
  for (const policy of policies) {
    const hook = policy.exit as ((question: Q, access: AccessDecision) => unknown) | undefined;
    if (hook === undefined) continue;
    if (ask(policy, "exit", hook, question, access) !== undefined) {
      throw new TypeError(
        `policy ${policy.name}: exit objected, but a task that is gone is gone; return nothing`,
      );
    }
  }
}
