import type { Stage } from "../stage.ts";
import type { Line } from "./operation.ts";

/** One use of memory, and whether the child makes it, where there is one. */
export type Use = readonly [text: string, byChild: boolean];

/** Uses of memory by a process that forks behind so many of them, and by its child. */
export function forkBetween(
  stage: Stage,
  forkedBehind: number | undefined,
  uses: readonly Use[],
): (string | Line)[] {
  const lines: (string | Line)[] = [];
  let child: string | undefined;
  for (const [i, [text, byChild]] of uses.entries()) {
    if (i === forkedBehind && !stage.isNested) child = stage.bindChild();
    if (i === forkedBehind && child !== undefined) lines.push(`fork() = ${child}`);
    lines.push(byChild && child !== undefined ? { who: child, text } : text);
  }
  return lines;
}
