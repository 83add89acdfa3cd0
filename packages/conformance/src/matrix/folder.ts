import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readRecording, writeRecording, type MatrixRecording } from "./recording.ts";

/** Where the recordings lie: beside the sources, not in the published package. */
const FOLDER = new URL("../../matrix/", import.meta.url);

/** Every recording there is, by the kernel's version. */
export function readMatrix(): ReadonlyMap<string, MatrixRecording> {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER).sort() : [];
  return new Map(
    names
      .filter((name) => name.endsWith(".txt"))
      .map((name) => {
        const recording = readRecording(readFileSync(new URL(name, FOLDER), "utf8"));
        return [recording.facts.kernel, recording];
      }),
  );
}

/** Keeps a recording under its kernel's version. */
export function keepMatrix(recording: MatrixRecording): void {
  const { kernel } = recording.facts;
  writeFileSync(new URL(`${kernel}.txt`, FOLDER), writeRecording(recording));
}
