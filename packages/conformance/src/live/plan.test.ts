import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObservedArea } from "../target/startState.ts";
import { planCalls, type AreaProbe, type Choice } from "./plan.ts";
import type { ProcessFacts } from "./processFacts.ts";

const PAGE = 4096;
const MAX_RW_COUNT = 0x7fff_f000;
const ADVICE = 21;
const sound: AreaProbe = () => undefined;

function target(areas: readonly Partial<ObservedArea>[], maps = ""): ProcessFacts {
  return { areas, maps } as unknown as ProcessFacts;
}

function area(page: number, pages: number, name = "", permissions = "rw-p"): Partial<ObservedArea> {
  return { start: page * PAGE, end: (page + pages) * PAGE, name, permissions };
}

describe("the calls of a plan", () => {
  const ranges = fc.array(
    fc.record({
      base: fc.nat(1000).map((page) => page * PAGE),
      length: fc.oneof(fc.nat(20 * PAGE), fc.nat(3 * MAX_RW_COUNT)),
    }),
    { minLength: 1, maxLength: 3000 },
  );

  test("name every byte once, in order, and keep the limits of one call", () => {
    fc.assert(
      fc.property(ranges, (named) => {
        const { calls } = planCalls(
          target([]),
          { kind: "ranges", ranges: named },
          ADVICE,
          sound,
          PAGE,
        );
        for (const { ranges: list } of calls) {
          expect(list.length).toBeLessThanOrEqual(1024);
          expect(list.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(
            MAX_RW_COUNT,
          );
        }
        const joined: { base: number; length: number }[] = [];
        for (const { base, length } of calls.flatMap((call) => call.ranges)) {
          const last = joined.at(-1);
          const wanted = named[joined.length - 1];
          if (last !== undefined && wanted !== undefined && last.length < wanted.length)
            last.length += length;
          else joined.push({ base, length });
        }
        expect(joined).toEqual(named);
      }),
      { numRuns: 50 },
    );
  });

  test("two thousand areas with holes between are 1024 and 976", () => {
    const areas = Array.from({ length: 2000 }, (_, i) => area(2 * i, 1));
    const { calls } = planCalls(target(areas), { kind: "all" }, ADVICE, sound, PAGE);
    expect(calls.map(({ ranges: list }) => list.length)).toEqual([1024, 976]);
  });

  test("areas that touch are one range", () => {
    const { calls } = planCalls(
      target([area(1, 2), area(3, 4)]),
      { kind: "all" },
      ADVICE,
      sound,
      PAGE,
    );
    expect(calls[0]?.ranges).toEqual([{ base: PAGE, length: 6 * PAGE }]);
  });
});

describe("what is chosen", () => {
  const areas = [
    area(1, 1, "/usr/bin/app", "r-xp"),
    area(2, 1, "[heap]"),
    area(4, 1),
    area(6, 1, "", "rw-s"),
    area(8, 1, "[anon:jit]", "rwxp"),
    area(10, 1, "[stack]"),
    area(12, 1, "[vdso]", "r-xp"),
  ];
  const pages = (kind: "all" | "anon" | "heap"): readonly number[] =>
    planCalls(target(areas), { kind } satisfies Choice, ADVICE, sound, PAGE)
      .calls.flatMap((call) => call.ranges)
      .flatMap(({ base, length }) =>
        Array.from({ length: length / PAGE }, (_, i) => base / PAGE + i),
      );

  test("the heap", () => expect(pages("heap")).toEqual([2]));
  test("private anonymous memory, named or not", () =>
    expect(pages("anon")).toEqual([2, 4, 8, 10]));
  test("everything", () => expect(pages("all")).toEqual([1, 2, 4, 6, 8, 10, 12]));
});

describe("what is left out", () => {
  const maps =
    "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";

  test("the vsyscall page, which would spoil the whole vector", () => {
    const plan = planCalls(target([area(1, 1)], maps), { kind: "all" }, ADVICE, sound, PAGE);
    expect(plan.leftOut).toMatchObject([{ id: "iovec/beyond-user-space", length: PAGE }]);
    expect(plan.calls[0]?.ranges).toEqual([{ base: PAGE, length: PAGE }]);
  });

  test("areas that refuse, with their reason; the rest stays", () => {
    const refuses: AreaProbe = (base) =>
      base === 4 * PAGE ? { id: "madvise/locked", why: "EINVAL: locked" } : undefined;
    const plan = planCalls(
      target([area(1, 1), area(4, 2), area(8, 1)]),
      { kind: "all" },
      ADVICE,
      refuses,
      PAGE,
    );
    expect(plan.leftOut).toMatchObject([
      { base: 4 * PAGE, length: 2 * PAGE, id: "madvise/locked" },
    ]);
    expect(plan.calls[0]?.ranges.map(({ base }) => base / PAGE)).toEqual([1, 8]);
  });

  test("nothing of ranges that were named", () => {
    const refuses: AreaProbe = () => ({ why: "no" });
    const named = [{ base: PAGE, length: PAGE }];
    const plan = planCalls(
      target([], maps),
      { kind: "ranges", ranges: named },
      ADVICE,
      refuses,
      PAGE,
    );
    expect(plan).toEqual({ calls: [{ advice: ADVICE, ranges: named }], leftOut: [] });
  });
});
