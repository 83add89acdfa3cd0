import type { Change } from "./change.ts";
import { MM_CHANGES } from "./changes/mm.ts";
import { PROCESS_CHANGES } from "./changes/processes.ts";
import { PROCESS_MADVISE_CHANGES, VECTOR_CHANGES } from "./changes/processMadvise.ts";
import { parseVersion } from "./version.ts";

function order(a: Change, b: Change): number {
  const x = parseVersion(a.mainline);
  const y = parseVersion(b.mainline);
  if (x === undefined || y === undefined) return 0;
  return x.major - y.major || x.minor - y.minor || (x.point ?? 0) - (y.point ?? 0);
}

/** Every dated change, oldest mainline release first; within a release in the order of the lists. */
export const CHANGES: readonly Change[] = [
  ...PROCESS_MADVISE_CHANGES,
  ...VECTOR_CHANGES,
  ...MM_CHANGES,
  ...PROCESS_CHANGES,
].toSorted(order);
