import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  AccessControl,
  commoncap,
  POLICY_NAMES,
  policyFromName,
  type Policy,
} from "@kadvise/security";
import { nearest, UsageError } from "./usageError.ts";

/** The option by which a command is told which policies hold. */
export const POLICY_OPTION = {
  policy: {
    type: "string",
    value: "LIST",
    multiple: true,
    help: "policies behind commoncap, first asked first: yama=1, landlock, seccomp=CALL+CALL, ./mine.js",
  },
} as const;

/**
 * Makes the stack that `--policy` names; each call makes a fresh one. Undefined if the option was
 * not given.
 */
export async function policyStack(
  words: readonly string[],
): Promise<(() => readonly Policy[]) | undefined> {
  const names = words
    .flatMap((word) => word.split(","))
    .map((word) => word.trim())
    .filter((word) => word !== "");
  if (names.length === 0) return undefined;
  const makers: (() => Policy)[] = [];
  for (const name of names) makers.push(await policyMaker(name));
  const hasCommoncap = names.includes("commoncap");
  return () => [...(hasCommoncap ? [] : [commoncap()]), ...makers.map((make) => make())];
}

async function policyMaker(name: string): Promise<() => Policy> {
  try {
    if (policyFromName(name) !== undefined) return () => policyFromName(name)!;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--policy ${name}: ${error.message}`);
    throw error;
  }
  if (!/[./\\]/.test(name)) {
    const best = nearest(
      name.split("=")[0] ?? name,
      POLICY_NAMES.map((word) => word.split("=")[0] ?? word),
    );
    throw new UsageError(
      `--policy ${name}: no such policy; ${best === undefined ? `known: ${POLICY_NAMES.join(", ")}, or a file ./NAME.js` : `did you mean ${best}?`}`,
    );
  }
  return policyFile(name);
}

/**
 * A policy of the user's own: the default export of a module, an object or a function that makes
 * one.
 */
async function policyFile(path: string): Promise<() => Policy> {
  const full = resolve(path);
  if (!existsSync(full)) throw new UsageError(`--policy ${path}: no such file`);
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(full).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`--policy ${path}: the module cannot be loaded: ${firstLine(error)}`);
  }
  const exported = module.default;
  const make = (): Policy => {
    try {
      return (typeof exported === "function" ? (exported as () => unknown)() : exported) as Policy;
    } catch (error) {
      throw new UsageError(`--policy ${path}: making the policy threw: ${firstLine(error)}`);
    }
  };
  const policy = make();
  if (typeof policy !== "object" || policy === null || typeof policy.name !== "string") {
    throw new UsageError(
      `--policy ${path}: expected a default export { name, ptraceAccess?(q), capable?(q), … }`,
    );
  }
  checkShape(path, policy);
  return make;
}

/** A misspelt hook, or a state that is no plain data, is told before anything runs. */
function checkShape(path: string, policy: Policy): void {
  try {
    const access = new AccessControl({ policies: [policy] });
    structuredClone(access.policies[0]?.state?.());
  } catch (error) {
    throw new UsageError(`--policy ${path}: ${firstLine(error)}`);
  }
}

/** What an error says, in one line. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return message.split("\n")[0] ?? message;
}
