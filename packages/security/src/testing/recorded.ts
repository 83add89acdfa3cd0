import { readFileSync } from "node:fs";
import type { SecurityFeatures } from "../features.ts";

/** What one line of a recording says of one program, on the kernels that agree. */
export interface RecordedOutcome {
  readonly kernels: readonly string[];
  readonly outcome: string;
}

/** A program and what it came to, for each group of kernels that agree. */
export interface RecordedProgram {
  readonly line: number;
  readonly program: string;
  readonly outcomes: readonly RecordedOutcome[];
}

/**
 * Reads a recording: `> program`, then for each group of kernels `kernel kernel …: outcome`. A `*`
 * stands for all the kernels of the recording, which its line `kernels …` names.
 */
export function readRecording(name: string): RecordedProgram[] {
  const text = readFileSync(new URL(`recordings/${name}`, import.meta.url), "utf8");
  let all: readonly string[] = [];
  const programs: { line: number; program: string; outcomes: RecordedOutcome[] }[] = [];
  text.split("\n").forEach((line, i) => {
    if (line.startsWith("kernels ")) all = line.slice("kernels ".length).split(" ");
    else if (line.startsWith("> "))
      programs.push({ line: i + 1, program: line.slice(2), outcomes: [] });
    else if (line !== "" && !line.startsWith("#")) {
      const at = line.indexOf(": ");
      const names = line.slice(0, at);
      const kernels = names === "*" ? all : names.split(" ");
      programs.at(-1)?.outcomes.push({ kernels, outcome: line.slice(at + 2) });
    }
  });
  return programs;
}

/** What each recorded kernel does, as its recordings show it. */
export function featuresOf(kernel: string): Partial<SecurityFeatures> {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  const isAtLeast = (a: number, b: number): boolean => major > a || (major === a && minor >= b);
  return {
    deadTaskDumpable: isAtLeast(7, 2)
      ? "exec-state"
      : SAVED_BIT.includes(kernel)
        ? "saved-bit"
        : "skip",
    execComparesEffective: isAtLeast(6, 17),
    execSecurebits: isAtLeast(6, 14),
    namespaceKeepsExecSecurebits: isAtLeast(7, 3),
    landlock: isAtLeast(5, 13),
    perfmonReads: isAtLeast(6, 16),
  };
}

/** Kernels with the fix of May 2026 that keep a bit of who was dumpable when it died. */
const SAVED_BIT: readonly string[] = ["6.1.176", "6.12.107", "7.0.13", "7.1.13"];
