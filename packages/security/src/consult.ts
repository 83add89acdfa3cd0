import type { CheckReport } from "@kadvise/ports";
import { DONE, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "./accessDecision.ts";
import { noteState } from "./policyState.ts";
import type { Voice } from "./policyStack.ts";
import type { HookName, Objection } from "./policy.ts";
import { hookFailure, objectionOf, refusalOf } from "./verdict.ts";

/**
 * Asks every policy that has something to say, in stack order; the first objection stands.
 *
 * Linux: call_int_hook, security/security.c
 */
export function consult(
  voices: readonly Voice[],
  name: Exclude<HookName, "exit">,
  question: unknown,
  access: AccessDecision,
): Result<undefined> {
  const { checks, journal } = access.ports;
  const isWatched = checks.listener !== undefined || journal.recording;
  for (let i = 0; i < voices.length; i++) {
    const voice = voices[i];
    const objection = isWatched
      ? askWatched(voice, name, question, access)
      : ask(voice, name, question, access);
    if (objection !== undefined) return refusalOf(objection);
  }
  return DONE;
}

/** Tells every policy that a task is gone; nobody can object to that. */
export function tell(voices: readonly Voice[], question: unknown, access: AccessDecision): void {
  for (const voice of voices) {
    noteState(access.ports.journal, voice.policy);
    if (ask(voice, "exit", question, access) === undefined) continue;
    throw new TypeError(
      `policy ${voice.policy.name}: exit objected, but a task that is gone is gone; return nothing`,
    );
  }
}

function ask(
  { policy, hook }: Voice,
  name: HookName,
  question: unknown,
  access: AccessDecision,
): Objection | undefined {
  let answer: unknown;
  try {
    answer = hook.call(policy, question, access);
  } catch (error) {
    throw hookFailure(policy, name, error);
  }
  return objectionOf(policy, name, answer);
}

/**
 * As {@link ask}, while somebody records or listens: the policy's state can be taken back, and a
 * policy that reports no check of its own gets one for its silence.
 */
function askWatched(
  voice: Voice,
  name: HookName,
  question: unknown,
  access: AccessDecision,
): Objection | undefined {
  const { checks, journal } = access.ports;
  const { policy } = voice;
  noteState(journal, policy);
  const { listener } = checks;
  if (listener === undefined) return ask(voice, name, question, access);
  let hasReported = false;
  checks.listener = (check): void => {
    hasReported = true;
    listener(check);
  };
  try {
    const objection = ask(voice, name, question, access);
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
