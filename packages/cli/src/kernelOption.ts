import { readFileSync } from "node:fs";
import { profile, settingProblem, USUAL_SETTINGS, type Settings } from "@kadvise/releases";
import { machineRelease } from "./machineRelease.ts";
import { note } from "./streams.ts";
import { nearest, UsageError } from "./usageError.ts";

/** The options by which a command is told which kernel is meant. */
export const KERNEL_OPTIONS = {
  kernel: {
    type: "string",
    value: "RELEASE",
    help: "seed, seed-code, 5.10, 5.10.24, … 7.3, auto (this machine's); +ID and -ID adjust a vendor kernel",
  },
  config: {
    type: "string",
    value: "KEY=VALUE|FILE",
    multiple: true,
    help: "a setting of the machine (swap=false, thpEnabled=always), or a JSON file of them",
  },
} as const;

/** Used where no kernel is named. */
const DEFAULT_KERNEL = "7.3";

/** The kernel that was asked for; `auto` is looked up, and what was taken is said. */
export function kernelName(asked: string | undefined): string {
  const name = asked === "auto" ? machineRelease() : (asked ?? DEFAULT_KERNEL);
  if (asked === "auto") note(`kernel: ${name}, from this machine's uname`);
  try {
    profile(name);
    return name;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Settings from `--config`. */
export function settingsOf(words: readonly string[]): Partial<Settings> {
  return Object.assign(
    {},
    ...words.map((word) => (word.includes("=") ? fromPair(word) : fromFile(word))),
  ) as Partial<Settings>;
}

function fromPair(word: string): Partial<Settings> {
  const at = word.indexOf("=");
  const key = word.slice(0, at);
  return { [requireKey(key)]: requireValue(key, parseValue(word.slice(at + 1))) };
}

function fromFile(path: string): Partial<Settings> {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch {
    throw new UsageError(`--config ${path}: neither KEY=VALUE nor a file that can be read`);
  }
  let settings: unknown;
  try {
    settings = JSON.parse(content);
  } catch {
    throw new UsageError(`--config ${path}: expected a JSON object of settings`);
  }
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new UsageError(`--config ${path}: expected a JSON object of settings`);
  }
  for (const [key, value] of Object.entries(settings)) requireValue(requireKey(key), value);
  return settings;
}

function requireKey(key: string): string {
  if (Object.hasOwn(USUAL_SETTINGS, key)) return key;
  const known = Object.keys(USUAL_SETTINGS);
  const best = nearest(key, known);
  throw new UsageError(
    `unknown setting "${key}"; ${best === undefined ? `known: ${known.join(", ")}` : `did you mean ${best}?`}`,
  );
}

function requireValue<T>(key: string, value: T): T {
  const problem = settingProblem(key as keyof Settings, value);
  if (problem === undefined) return value;
  throw new UsageError(`setting ${key}=${String(value)}: ${problem}`);
}

function parseValue(word: string): string | number | boolean | null {
  if (word === "true" || word === "y" || word === "yes") return true;
  if (word === "false" || word === "n" || word === "no") return false;
  if (word === "null" || word === "none") return null;
  return /^\d+$/.test(word) ? Number(word) : word;
}
