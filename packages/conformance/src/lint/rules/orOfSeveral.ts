import { adviceName, MADV, type AdviceName } from "@kadvise/uapi";
import { adviceGiven } from "../adviceGiven.ts";
import type { LintRule } from "../rule.ts";

/** Advice that people give together, the likeliest first. */
const TOGETHER: readonly AdviceName[] = [
  ...["MADV_WILLNEED", "MADV_SEQUENTIAL", "MADV_DONTNEED", "MADV_DONTFORK"],
  ...["MADV_DONTDUMP", "MADV_HUGEPAGE", "MADV_RANDOM", "MADV_FREE", "MADV_MERGEABLE"],
  ...["MADV_COLD", "MADV_PAGEOUT"],
] as AdviceName[];

/** Advice that takes other advice back: alone it does nothing. */
const UNDOES: { readonly [name in AdviceName]?: AdviceName } = {
  MADV_DOFORK: "MADV_DONTFORK",
  MADV_DODUMP: "MADV_DONTDUMP",
  MADV_KEEPONFORK: "MADV_WIPEONFORK",
};

/**
 * Advice is a number, not a set of bits: `MADV_SEQUENTIAL|MADV_WILLNEED|MADV_DONTFORK` is 11, and
 * 11 is MADV_DOFORK.
 */
export const OR_OF_SEVERAL: LintRule = {
  id: "advice/or-of-several",
  summary: "The advice looks like several pieces of advice joined by |.",
  calls: ["madvise", "process_madvise"],
  check(call, history) {
    const given = adviceGiven(call);
    if (given === undefined) return undefined;
    const { advice } = given;
    const name = adviceName(advice);
    const undone = name === undefined ? undefined : UNDOES[name];
    if (name !== undefined && undone === undefined) return undefined;
    const parts = partsOf(advice);
    if (parts === undefined) return undefined;
    const looks = `it looks like ${parts.join("|")}: advice is a number, one call gives one`;
    if (name === undefined) return `${advice} is no advice; ${looks}`;
    // Who was not seen from the beginning may have given it before.
    const isWhole = history.callerOf(call).isWhole;
    if (undone === undefined || !isWhole || history.hasGiven(call, MADV[undone])) return undefined;
    return `${advice} is ${name}, which takes ${undone} back, and that was never given; ${looks}`;
  },
};

/** The fewest pieces of advice that make a number; people who join hints add MADV_SEQUENTIAL. */
function partsOf(advice: number): readonly AdviceName[] | undefined {
  if (advice <= 0) return undefined;
  const within = TOGETHER.filter((name) => (MADV[name] & ~advice) === 0 && MADV[name] !== advice);
  const found = smallest(within, advice);
  if (found === undefined) return undefined;
  const isHint = found.includes("MADV_WILLNEED") && found.length > 1;
  const all = isHint ? [...new Set<AdviceName>([...found, "MADV_SEQUENTIAL"])] : found;
  return all.toSorted((a, b) => MADV[a] - MADV[b]);
}

/** Two if two are enough; those that come first in the list. */
function smallest(names: readonly AdviceName[], advice: number): readonly AdviceName[] | undefined {
  const pairs = names.flatMap((two, j) => names.slice(0, j).map((one) => [one, two]));
  const triples = names.flatMap((three, k) => {
    const earlier = names.slice(0, k);
    return earlier.flatMap((two, j) => earlier.slice(0, j).map((one) => [one, two, three]));
  });
  return [...pairs, ...triples].find(
    (some) => some.reduce((bits, name) => bits | MADV[name], 0) === advice,
  );
}
