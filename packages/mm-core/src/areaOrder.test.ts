import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AreaOrder } from "./areaOrder.ts";

interface Stretch {
  area: number;
  start: number;
  end: number;
}

/** The order under test and a plain sorted array, which are told the same things. */
class Pair {
  readonly end = new Float64Array(4096);
  readonly order = new AreaOrder(this);
  readonly plain: Stretch[] = [];
  /** Pages that must stay free below an area. */
  readonly guards = new Map<number, number>();
  private rows = 0;

  readonly guard = (area: number): number => this.guards.get(area) ?? 0;

  /** Adds an area if its pages are free. */
  insert(start: number, pages: number, guard: number): void {
    const end = start + pages;
    if (this.plain.some((old) => old.start < end && start < old.end)) return;
    const area = this.rows++;
    this.end[area] = end;
    if (guard > 0) this.guards.set(area, guard);
    this.order.insert(area, start);
    this.plain.push({ area, start, end });
    this.plain.sort((a, b) => a.start - b.start);
  }

  remove(index: number): void {
    const [gone] = this.plain.splice(index, 1);
    this.order.remove(gone.start);
  }

  /** Moves an area's start within what its neighbours leave free. */
  moveStart(index: number, by: number): void {
    const moved = this.plain[index];
    const floor = this.plain[index - 1]?.end ?? 0;
    const start = Math.min(Math.max(moved.start + by, floor), moved.end - 1);
    this.order.rekey(moved.start, start);
    moved.start = start;
  }

  moveEnd(index: number, by: number): void {
    const moved = this.plain[index];
    const ceiling = this.plain[index + 1]?.start ?? 1e9;
    moved.end = Math.max(Math.min(moved.end + by, ceiling), moved.start + 1);
    this.end[moved.area] = moved.end;
    this.order.touch(moved.start);
  }

  areaAtOrBelow(page: number): number {
    return this.plain.filter((each) => each.start <= page).at(-1)?.area ?? -1;
  }

  areaAbove(page: number): number {
    return this.plain.find((each) => each.start > page)?.area ?? -1;
  }

  /** Free stretches between two pages, ascending, less what the area above each keeps free. */
  gaps(low: number, high: number): { from: number; to: number }[] {
    const gaps: { from: number; to: number }[] = [];
    let from = 0;
    for (const each of this.plain) {
      gaps.push({ from, to: each.start - this.guard(each.area) });
      from = each.end;
    }
    gaps.push({ from, to: Number.POSITIVE_INFINITY });
    return gaps
      .map((gap) => ({ from: Math.max(gap.from, low), to: Math.min(gap.to, high) }))
      .filter((gap) => gap.from < gap.to);
  }

  highest(need: number, low: number, high: number): number {
    const fitting = this.gaps(low, high).filter((gap) => gap.to - gap.from >= need);
    return fitting.length === 0 ? -1 : fitting.at(-1)!.to - need;
  }

  /** Starts again below what is kept free, as long as that takes the end of what was found. */
  highestRestarting(need: number, low: number, high: number): number {
    let limit = high;
    for (;;) {
      let from = low;
      let found: { to: number; kept: number } | undefined;
      for (const each of [...this.plain, undefined]) {
        const to = Math.min(each?.start ?? Number.POSITIVE_INFINITY, limit);
        const kept = each === undefined ? to : each.start - this.guard(each.area);
        if (to - from >= need) found = { to, kept };
        from = Math.max(from, each?.end ?? 0);
      }
      if (found === undefined) return -1;
      if (found.kept >= found.to) return found.to - need;
      limit = found.kept;
    }
  }

  lowest(need: number, low: number, high: number): number {
    return this.gaps(low, high).find((gap) => gap.to - gap.from >= need)?.from ?? -1;
  }
}

const page = fc.nat({ max: 6000 });
const step = fc.oneof(
  fc.record({
    kind: fc.constant("insert" as const),
    page,
    pages: fc.integer({ min: 1, max: 9 }),
    guard: fc.constantFrom(0, 0, 7, 400),
  }),
  fc.record({
    kind: fc.constantFrom("remove" as const, "moveStart" as const, "moveEnd" as const),
    page,
    by: fc.integer({ min: -9, max: 9 }),
  }),
  fc.record({
    kind: fc.constant("ask" as const),
    page,
    need: fc.integer({ min: 1, max: 60 }),
    range: page,
  }),
);

function play(pair: Pair, one: typeof step extends fc.Arbitrary<infer S> ? S : never): void {
  if (one.kind === "insert") pair.insert(one.page, one.pages, one.guard);
  else if (one.kind === "ask") {
    const low = Math.min(one.page, one.range);
    const high = Math.max(one.page, one.range) + 1;
    expect(pair.order.atOrBelow(one.page)).toBe(pair.areaAtOrBelow(one.page));
    expect(pair.order.below(one.page)).toBe(pair.areaAtOrBelow(one.page - 1));
    expect(pair.order.above(one.page)).toBe(pair.areaAbove(one.page));
    expect(pair.order.highestGap(one.need, low, high, pair.guard)).toBe(
      pair.highest(one.need, low, high),
    );
    expect(pair.order.highestGap(one.need, low, high, pair.guard, true)).toBe(
      pair.highestRestarting(one.need, low, high),
    );
    expect(pair.order.lowestGap(one.need, low, high, pair.guard)).toBe(
      pair.lowest(one.need, low, high),
    );
  } else if (pair.plain.length > 0) {
    const index = one.page % pair.plain.length;
    if (one.kind === "remove") pair.remove(index);
    else pair[one.kind](index, one.by);
  }
}

describe("the order of areas", () => {
  test("answers every question as a sorted array does, whatever came and went", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 200, size: "max" }), (steps) => {
        const pair = new Pair();
        for (const one of steps) play(pair, one);
      }),
      { numRuns: 150 },
    );
  });

  test("stays right while chunks fill, split, empty and vanish", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 700 }, (_, i) => i * 8),
          { minLength: 400 },
        ),
        fc.array(step, { minLength: 20, maxLength: 60, size: "max" }),
        (starts, steps) => {
          const pair = new Pair();
          for (const start of starts) pair.insert(start, 1 + (start % 7), 0);
          for (const one of steps) play(pair, one);
          for (let round = 0; pair.plain.length > 3; round++) {
            pair.remove((pair.plain.length * 7) % pair.plain.length);
            pair.remove(round % pair.plain.length);
            if (round % 5 === 0) play(pair, steps[round % steps.length]);
          }
          for (const one of steps) play(pair, one);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("finds the one gap wherever it opens, at the edge of a chunk too", () => {
    const pair = new Pair();
    for (let i = 0; i < 300; i++) pair.insert(i * 8, 8, 0);
    const gap = (need: number): number[] => [
      pair.order.highestGap(need, 0, 2400, pair.guard),
      pair.order.lowestGap(need, 0, 2400, pair.guard),
    ];
    for (let i = 0; i < 300; i++) {
      expect(gap(1)).toEqual([-1, -1]);
      pair.moveEnd(i, -3);
      expect(gap(3)).toEqual([i * 8 + 5, i * 8 + 5]);
      pair.moveEnd(i, 3);
      expect(gap(1)).toEqual([-1, -1]);
      pair.moveStart(i, 2);
      expect(gap(2)).toEqual([i * 8, i * 8]);
      pair.remove(i);
      expect(gap(8)).toEqual([i * 8, i * 8]);
      pair.insert(i * 8, 8, 0);
    }
  });

  test("keeps free what each area wants below it, at the edge of a chunk too", () => {
    const pair = new Pair();
    for (let i = 0; i < 300; i++) pair.insert(i * 16, 4, i % 3 === 0 ? 7 : 0);
    for (let i = 1; i < 300; i++) {
      for (const high of [i * 16 - 1, i * 16, i * 16 + 5]) {
        for (const need of [5, 6, 12]) {
          const low = Math.max(0, high - 40);
          const found = [false, true].map((restarts) =>
            pair.order.highestGap(need, low, high, pair.guard, restarts),
          );
          expect([high, need, ...found]).toEqual([
            ...[high, need, pair.highest(need, low, high)],
            pair.highestRestarting(need, low, high),
          ]);
        }
      }
    }
  });

  test("knows nothing where nothing is, and gives the whole window", () => {
    const { order, guard } = new Pair();
    expect(order.atOrBelow(5)).toBe(-1);
    expect(order.above(-1)).toBe(-1);
    expect(order.highestGap(10, 20, 30, guard)).toBe(20);
    expect(order.lowestGap(10, 20, 30, guard)).toBe(20);
    expect(order.highestGap(11, 20, 30, guard)).toBe(-1);
  });

  test("refuses to touch an area that is not there", () => {
    const pair = new Pair();
    pair.insert(4, 2, 0);
    expect(() => pair.order.touch(5)).toThrow(RangeError);
    expect(() => pair.order.remove(3)).toThrow(RangeError);
  });
});
