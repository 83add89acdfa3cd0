/**
 * The smallest sets of things that together make a condition true: none of them has a proper subset
 * that does. Sets come in the order of their size, and within a size in the order of the things.
 *
 * @example
 * smallestSets(["a", "b", "c"], (set) => set.includes("c") || set.length > 1); // [["c"], ["a",
 * "b"]]
 */
export function smallestSets<T>(
  things: readonly T[],
  isEnough: (set: readonly T[]) => boolean,
  mostThings: number = 3,
): T[][] {
  const found: T[][] = [];
  for (let size = 1; size <= mostThings; size++) {
    for (const set of combinations(things, size)) {
      if (found.some((smaller) => smaller.every((thing) => set.includes(thing)))) continue;
      if (isEnough(set)) found.push(set);
    }
  }
  return found;
}

function* combinations<T>(things: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let i = from; i <= things.length - size; i++) {
    for (const rest of combinations(things, size - 1, i + 1)) yield [things[i], ...rest];
  }
}
