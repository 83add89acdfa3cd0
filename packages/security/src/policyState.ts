import type { Journal } from "@kadvise/ports";
import type { Policy } from "./policy.ts";

/**
 * What a policy remembers, under the journal: before a hook runs while somebody records, the live
 * object that `state()` returns is copied, and an undo fills it in again. A policy thus needs to
 * know nothing of undo, as long as all that it remembers is plain data that it reaches through that
 * object.
 */
export function noteState(journal: Journal, policy: Policy): void {
  if (!journal.recording || policy.state === undefined) return;
  const live = liveState(policy);
  const copy = copyState(live, policy.name);
  journal.onUndo(() => {
    fillState(live, copy);
  });
}

/** The live state of a policy; misuse if it is no plain object. */
export function liveState(policy: Policy): object {
  const live: unknown = policy.state?.();
  if (isPlainObject(live) || Array.isArray(live)) return live;
  throw new TypeError(
    `policy ${policy.name}: state() must return the plain object that holds its state`,
  );
}

/** A deep copy of plain data. */
export function copyState<T>(value: T, policyName: string): T {
  return copy(value, policyName, "state()") as T;
}

/**
 * Makes a live object equal to a copy, in place, key order included; the copy can be used again.
 */
export function fillState(live: object, saved: object): void {
  if (Array.isArray(live)) live.length = 0;
  for (const key of Object.keys(live)) Reflect.deleteProperty(live, key);
  for (const [key, value] of Object.entries(copy(saved, "", "") as object))
    Reflect.set(live, key, value);
}

function copy(value: unknown, policyName: string, path: string): unknown {
  if (Array.isArray(value))
    return value.map((item, i) => copy(item, policyName, `${path}[${String(i)}]`));
  if (isPlainObject(value)) {
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value))
      result[key] = copy(item, policyName, `${path}.${key}`);
    return result;
  }
  if (
    value === null ||
    ["undefined", "boolean", "number", "string", "bigint"].includes(typeof value)
  )
    return value;
  throw new TypeError(
    `policy ${policyName}: ${path} is no plain data: numbers, strings, booleans, arrays, plain objects`,
  );
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
