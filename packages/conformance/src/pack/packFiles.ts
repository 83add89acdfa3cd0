import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { caseTable } from "./caseTable.ts";
import type { PackDocument } from "./packDocument.ts";
import { packText } from "./packText.ts";
import { restrictPack } from "./restrictPack.ts";

/** The recorded document: beside src and dist alike. */
export const RECORDED_CASES: string = fileURLToPath(
  new URL("../../pack/cases.json", import.meta.url),
);

/** The runner's source, but for the cases. */
export const RUNNER_SOURCE: string = fileURLToPath(new URL("../../runner/", import.meta.url));

/** One file of a pack. */
export interface PackFile {
  readonly name: string;
  readonly text: string;
}

/** Which cases a pack has. */
export interface PackOptions {
  /** Releases whose answers it has: `6.12`, `5.10.24`; all of them if unset. */
  readonly releases?: readonly string[];
}

/** The recorded cases and answers. */
export function readPack(): PackDocument {
  return JSON.parse(readFileSync(RECORDED_CASES, "utf8")) as PackDocument;
}

/**
 * The files of a pack: `cases.json`, the same cases as a table of C, and the runner that reads it.
 * `cc -o runner *.c` builds it.
 *
 * @throws RangeError for a release that no answers are recorded of
 */
export function packFiles({ releases }: PackOptions = {}): readonly PackFile[] {
  const recorded = readPack();
  const document = releases === undefined ? recorded : restrictPack(recorded, releases);
  const sources = readdirSync(RUNNER_SOURCE).filter((name) => /\.[ch]$/.test(name));
  return [
    { name: "cases.json", text: packText(document) },
    { name: "cases.c", text: caseTable(document) },
    ...sources
      .sort()
      .map((name) => ({ name, text: readFileSync(join(RUNNER_SOURCE, name), "utf8") })),
  ];
}
