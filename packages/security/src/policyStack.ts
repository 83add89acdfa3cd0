import type { AccessDecision } from "./accessDecision.ts";
import { checkPolicies } from "./policyShape.ts";
import type { HookName, Policy } from "./policy.ts";

/** A hook of a policy, as the stack calls it. */
export type Hook = (question: unknown, access: AccessDecision) => unknown;

/** One policy's say on one kind of question. */
export interface Voice {
  readonly policy: Policy;
  readonly hook: Hook;
}

/**
 * A stack of policies, sorted out by hook when it is assigned: a question then meets those alone
 * that have something to say, in stack order.
 */
export interface PolicyStack {
  readonly policies: readonly Policy[];
  readonly voices: { readonly [hook in HookName]: readonly Voice[] };
  /**
   * Whether no policy keeps the questions about capabilities, so that one object can be used again.
   */
  readonly reusesQuestions: boolean;
  /** The prctl options that a policy knows. */
  readonly prctlOptions: readonly number[];
}

/**
 * Checks policies and sorts them out. A mistake in one is a TypeError here, not at the first
 * question.
 */
export function stackOf(policies: readonly Policy[]): PolicyStack {
  checkPolicies(policies);
  const own: readonly Policy[] = Object.freeze(policies.slice());
  return {
    policies: own,
    voices: {
      ptraceAccess: voicesOf(own, "ptraceAccess"),
      ptraceTraceme: voicesOf(own, "ptraceTraceme"),
      capable: voicesOf(own, "capable"),
      fork: voicesOf(own, "fork"),
      exit: voicesOf(own, "exit"),
      prctl: voicesOf(own, "prctl"),
      syscall: voicesOf(own, "syscall"),
    },
    reusesQuestions: own.every(
      (policy) => policy.capable === undefined || policy.keepsNoQuestion === true,
    ),
    prctlOptions: own.flatMap((policy) => policy.prctlOptions ?? []),
  };
}

function voicesOf(policies: readonly Policy[], name: HookName): readonly Voice[] {
  return policies.flatMap((policy) => {
    const hook = policy[name] as Hook | undefined;
    return hook === undefined ? [] : [{ policy, hook }];
  });
}
