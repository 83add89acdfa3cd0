import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What the model holds for what it models, measured in fresh processes by their resident set. */
export interface MemoryFigures {
  /** For a resident page of untouched content. */
  readonly bytesPerPage: number;
  readonly bytesPerArea: number;
  /** How many pages and areas there were. */
  readonly pages: number;
  readonly areas: number;
  /** The whole process with its pages, in bytes. */
  readonly residentBytes: number;
}

const PAGES = 16_000_000;
const AREAS = 65_000;

/** @throws RangeError where a probe fails */
export function measureMemory(): MemoryFigures {
  const pages = probe("pages", PAGES);
  const areas = probe("areas", AREAS);
  return {
    bytesPerPage: (pages.after - pages.before) / PAGES,
    bytesPerArea: (areas.after - areas.before) / AREAS,
    ...{ pages: PAGES, areas: AREAS, residentBytes: pages.after },
  };
}

/** Fills a kernel in a process of its own: its resident set before and after, in bytes. */
function probe(what: "pages" | "areas", count: number): { before: number; after: number } {
  const script = fileURLToPath(new URL("memoryProbe.js", import.meta.url));
  const words = ["--expose-gc", script, what, String(count)];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (status !== 0) throw new RangeError(`the probe of ${what} failed: ${stderr.trim()}`);
  return JSON.parse(stdout) as { before: number; after: number };
}
