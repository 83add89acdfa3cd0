import type { Change } from "./change.ts";
import { CHANGES } from "./changes.ts";
import { isInForce } from "./inForce.ts";
import type { Version } from "./version.ts";

/** Which changes a kernel has. */
export interface KernelChanges {
  /** Those that it has, oldest first. */
  readonly present: readonly Change[];
  /** Those of which nobody knows whether it has them. */
  readonly bracketed: readonly Change[];
}

/** The changes of a version, with some that it has or lacks whatever its number says. */
export function changesOf(
  version: Version,
  adjustments: ReadonlyMap<string, boolean> = new Map(),
): KernelChanges {
  const present: Change[] = [];
  const bracketed: Change[] = [];
  for (const change of CHANGES) {
    const has = adjustments.get(change.id) ?? isInForce(change, version);
    if (has === undefined) bracketed.push(change);
    else if (has) present.push(change);
  }
  return { present, bracketed };
}
