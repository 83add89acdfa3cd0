import { readFileSync } from "node:fs";

/** What one kernel answered to life.c, by question. */
export interface RecordedLife {
  /** As a profile is called: Debian's `uname -r` can name the ABI only, its `uname -v` has it. */
  readonly release: string;
  readonly answers: ReadonlyMap<string, string>;
}

/** What record.sh recorded. */
export function recordedLives(): readonly RecordedLife[] {
  return readLives(readFileSync(new URL("life.tsv", import.meta.url), "utf8"));
}

/** Reads what life.c prints: a line for a question, kernel after kernel. */
export function readLives(text: string): readonly RecordedLife[] {
  return text
    .split(/^end\t.*\n/m)
    .filter((kernel) => kernel.trim() !== "")
    .map((kernel) => {
      const answers = new Map(
        kernel
          .trim()
          .split("\n")
          .map((line): [string, string] => {
            const [question, answer] = line.split("\t");
            return [question, answer];
          }),
      );
      const named = `${answers.get("version")} ${answers.get("release")}`;
      const [release] = /(?<=Debian )\d+\.\d+\.\d+|\d+\.\d+\.\d+/.exec(named) ?? [named];
      answers.delete("version");
      answers.delete("release");
      return { release, answers };
    });
}
