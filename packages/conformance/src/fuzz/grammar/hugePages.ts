import fc from "fast-check";
import { forkBetween } from "./forkBetween.ts";
import { pool } from "./hugetlb.ts";
import { mostly, type Operation, type Write } from "./operation.ts";
import { bytes } from "./ranges.ts";

/** Where huge pages are made: beside the arena, at the beginning of a table. */
const PLACE = 0x3000_0000;
/** Pages that a table has on every machine that campaigns run on. */
const TABLE = 512;
/** Where an area may go that is moved: in step with the tables, or not. */
const ELSEWHERE = ["0x30800000", "0x30a01000"];

const at = (index: number): string => `0x${(PLACE + bytes(index)).toString(16)}`;

/** Few pages, so that calls meet: the ends of two tables, and between. */
const page = fc.constantFrom(0, 1, 256, 511, 512, 513, 1023);
const count = fc.constantFrom(1, 2, 255, TABLE, TABLE, 2 * TABLE);

const ADVICE = [
  ...["MADV_COLD", "MADV_PAGEOUT", "MADV_FREE", "MADV_DONTNEED", "MADV_COLD", "MADV_PAGEOUT"],
  ...[
    "MADV_COLLAPSE",
    "MADV_COLLAPSE",
    "MADV_FREE",
    "MADV_COLLAPSE",
    "MADV_HUGEPAGE",
    "MADV_NOHUGEPAGE",
    "MADV_WILLNEED",
  ],
  ...["MADV_POPULATE_READ", "MADV_POPULATE_WRITE", "MADV_GUARD_INSTALL", "MADV_DONTFORK"],
];
const FIELDS = ["AnonHugePages", "Rss", "Anonymous", "Private_Dirty", "Swap"];

const use = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(page, fc.constantFrom("", "", ", read"))
      .map(([start, read]) => `touch(${at(start)}, 4096${read})`),
  },
  { weight: 3, arbitrary: page.map((start) => String.raw`store(${at(start)}, "\1\1")`) },
  {
    weight: 10,
    arbitrary: fc
      .tuple(page, count, fc.constantFrom(...ADVICE))
      .map(([start, pages, advice]) => `madvise(${at(start)}, ${bytes(pages)}, ${advice})`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(page, count, fc.constantFrom("PROT_READ", "PROT_READ|PROT_WRITE"))
      .map(([start, pages, prot]) => `mprotect(${at(start)}, ${bytes(pages)}, ${prot})`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(page, count, fc.constantFrom("mlock", "munlock", "munmap"))
      .map(([start, pages, call]) => `${call}(${at(start)}, ${bytes(pages)})`),
  },
  // What one of two leaves to the other.
  { weight: 2, arbitrary: fc.constant(`munmap(${at(0)}, ${bytes(2 * TABLE)})`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(page, count, fc.constantFrom(...ELSEWHERE))
      .map(
        ([start, pages, to]) =>
          `mremap(${at(start)}, ${bytes(pages)}, ${bytes(pages)}, MREMAP_MAYMOVE|MREMAP_FIXED, ${to})`,
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(page, fc.constantFrom(...FIELDS))
      .map(([start, field]) => `show(${field}, ${at(start)})`),
  },
  { weight: 3, arbitrary: page.map((start) => `show(pagemap, ${at(start)})`) },
);

/** Behind so many uses the process forks; mostly it does, and the child goes on with some of them. */
const forked = mostly(fc.nat(3), { one: fc.constant(undefined), in: 3 });
const uses = fc.array(fc.tuple(use, fc.boolean()), { minLength: 2, maxLength: 10, size: "max" });

/** Two tables of memory that may be huge, and what a process and its child make of them. */
const hugePages: fc.Arbitrary<Write> = fc
  .tuple(forked, uses)
  .map(([forkedBehind, steps]): Write => (stage) => [
    `mmap(${at(0)}, ${bytes(2 * TABLE)}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`,
    `madvise(${at(0)}, ${bytes(2 * TABLE)}, MADV_HUGEPAGE)`,
    ...forkBetween(stage, forkedBehind, steps),
  ]);

/**
 * A huge page that small entries show, when one of two who have it has left; and whether a page that
 * is written then is still a part of it, which is seen when a third has all but that page.
 */
const left: fc.Arbitrary<Write> = fc
  .tuple(
    page,
    fc.constantFrom("4096, PROT_READ", "2097152, PROT_READ"),
    fc.boolean(),
    page,
    fc.boolean(),
  )
  .map(([cut, part, isParent, written, hasThird]): Write => (stage) => {
    const child = stage.isNested ? undefined : stage.bindChild();
    if (child === undefined) return undefined;
    const parent = stage.acting;
    const [leaver, other] = isParent ? [parent, child] : [child, parent];
    const third = hasThird ? stage.bindChild() : undefined;
    const all = `${at(0)}, ${bytes(2 * TABLE)}`;
    const one = `${at(written)}, 4096`;
    return [
      `mmap(${all}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`,
      `madvise(${all}, MADV_HUGEPAGE)`,
      `touch(${at(0)}, 4096)`,
      `touch(${at(TABLE)}, 4096)`,
      `mprotect(${at(cut)}, ${part})`,
      `mprotect(${all}, PROT_READ|PROT_WRITE)`,
      `fork() = ${child}`,
      { who: leaver, text: `munmap(${all})` },
      { who: other, text: String.raw`store(${at(written)}, "\1")` },
      { who: other, text: `show(pagemap, ${at(written)})` },
      ...(third === undefined
        ? []
        : [
            { who: other, text: `fork() = ${third}` },
            { who: third, text: `munmap(${one})` },
            { who: other, text: `madvise(${one}, MADV_FREE)` },
          ]),
      { who: other, text: `show(Private_Dirty, ${at(written)})` },
    ];
  });

/** Small pages, some of them shared with a child, that become a huge one. */
const collapsed: fc.Arbitrary<Write> = fc
  .tuple(
    fc.array(page, { minLength: 1, maxLength: 4 }),
    fc.constantFrom("none", "parent", "child"),
    fc.constantFrom("MADV_FREE", "MADV_DONTNEED", "MADV_COLD"),
    fc.tuple(page, count),
  )
  .map(([stored, collapses, advice, [start, pages]]): Write => (stage) => {
    const all = `${at(0)}, ${bytes(2 * TABLE)}`;
    const child = collapses === "none" || stage.isNested ? undefined : stage.bindChild();
    const who = collapses === "child" && child !== undefined ? child : stage.acting;
    return [
      `mmap(${all}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`,
      ...stored.map((index) => String.raw`store(${at(index)}, "\1\1")`),
      ...(child === undefined ? [] : [`fork() = ${child}`]),
      { who, text: `madvise(${all}, MADV_COLLAPSE)` },
      { who, text: `madvise(${at(start)}, ${bytes(pages)}, ${advice})` },
      { who, text: `load(${at(stored[0])}, 2)` },
      { who, text: `show(Anonymous, ${at(0)})` },
    ];
  });

/** Calls on memory that a table shows as one page. */
export const HUGE_PAGES: readonly Operation[] = [
  { name: "huge pages", weight: 4, arbitrary: hugePages },
  { name: "huge pages", weight: 1, arbitrary: left },
  { name: "huge pages", weight: 1, arbitrary: collapsed },
  { name: "hugetlb", weight: 3, arbitrary: pool },
];
