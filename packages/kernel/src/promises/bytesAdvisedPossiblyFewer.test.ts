import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAGE, pages, PROFILES, said, scene, since, type ByProfile } from "../testing/scene.ts";

/** A range in pages of the heap, which has 8 and then a hole: length and misalignment in bytes. */
interface Piece {
  readonly page: number;
  readonly length: number;
  readonly offset?: number;
}
const ok: Piece = { page: 0, length: PAGE };
const more: Piece = { page: 2, length: 2 * PAGE };
const hole: Piece = { page: 9, length: PAGE };
const unaligned: Piece = { page: 1, length: PAGE, offset: 1 };
const nothing: Piece = { page: 1, length: 0 };
const unalignedNothing: Piece = { page: 1, length: 0, offset: 1 };

/**
 * The text promises the bytes advised before an error. The patch, and the merged call up to 5.17,
 * lost them; 5.18 and its backports (5.10.110) keep the promise. Sheet, cases P1 to P5.
 */
function lostUntil518(errno: string, bytes: number): ByProfile<number | string> {
  return since<number | string>({
    seed: bytes,
    "seed-code": errno,
    "5.10": bytes,
  });
}
const always = (answer: number | string): ByProfile<number | string> => since({ seed: answer });

const CASES: readonly (readonly [string, readonly Piece[], ByProfile<number | string>])[] = [
  ["all of it is done", [ok, more], always(3 * PAGE)],
  ["the first fails: its error", [hole, ok], always("ENOMEM")],
  ["a later one fails: a hole", [ok, hole, more], lostUntil518("ENOMEM", PAGE)],
  ["a later one fails: unaligned", [ok, unaligned, more], lostUntil518("EINVAL", PAGE)],
  [
    "a range that ends in a hole counts for nothing, though it was advised up to it",
    [ok, { page: 6, length: 4 * PAGE }],
    lostUntil518("ENOMEM", PAGE),
  ],
  ["lengths count as given, not in pages", [{ page: 0, length: 1 }, more], always(2 * PAGE + 1)],
  ["an empty range in front is looked at", [unalignedNothing, ok], always("EINVAL")],
  ["an empty range at the end is not", [ok, unalignedNothing], always(PAGE)],
  ["empty ranges alone are not", [unalignedNothing, unalignedNothing], always(0)],
  // Up to 5.13 each was looked at, later only one that leads. Sheet, cases Z2 and Z3.
  [
    "an empty range in between",
    [ok, unalignedNothing, more],
    since<number | string>({ seed: PAGE, "seed-code": "EINVAL", "5.10": PAGE, "5.15": 3 * PAGE }),
  ],
  [
    "a second leading empty range",
    [nothing, unalignedNothing, ok],
    since<number | string>({ seed: "EINVAL", "5.15": PAGE }),
  ],
];

describe.each(CASES)("%s", (_name, pieces, expected) => {
  test.each(PROFILES)("on %s", (release) => {
    const { manager, heap, other } = scene(release, { pages: 8 });
    const ranges = pieces.map(({ page, length, offset = 0 }) => ({
      base: heap + BigInt(page * PAGE + offset),
      length,
    }));
    expect(said(manager.processMadvise(other, ranges, "MADV_COLD"))).toBe(expected[release]);
  });
});

describe.each(PROFILES)("possibly fewer, on %s", (release) => {
  test("what stood before the error is done, what stood behind it is not", () => {
    const { manager, app, heap, other } = scene(release, { pages: 8 });
    const at = (page: number): { base: bigint; length: number } => ({
      base: heap + BigInt(page * PAGE),
      length: PAGE,
    });
    manager.processMadvise(other, [at(0), at(1), at(9), at(3)], "MADV_COLD");
    expect(pages(app, heap, 8)).toBe("ccuuuuuu");
  });

  test("a short count carries the reason for which it stopped", () => {
    const { manager, heap, other } = scene(release, { pages: 8 });
    const ranges = [
      { base: heap, length: PAGE },
      { base: heap + BigInt(9 * PAGE), length: PAGE },
    ];
    const answer = manager.processMadvise(other, ranges, "MADV_COLD");
    const reason = answer.ok ? answer.stopped?.reason.id : answer.reason.id;
    expect(reason).toBe("madvise/hole");
  });

  test("at most 0x7ffff000 bytes: the rest is cut off, and the caller has to go on from there", () => {
    const { manager, app, other } = scene(release);
    const length = 3 * 2 ** 30;
    // MAP_NORESERVE, as no machine backs this much.
    const big = must(app.mmap({ length, flags: 0x4022 }));
    const most = 0x7fff_f000;
    const advise = (base: bigint, bytes: number): number | string =>
      said(manager.processMadvise(other, [{ base, length: bytes }], "MADV_COLD"));
    expect(advise(big, length)).toBe(most);
    expect(advise(big + BigInt(most), length - most)).toBe(length - most);
    const two = [
      { base: big, length: most - PAGE },
      { base: big, length: 2 * PAGE },
    ];
    expect(said(manager.processMadvise(other, two, "MADV_COLD"))).toBe(most);
  });
});

/** On a kernel that keeps the promise, the count always tells where to resume. */
test.each(["seed", "5.10", "6.12", "7.3"])(
  "resuming behind the count does it all on %s",
  (name) => {
    const { kernel, manager, app, heap, other } = scene(name, { pages: 12 });
    must(app.munmap(heap + BigInt(5 * PAGE), PAGE));
    must(app.munmap(heap + BigInt(9 * PAGE), PAGE));
    const holes = [5, 9];
    fc.assert(
      fc.property(fc.array(fc.nat(11), { minLength: 1, maxLength: 12 }), (wanted) => {
        const state = kernel.attempt(() => {
          let rest = wanted.map((page) => ({ base: heap + BigInt(page * PAGE), length: PAGE }));
          while (rest.length > 0) {
            const answer = manager.processMadvise(other, rest, "MADV_COLD");
            // Nothing was done: the first range is the one that cannot be advised.
            rest = answer.ok ? rest.slice(answer.value / PAGE) : rest.slice(1);
          }
          return pages(app, heap, 12);
        });
        const mapped = [...Array(12).keys()].map((page) =>
          holes.includes(page) ? "-" : wanted.includes(page) ? "c" : "u",
        );
        expect(state).toBe(mapped.join(""));
      }),
      { numRuns: 40 },
    );
  },
);
