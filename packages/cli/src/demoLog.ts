import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A recorded log that the demo judges. */
export interface DemoLog {
  readonly name: string;
  readonly kernel: string;
  readonly content: string;
}

/** The recorded logs are part of the conformance package. */
const FILE = "logs/6.18.44/remote-advice.strace";
const KERNEL = "6.18.44";

/**
 * The log of a small program that advises another process, if the package was installed with its
 * logs.
 */
export function demoLog(): DemoLog | undefined {
  const manifest = createRequire(import.meta.url).resolve("@kadvise/conformance/package.json");
  const path = join(dirname(manifest), FILE);
  if (!existsSync(path)) return undefined;
  return { name: "remote-advice", kernel: KERNEL, content: readFileSync(path, "latin1") };
}
