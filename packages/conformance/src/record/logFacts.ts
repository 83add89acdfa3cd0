import type { Settings } from "@kadvise/releases";
import type { Limit } from "@kadvise/syscalls";
import type { ObservedArea } from "../target/startState.ts";
import type { ProcessFacts } from "../live/processFacts.ts";

/** What was seen of a process right behind an execve, before its first instruction. */
export interface ExecFacts {
  /** The line of the log with the result of the execve. */
  readonly line: number;
  readonly pid: number;
  readonly credentials: ProcessFacts["credentials"];
  readonly dumpable: ProcessFacts["dumpable"];
  /** Whether it lives in the initial user namespace. */
  readonly isInitialNamespace: boolean;
  readonly areas?: readonly ObservedArea[];
  readonly startBreak?: number;
  readonly limits: { readonly [name: string]: Limit };
  /** The descriptors that are open, and the children that it has; absent where nobody could see. */
  readonly descriptors?: readonly number[];
  readonly children?: readonly number[];
}

/** What `kadvise record` keeps beside a log. Plain and JSON-safe. */
export interface LogFacts {
  readonly schemaVersion: 1;
  /** uname -r and -v, and the version that they mean. */
  readonly release: string;
  readonly version: string;
  readonly kernel: string;
  readonly strace: string;
  readonly command: readonly string[];
  readonly settings: Partial<Settings>;
  readonly execs: readonly ExecFacts[];
  /** Whether programs that were to be executed exist and may be, by path. */
  readonly programs?: { readonly [path: string]: boolean };
}

/** Where the facts about a log are kept. */
export function factsPathOf(log: string): string {
  return `${log}.facts.json`;
}

/** Reads what was kept beside a log. @throws RangeError where it is something else */
export function parseLogFacts(text: string): LogFacts {
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch {
    throw new RangeError("no JSON");
  }
  if (!isObject(facts) || facts["schemaVersion"] !== 1 || typeof facts["kernel"] !== "string")
    throw new RangeError("not what kadvise record writes (schemaVersion 1)");
  if (!isObject(facts["settings"]) || !Array.isArray(facts["execs"]))
    throw new RangeError("settings or execs are missing");
  for (const exec of facts["execs"] as readonly unknown[])
    if (!isObject(exec) || typeof exec["line"] !== "number" || typeof exec["pid"] !== "number")
      throw new RangeError("an entry of execs has no line or pid");
  return facts as unknown as LogFacts;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null;
}
