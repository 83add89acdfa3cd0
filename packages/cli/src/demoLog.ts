import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { Settings } from "@kadvise/releases";

/** A recorded log that the demo judges. */
export interface DemoLog {
  readonly name: string;
  readonly kernel: string;
  readonly settings: Partial<Settings>;
  readonly content: string;
}

/** The recorded logs are part of the conformance package. */
const FOLDER = "logs/6.18.44";
const NAME = "lifecycle";

/**
 * The log of a small program that advises another process, if the package was installed with its
 * logs.
 */
export function demoLog(): DemoLog | undefined {
  const manifest = createRequire(import.meta.url).resolve("@kadvise/conformance/package.json");
  const folder = join(dirname(manifest), FOLDER);
  if (!existsSync(folder)) return undefined;
  return {
    name: NAME,
    kernel: basename(folder),
    settings: JSON.parse(readFileSync(join(folder, "settings.json"), "utf8")) as Settings,
    content: readFileSync(join(folder, `${NAME}.strace`), "latin1"),
  };
}
