import { writeFileSync } from "node:fs";
import type { WayExplained } from "@kadvise/conformance";
import { areasSvg } from "./formats/areasSvg.ts";
import { note } from "./streams.ts";
import { UsageError } from "./usageError.ts";

/** Draws what `--svg FILE` asks for. @throws UsageError where the file cannot be written */
export function drawSvg(
  path: string | undefined,
  title: string,
  way: WayExplained | undefined,
): void {
  if (path === undefined) return;
  if (way?.picture === undefined) {
    note(`${path}: not written: the call reached no range, as far as is known`);
    return;
  }
  try {
    writeFileSync(path, `${areasSvg(title, way.picture, way.ranges ?? [])}\n`);
  } catch (error) {
    throw new UsageError(`--svg ${path}: ${error instanceof Error ? error.message : "unwritable"}`);
  }
}
