import { Unknown } from "@kadvise/ports";
import { ERRNO, isErrnoName, type ComparedValue, type Refusal } from "@kadvise/uapi";
import type { HookName, Objection, Policy } from "./policy.ts";

const ADVICE = 'return nothing to let it pass, or { code: "EPERM", id: "…", text: "…" } to object';

/**
 * A hook's answer, checked: `undefined` for no objection. Anything else than an objection is
 * misuse.
 */
export function objectionOf(
  policy: Policy,
  hook: HookName,
  answer: unknown,
): Objection | undefined {
  if (answer === undefined) return undefined;
  const found = misfit(answer);
  if (found !== undefined)
    throw new TypeError(`policy ${policy.name}: ${hook} ${found}; ${ADVICE}`);
  return answer as Objection;
}

function misfit(answer: unknown): string | undefined {
  if (answer === true) return "returned true, but a policy can only object, never grant";
  if (typeof answer !== "object" || answer === null) return `returned ${show(answer)}`;
  if (typeof (answer as { then?: unknown }).then === "function") {
    return "returned a promise, but hooks are synchronous";
  }
  const { code, id, text, compared } = answer as Record<string, unknown>;
  if (code === undefined)
    return `returned ${show(answer)}, but a policy can only object, never grant`;
  if (typeof code !== "string" || !isErrnoName(code))
    return `objected with the code ${show(code)}, no error name`;
  if (typeof id !== "string" || id === "") return `objected with the id ${show(id)}, no stable id`;
  if (typeof text !== "string" || text === "")
    return `objected with the text ${show(text)}, no sentence`;
  if (compared !== undefined && !isCompared(compared))
    return "objected with values to compare that are not plain";
  return undefined;
}

function isCompared(value: unknown): value is Readonly<Record<string, ComparedValue>> {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every(
    (item) => item === null || ["number", "string", "boolean"].includes(typeof item),
  );
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null)
    return Array.isArray(value) ? "an array" : objectText(value);
  return typeof value === "function" ? "a function" : String(value);
}

function objectText(value: object): string {
  const keys = Object.keys(value);
  return keys.length === 0 ? "an empty object" : `an object with ${keys.join(", ")}`;
}

/**
 * What becomes of an exception in a hook. A question that has no answer passes through: it is the
 * machine that does not know, not the policy that is wrong.
 */
export function hookFailure(policy: Policy, hook: HookName, error: unknown): unknown {
  if (error instanceof Unknown) return error;
  const what = error instanceof Error ? error.message : String(error);
  return new TypeError(`policy ${policy.name}: ${hook} threw: ${what}; ${ADVICE}`, {
    cause: error,
  });
}

/** An objection as the refusal that a call returns. */
export function refusalOf(objection: Objection): Refusal {
  const compared = Object.freeze({ ...objection.compared });
  return Object.freeze({
    ok: false,
    code: objection.code,
    errno: ERRNO[objection.code],
    reason: Object.freeze({ id: objection.id, text: objection.text, compared }),
  });
}
