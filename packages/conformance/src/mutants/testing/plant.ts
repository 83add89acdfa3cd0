import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";

/** A text in the place of another, in one file. */
export interface Change {
  /** Below `packages/`. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/**
 * Bundles a program of this package with changes planted in what it is made of: the sources of all
 * packages, as they stand but for that. The path is the bundle's, to be imported.
 */
export async function plant(
  packagesFolder: string,
  entry: string,
  { changes, outfile }: { readonly changes: readonly Change[]; readonly outfile: string },
): Promise<string> {
  await build({
    entryPoints: [join(packagesFolder, "conformance/src", entry)],
    ...{ outfile, bundle: true, platform: "node", format: "esm", target: "node20" },
    // What is not mutated need not be built over and over.
    external: ["fast-check", "typescript", "esbuild"],
    conditions: ["@kadvise/source"],
    absWorkingDir: dirname(packagesFolder),
    logLevel: "error",
    plugins: [swap(packagesFolder, changes)],
  });
  return outfile;
}

/** Loads changed files with their changes. */
function swap(packagesFolder: string, changes: readonly Change[]): Plugin {
  return {
    name: "swap",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const here = changes.filter(({ file }) => path === join(packagesFolder, file));
        if (here.length === 0) return undefined;
        return { contents: changed(readFileSync(path, "utf8"), here), loader: "ts" };
      });
    },
  };
}

/** A text with some of its parts replaced: from the end on, so that places stay what they are. */
export function changed(text: string, changes: readonly Omit<Change, "file">[]): string {
  return [...changes]
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce(
      (now, { start, end, replacement }) => now.slice(0, start) + replacement + now.slice(end),
      text,
    );
}
