/** A source of numbers from 0 up to 1 that a seed determines (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of some things. */
export function oneOf<T>(random: () => number, things: readonly T[]): T {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new RangeError("there is nothing to choose from");
  return thing;
}

/** So many of some things, or all if there are fewer; in their order. */
export function sampleOf<T>(random: () => number, things: readonly T[], count: number): T[] {
  const chosen = things.map((thing, i) => ({ thing, i, key: random() }));
  chosen.sort((a, b) => a.key - b.key);
  return chosen
    .slice(0, count)
    .sort((a, b) => a.i - b.i)
    .map(({ thing }) => thing);
}
