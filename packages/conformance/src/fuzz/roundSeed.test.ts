import { expect, test } from "vitest";
import { roundSeed } from "./roundSeed.ts";

test("a finding's seed begins a campaign with the round that found it", () => {
  for (const seed of [0, 5, 2 ** 31 - 1, roundSeed(5, 70)]) expect(roundSeed(seed, 0)).toBe(seed);
});

test("campaigns of neighbouring seeds have no round in common", () => {
  const rounds = (seed: number): number[] =>
    Array.from({ length: 2000 }, (_, i) => roundSeed(seed, i));
  const all = [1, 2, 3, 4, 5, 6].flatMap(rounds);
  expect(new Set(all).size).toBe(all.length);
});
