import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAGE, pages, PROFILES, said, scene, why } from "../testing/scene.ts";

describe.each(PROFILES)("vector ranges on %s", (release) => {
  test("one call advises every range of the vector and nothing between them", () => {
    const { manager, app, heap, other } = scene(release, { pages: 8 });
    const ranges = [1, 3, 6].map((page) => ({ base: heap + BigInt(page * PAGE), length: PAGE }));
    expect(said(manager.processMadvise(other, ranges, "MADV_PAGEOUT"))).toBe(3 * PAGE);
    expect(pages(app, heap, 8)).toBe("ususuusu");
    expect(pages(manager, heap, 8)).toBe("uuuuuuuu");
  });

  test("no range is a success, 1024 are the most, and 1025 are refused unread", () => {
    const { manager, heap, other } = scene(release);
    const vector = (count: number): { base: bigint; length: number }[] =>
      Array.from({ length: count }, () => ({ base: heap, length: PAGE }));
    const advise = (count: number): number | string =>
      why(manager.processMadvise(other, vector(count), "MADV_COLD"));
    expect([advise(0), advise(1), advise(1024), advise(1025)]).toEqual([
      0,
      PAGE,
      1024 * PAGE,
      "iovec/too-many",
    ]);
    expect(why(manager.call("process_madvise", other, 0, 1025, "MADV_COLD", 0).outcome)).toBe(
      "iovec/too-many",
    );
  });

  test("the answer is the sum of the lengths as given, whatever the order and the overlaps", () => {
    const count = 32;
    const { kernel, manager, heap, other } = scene(release, { pages: count });
    const range = fc
      .tuple(fc.nat(count - 1), fc.integer({ min: 1, max: 8 * PAGE }))
      .filter(([page, length]) => page * PAGE + length <= count * PAGE)
      .map(([page, length]) => ({ base: heap + BigInt(page * PAGE), length }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), (ranges) => {
        const sum = ranges.reduce((total, { length }) => total + length, 0);
        const whole = kernel.attempt(() => manager.processMadvise(other, ranges, "MADV_COLD"));
        const single = kernel.attempt(() =>
          ranges.map((one) => must(manager.processMadvise(other, [one], "MADV_COLD"))),
        );
        expect(must(whole)).toBe(sum);
        expect(single).toEqual(ranges.map(({ length }) => length));
      }),
      { numRuns: 30 },
    );
  });

  test("a vector does what single calls do, range by range and in order", () => {
    const { kernel, manager, app, heap, other } = scene(release, { pages: 12 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(11), { maxLength: 12 }), (order) => {
        const ranges = order.map((page) => ({ base: heap + BigInt(page * PAGE), length: PAGE }));
        const after = (advise: () => void): string =>
          kernel.attempt(() => {
            advise();
            return pages(app, heap, 12);
          });
        const byVector = after(() => must(manager.processMadvise(other, ranges, "MADV_PAGEOUT")));
        const bySingle = after(() => {
          for (const one of ranges) must(manager.processMadvise(other, [one], "MADV_PAGEOUT"));
        });
        expect(byVector).toBe(bySingle);
        expect(byVector.split("s").length - 1).toBe(order.length);
      }),
      { numRuns: 30 },
    );
  });
});
