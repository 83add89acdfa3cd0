import type { HookName } from "./policy.ts";

const HOOKS: readonly HookName[] = [
  "ptraceAccess",
  "ptraceTraceme",
  "capable",
  "fork",
  "exit",
  "prctl",
  "syscall",
];
const FUNCTIONS: readonly string[] = [...HOOKS, "state"];

/** Throws a TypeError unless every member of an array looks like a policy. */
export function checkPolicies(policies: unknown): void {
  if (!Array.isArray(policies)) {
    throw new TypeError("policies must be an array of objects, first asked first");
  }
  policies.forEach(checkPolicy);
}

function checkPolicy(policy: unknown, index: number): void {
  const place = `policy ${String(index)} of the stack`;
  if (typeof policy !== "object" || policy === null) {
    throw new TypeError(`${place} is no object with a name and hooks`);
  }
  const members = policy as Record<string, unknown>;
  const { name } = members;
  if (typeof name !== "string" || name === "") throw new TypeError(`${place} has no name`);
  for (const hook of FUNCTIONS) {
    const member = members[hook];
    if (member !== undefined && typeof member !== "function") {
      throw new TypeError(`policy ${name}: ${hook} must be a function`);
    }
  }
  for (const key of Object.keys(members)) {
    if (typeof members[key] !== "function" || FUNCTIONS.includes(key)) continue;
    const meant = FUNCTIONS.find((hook) => isSlip(key, hook));
    if (meant !== undefined) {
      throw new TypeError(`policy ${name}: ${key} is no hook; did you mean ${meant}?`);
    }
  }
}

/** Whether one word is the other but for case, or for one letter more or less. */
function isSlip(word: string, meant: string): boolean {
  const a = word.toLowerCase();
  const b = meant.toLowerCase();
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  for (let i = 0; i < long.length; i++) {
    if (long.slice(0, i) + long.slice(i + 1) === short) return true;
  }
  return false;
}
