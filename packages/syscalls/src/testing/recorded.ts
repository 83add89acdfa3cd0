import { readFileSync } from "node:fs";

/** A program, and what it came to on each group of kernels that agree. */
export interface RecordedProgram {
  readonly line: number;
  readonly program: string;
  readonly outcomes: readonly { readonly kernels: readonly string[]; readonly outcome: string }[];
}

/**
 * Reads a recording: `> program`, then for each group of kernels `kernel kernel …: outcome`. A `*`
 * stands for all the kernels of the recording, which its line `kernels …` names.
 */
export function readRecording(name: string): RecordedProgram[] {
  const text = readFileSync(new URL(`recordings/${name}.txt`, import.meta.url), "utf8");
  let all: readonly string[] = [];
  const programs: {
    line: number;
    program: string;
    outcomes: { kernels: readonly string[]; outcome: string }[];
  }[] = [];
  text.split("\n").forEach((line, i) => {
    if (line.startsWith("kernels ")) all = line.slice("kernels ".length).split(" ");
    else if (line.startsWith("> ")) {
      programs.push({ line: i + 1, program: line.slice(2), outcomes: [] });
    } else if (line !== "" && !line.startsWith("#")) {
      const at = line.indexOf(": ");
      const kernels = line.startsWith("*") ? all : line.slice(0, at).split(" ");
      programs.at(-1)?.outcomes.push({ kernels, outcome: line.slice(at + 2) });
    }
  });
  return programs;
}
