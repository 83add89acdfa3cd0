import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, bytes, mapped, page, pages, SELF, vector, written, type Range } from "./stage.ts";

/** Ranges that fail, and why. */
const BAD: readonly (readonly [name: string, what: string, range: Range])[] = [
  ["hole", "a hole", ["0x21000000", "4096"]],
  ["unaligned", "a range that begins within a page", ["$heap + 1", "4096"]],
  ["half-hole", "a range that ends in a hole", [page(7), bytes(2)]],
];

const GOOD: readonly Range[] = [pages(0, 1), pages(2, 4), pages(5, 6)];

/** A bad range at each place of a vector of four. */
const POSITIONS: readonly PackCase[] = caseGroup(
  "partial",
  BAD.flatMap(([name, what, bad]) =>
    [0, 1, 2, 3].map((at): readonly [string, string, string] => [
      `${name}-${at}`,
      `${what} as range ${at} of four`,
      `${SELF}
       ${advise("app", { vector: vector(...GOOD.slice(0, at), bad, ...GOOD.slice(at)), vlen: "4" })}`,
    ]),
  ),
);

/** Pages 2 and 5 are holes, page 7 is locked. */
const HOLES = `${written("app", 8)}
  app  munmap(${page(2)}, 4096)
  app  munmap(${page(5)}, 4096)
  app  pidfd_open($app, 0) = $fd`;

const LOCKED = `${written("app", 8)}
  app  mlock(${page(3)}, 4096)
  app  pidfd_open($app, 0) = $fd`;

function over(before: string, ranges: readonly Range[], advice = "MADV_COLD"): string {
  return `${before}\n${advise("app", { vector: vector(...ranges), vlen: String(ranges.length), advice })}`;
}

const SHAPES: readonly PackCase[] = caseGroup("partial", [
  ["hole-inside", "one range with a hole inside", over(HOLES, [pages(0, 4)])],
  ["hole-at-the-start", "one range that begins in a hole", over(HOLES, [pages(2, 4)])],
  ["hole-at-the-end", "one range that ends in a hole", over(HOLES, [pages(0, 3)])],
  ["two-holes-inside", "one range with two holes inside", over(HOLES, [pages(0, 8)])],
  [
    "good-then-hole-inside",
    "a range with a hole inside, behind a good one",
    over(HOLES, [pages(0, 2), pages(1, 4)]),
  ],
  [
    "between-holes",
    "only what is between the holes",
    over(HOLES, [pages(0, 2), pages(3, 5), pages(6, 8)]),
  ],
  [
    "resume",
    "going on at the range that failed gives its error",
    `${over(HOLES, [pages(0, 1), pages(2, 3), pages(3, 4)])}
    ${advise("app", { vector: vector(pages(2, 3), pages(3, 4)), vlen: "2" })}
    ${advise("app", { vector: vector(pages(3, 4)) })}`,
  ],
  ["locked", "a locked page alone", over(LOCKED, [pages(3, 4)])],
  ["locked-inside", "a range with a locked page inside", over(LOCKED, [pages(0, 8)])],
  [
    "locked-second",
    "a locked page behind a good range",
    over(LOCKED, [pages(0, 1), pages(3, 4), pages(5, 6)]),
  ],
  [
    "locked-pageout",
    "a locked page behind a good range, MADV_PAGEOUT",
    over(LOCKED, [pages(0, 1), pages(3, 4)], "MADV_PAGEOUT"),
  ],
  [
    "locked-willneed",
    "a locked page behind a good range, MADV_WILLNEED",
    over(LOCKED, [pages(0, 1), pages(3, 4)], "MADV_WILLNEED"),
  ],
  [
    "third-not-done",
    "what stands behind the range that failed is not advised",
    `${over(HOLES, [pages(0, 1), pages(2, 3), pages(3, 4)], "MADV_DONTNEED")}
    app  load(${page(0)}, 1)
    app  load(${page(3)}, 1)`,
  ],
  [
    "both-sides-of-a-hole",
    "one range with a hole inside: both sides are advised",
    `${over(HOLES, [pages(0, 4)], "MADV_DONTNEED")}
    app  load(${page(1)}, 1)
    app  load(${page(3)}, 1)`,
  ],
  [
    "locked-stops",
    "one range with a locked page inside: what is behind is not advised",
    `${over(LOCKED, [pages(0, 8)], "MADV_DONTNEED")}
    app  load(${page(2)}, 1)
    app  load(${page(3)}, 1)
    app  load(${page(4)}, 1)`,
  ],
  [
    "flag-over-holes",
    "MADV_DONTFORK over holes",
    `${over(HOLES, [pages(1, 7)], "MADV_DONTFORK")}
    app  maps($heap, 8*4096)`,
  ],
  [
    "no-access",
    "memory that cannot be read or written",
    `${SELF}
    app  mprotect($heap, 8*4096, PROT_NONE)
    ${advise("app", { vector: vector(pages(0, 8)) })}`,
  ],
]);

/** Empty ranges that are no good: some are looked at, some are not. */
const BAD_EMPTY: Range = ["$heap + 1", "0"];
const GOOD_EMPTY: Range = ["$heap", "0"];

const EMPTY: readonly PackCase[] = caseGroup("empty-ranges", [
  ["unaligned-alone", "an empty range within a page, alone", over(SELF, [BAD_EMPTY])],
  [
    "unaligned-first",
    "an empty range within a page, before a good one",
    over(SELF, [BAD_EMPTY, pages(0, 1)]),
  ],
  [
    "unaligned-second",
    "an empty range within a page, behind an empty one and before a good one",
    over(SELF, [GOOD_EMPTY, BAD_EMPTY, pages(0, 1)]),
  ],
  [
    "unaligned-between",
    "an empty range within a page, between good ones",
    over(SELF, [pages(0, 1), BAD_EMPTY, pages(1, 2)]),
  ],
  [
    "unaligned-last",
    "an empty range within a page, behind a good one",
    over(SELF, [pages(0, 1), BAD_EMPTY]),
  ],
  ["unaligned-twice", "two empty ranges within a page", over(SELF, [BAD_EMPTY, BAD_EMPTY])],
  ["good-first", "an empty range before a good one", over(SELF, [GOOD_EMPTY, pages(0, 1)])],
  [
    "hole-first",
    "an empty range in a hole, before a good one",
    over(SELF, [["0x21000000", "0"], pages(0, 1)]),
  ],
  [
    "before-a-hole",
    "empty ranges before a hole",
    over(SELF, [GOOD_EMPTY, GOOD_EMPTY, ["0x21000000", "4096"]]),
  ],
]);

const COUNTED: readonly PackCase[] = caseGroup("count", [
  [
    "raw-lengths",
    "lengths are counted as given, pages are advised whole",
    over(SELF, [
      ["$heap", "1"],
      ["$heap + 4096", "4097"],
    ]),
  ],
  [
    "raw-lengths-dontneed",
    "a range of a byte advises its page",
    `${over(
      SELF,
      [
        ["$heap", "1"],
        ["$heap + 4096", "4097"],
      ],
      "MADV_DONTNEED",
    )}
    app  load(${page(0)} + 4095, 1)
    app  load(${page(1)}, 1)
    app  load(${page(2)}, 1)
    app  load(${page(3)}, 1)`,
  ],
  ["byte-before-hole", "a range of one byte in the last page", over(SELF, [[page(7), "1"]])],
  [
    "page-and-byte-before-hole",
    "a range of a page and a byte in the last page",
    over(SELF, [[page(7), "4097"]]),
  ],
]);

/** Four gigabytes that are reserved and never used: what the kernel passes over at once. */
const HUGE = `app  mmap(0x100000000, 0x100001000, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE|MAP_FIXED_NOREPLACE, -1, 0) = $heap
  app  pidfd_open($app, 0) = $fd`;

const CAPPED: readonly PackCase[] = caseGroup("cap", [
  [
    "just-below",
    "one page less than the most that one call advises",
    over(HUGE, [["$heap", "0x7fffe000"]]),
  ],
  ["just", "the most that one call advises", over(HUGE, [["$heap", "0x7ffff000"]])],
  ["just-above", "one byte more", over(HUGE, [["$heap", "0x7ffff001"]])],
  ["four-gigabytes", "twice as much", over(HUGE, [["$heap", "0x100000000"]])],
  [
    "two-ranges",
    "two ranges, together more than one call advises",
    over(HUGE, [
      ["$heap", "0x60000000"],
      ["$heap + 0x60000000", "0x60000000"],
    ]),
  ],
  [
    "second-is-cut-off",
    "a range behind the most is not looked at",
    over(HUGE, [
      ["$heap", "0x7ffff000"],
      ["$heap + 1", "4096"],
    ]),
  ],
  [
    "second-is-in-the-kernel",
    "a kernel address behind the most is found all the same",
    over(HUGE, [
      ["$heap", "0x7ffff000"],
      ["0xffff800000000000", "4096"],
    ]),
  ],
  [
    "first-is-odd",
    "a first range of one byte, and one that is cut within a page",
    over(HUGE, [
      ["$heap", "1"],
      ["$heap + 4096", "0x80000000"],
    ]),
  ],
  [
    "ends-in-a-hole",
    "more than the area holds, but the most that is advised lies in it",
    `${mapped("app", 1)}
    ${HUGE.replace("$heap", "$huge").replace("0x100001000", "0x7ffff000")}
    ${advise("app", { vector: vector(["$huge", "0xc0000000"]) })}`,
  ],
]);

/** How far a call comes, and what it says of it. */
export const PARTIAL_CASES: readonly PackCase[] = [
  ...POSITIONS,
  ...SHAPES,
  ...EMPTY,
  ...COUNTED,
  ...CAPPED,
];
