import { readFileSync } from "node:fs";
import type { Program } from "../../program/program.ts";
import type { ProgramResult } from "../../program/result.ts";
import type { TargetFacts } from "../../target/target.ts";

/** What a real kernel made of some programs. */
export interface Recording {
  readonly facts: TargetFacts;
  readonly programs: readonly Program[];
  readonly results: readonly ProgramResult[];
}

export function readRecording(name: string): Recording {
  const text = readFileSync(new URL(`recordings/${name}.json`, import.meta.url), "utf8");
  const recording = parseRecorded(text) as Recording;
  // What was read besides is no part of a recording.
  return { ...recording, facts: { ...recording.facts, facts: {} } };
}

/** Reads what was recorded: long numbers are written as `"12n"`, bytes as `"base64:…"`. */
export function parseRecorded(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== "string") return value;
    if (/^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1));
    if (!value.startsWith("base64:")) return value;
    return new Uint8Array(Buffer.from(value.slice(7), "base64"));
  });
}
