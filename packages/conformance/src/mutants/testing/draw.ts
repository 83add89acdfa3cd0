import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { keyOf } from "./record.ts";
import { sitesOf, type Site } from "./sites.ts";

/** A fault to plant: a site of a file. */
export interface Mutant extends Site {
  /** Below `packages/`: `mm-core/src/lock.ts`. */
  readonly file: string;
  /** The line, counted from 1, and its text. */
  readonly line: number;
  readonly text: string;
  /** Which one, where the file has several of the same text and change. */
  readonly nth: number;
}

/** The packages in which faults are planted. */
export const MUTATED_PACKAGES: readonly string[] = ["mm-core", "pidfd", "security", "syscalls"];

/** Every fault that could be planted in the sources of the packages below a folder. */
export function allMutants(packagesFolder: string): readonly Mutant[] {
  return MUTATED_PACKAGES.flatMap((name) =>
    sourcesOf(join(packagesFolder, name, "src")).flatMap((path) =>
      mutantsOf(readFileSync(path, "utf8"), relative(packagesFolder, path)),
    ),
  );
}

/** Those of one file. */
export function mutantsOf(source: string, file: string): readonly Mutant[] {
  const lines = source.split("\n");
  const seen = new Map<string, number>();
  return sitesOf(source, file).map((site): Mutant => {
    const line = source.slice(0, site.start).split("\n").length;
    const text = lines[line - 1]?.trim() ?? "";
    const same = `${text}\n${site.change}`;
    const nth = seen.get(same) ?? 0;
    seen.set(same, nth + 1);
    return { ...site, file, line, text, nth };
  });
}

function sourcesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .filter((name) => !name.split("/").includes("testing"))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Mutants in an order that a seed decides: by a hash of each, so that what is changed, added or
 * taken away elsewhere does not move the others.
 */
export function drawn(mutants: readonly Mutant[], seed: number): readonly Mutant[] {
  return mutants
    .map((mutant) => {
      const what = `${seed}\n${keyOf(mutant)}`;
      return { mutant, rank: createHash("sha256").update(what).digest("hex") };
    })
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ mutant }) => mutant);
}
