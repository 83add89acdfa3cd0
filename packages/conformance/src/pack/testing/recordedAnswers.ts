import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Ktap } from "./ktap.ts";

/** What a real kernel answered in each case that it was asked. */
export interface RecordedAnswers {
  /** The release as the data knows it: `5.10.223`. */
  readonly release: string;
  /** `uname -s -r -v` */
  readonly system: string;
  readonly answers: { readonly [id: string]: readonly string[] };
  /** The cases that it was not asked, and why. */
  readonly skipped: { readonly [id: string]: string };
}

const FOLDER = fileURLToPath(new URL("answers/", import.meta.url));

/** Everything that was recorded, the oldest release first. */
export function recordedAnswers(): readonly RecordedAnswers[] {
  if (!existsSync(FOLDER)) return [];
  const all = readdirSync(FOLDER).map(
    (name) => JSON.parse(readFileSync(FOLDER + name, "utf8")) as RecordedAnswers,
  );
  return all.sort((a, b) => a.release.localeCompare(b.release, "en", { numeric: true }));
}

/** Keeps what a kernel answered: one line a case. */
export function recordAnswers(release: string, { system, cases }: Ktap): void {
  const asked = cases.filter(({ state }) => state !== "skip");
  const skipped = cases.filter(({ state }) => state === "skip");
  const object = (entries: readonly (readonly [string, unknown])[]): string =>
    entries.length === 0
      ? "{}"
      : `{\n${entries.map(([id, value]) => `    ${JSON.stringify(id)}: ${JSON.stringify(value)}`).join(",\n")}\n  }`;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(
    `${FOLDER}${release}.json`,
    [
      "{",
      `  "release": ${JSON.stringify(release)},`,
      `  "system": ${JSON.stringify(system)},`,
      `  "answers": ${object(asked.map(({ id, answers }) => [id, answers]))},`,
      `  "skipped": ${object(skipped.map(({ id, reason }) => [id, reason]))}`,
      "}",
      "",
    ].join("\n"),
  );
}
