import type { Settings } from "@kadvise/releases";
import { MADV, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_MAYACCESS, VM_MERGEABLE, VM_READ, VM_UNSTATED, VM_WRITE } from "./flags.ts";
import { isSignalPending, takesWriteLock } from "./signal.ts";
import { caller } from "./testing/caller.ts";
import { noting } from "./testing/noting.ts";
import { file, space } from "./testing/world.ts";

const B = 0x1000;
const HUGE = 512;
const FIXED = 0x32;
const EITHER = [true, false];

/** What lies before the call that asks, and the call. */
interface Case {
  readonly before: (mm: AddressSpace) => unknown;
  readonly call: (mm: AddressSpace) => unknown;
  readonly question: Record<string, unknown>;
  readonly text: string;
  /** Answers that Linux may give, and such as it may not. */
  readonly allowed: readonly unknown[];
  readonly forbidden?: readonly unknown[];
  readonly settings?: Partial<Settings>;
}

function anonymous(mm: AddressSpace, pages = 4, at = B): void {
  must(mm.map({ at, pages, prot: "rw", flags: FIXED }));
}

function unseen(mm: AddressSpace): void {
  mm.touchedUnseen = true;
}

const limited = caller({ limits: { RLIMIT_AS: 8 } });

const cases: Readonly<Record<string, Case>> = {
  "what is mapped where nothing was stated, asked for an area": {
    before: (mm) => mm.veil.add(B, B + 4),
    call: (mm) => mm.protect(B, 4, "r"),
    question: {
      ...{ id: "mm/unstated-range", usual: "area", alternatives: ["area", "hole"] },
      ...{ pages: { start: B, end: B + 4 }, reader: "mprotect" },
    },
    text: "what is mapped at pages 1000-1004",
    allowed: ["area", "hole"],
    forbidden: ["both", undefined],
  },
  "what is mapped where nothing was stated, asked for room": {
    before(mm) {
      anonymous(mm, 2);
      mm.startBreak = B * 4096;
      mm.break = (B + 2) * 4096;
      mm.veil.add(B + 3, B + 9);
    },
    call: (mm) => mm.setBreak((B + 4) * 4096),
    question: {
      ...{ id: "mm/unstated-range", usual: "hole", alternatives: ["area", "hole"] },
      ...{ pages: { start: B + 3, end: B + 5 }, reader: "brk" },
    },
    text: "what is mapped at pages 1003-1005",
    allowed: ["area", "hole"],
  },
  "what is mapped by now where it was forgotten": {
    before: (mm) => mm.forget(B + 1, B + 4),
    call: (mm) => mm.advise(B, 3, "MADV_NORMAL"),
    question: { id: "mm/forgotten-range", pages: { start: B + 1, end: B + 3 } },
    text: "what is mapped at pages 1001-1003 by now",
    allowed: [],
    forbidden: ["area", "hole", true, undefined],
  },
  "of what kind is what exec mapped and mremap would move": {
    before(mm) {
      mm.veil.add(B, B + 4);
      mm.veil.add(B + 99, B + 100);
      noting(mm);
      must(mm.protect(B, 4, "rw"));
    },
    call: (mm) => mm.remap({ page: B, oldPages: 4, newPages: 4, flags: 3, target: B + 64 }),
    question: { id: "mm/unstated-kind", pages: { start: B, end: B + 4 } },
    text: "what kind of memory exec mapped at pages 1000-1004",
    allowed: [],
    forbidden: ["ordinary", undefined],
  },
  "of what kind is what advice minds": {
    before(mm) {
      mm.veil.add(B, B + 4);
      noting(mm);
      must(mm.protect(B, 4, "rw"));
    },
    call: (mm) => mm.advise(B + 1, 2, "MADV_DONTNEED"),
    question: {
      ...{ id: "mm/unstated-area-kind", usual: "ordinary" },
      pages: { start: B + 1, end: B + 3 },
    },
    text: "what kind of memory lies at 0x1001000",
    allowed: ["ordinary"],
    forbidden: ["special"],
  },
  "whether what exec mapped can be cut": {
    before: (mm) => mm.veil.add(B, B + 8),
    call: (mm) => mm.unmap(B + 2, 3),
    question: {
      ...{ id: "mm/unstated-special", usual: true, alternatives: EITHER },
      pages: { start: B + 2, end: B + 5 },
    },
    text: "whether what exec mapped around pages 1002-1005 can be cut",
    allowed: EITHER,
  },
  "whether all that is mapped is within a limit": {
    before(mm) {
      anonymous(mm);
      mm.veil.add(B + 64, B + 65);
    },
    call: (mm) => mm.map({ at: B + 8, pages: 2, prot: "r", flags: FIXED }, limited),
    question: { id: "mm/unstated-size", usual: true, alternatives: EITHER },
    text: "whether all that is mapped comes to 8 pages at most",
    allowed: EITHER,
    forbidden: ["yes", undefined],
  },
  "where a mapping goes": {
    before(mm) {
      anonymous(mm);
      mm.veil.add(2 * B, 2 * B + 4);
    },
    call: (mm) => mm.map({ pages: 2, prot: "r" }),
    question: { id: "mmap/address", isPredicted: false },
    text: "a page-aligned address below 0x7ffffffff000 with 8192 free bytes behind it",
    allowed: [1, B - 2, B + 4, 2 * B, 0x7_ffff_fffd],
    forbidden: [0, B - 1, B + 3, B + 0.5, 0x7_ffff_fffe, -1],
  },
  "which pages are resident of a program that is only seen calling": {
    before(mm) {
      anonymous(mm);
      must(mm.lock(B + 2, 1));
      unseen(mm);
    },
    call: (mm) => mm.residency(B + 1, 2),
    question: {
      ...{ id: "mincore/residency", usual: Uint8Array.of(0, 1), output: "vec" },
      pages: { start: B + 1, end: B + 3 },
    },
    text: "the pages from 0x1001000 that the program touched",
    allowed: [Uint8Array.of(0, 1), Uint8Array.of(1, 1), Uint8Array.of(0, 255), Uint8Array.of(1)],
    forbidden: [Uint8Array.of(0, 0), Uint8Array.of(1, 254)],
  },
  "whether a file ends before what is brought in": {
    before: (mm) =>
      must(
        mm.map({
          ...{ at: B, pages: 4, prot: "rw", flags: 0x11 },
          backing: file(4, { sizeBytes: Number.NaN }),
        }),
      ),
    call: (mm) => mm.advise(B, 3, "MADV_POPULATE_READ"),
    question: { id: "file/unstated-size", usual: false, alternatives: [false, true] },
    text: "whether the file ends before the page that 0x1003000 follows",
    allowed: EITHER,
  },
  "whether what exec mapped can be brought in": {
    before: (mm) =>
      mm.areas.insert(B, B + 4, VM_UNSTATED | VM_READ | VM_WRITE | VM_MAYACCESS, B, null),
    call: (mm) => mm.advise(B + 1, 2, "MADV_POPULATE_READ"),
    question: {
      ...{ id: "populate/unstated", usual: "none", alternatives: ["none", "fault", "refused"] },
      pages: { start: B + 1, end: B + 3 },
    },
    text: "whether what was mapped before at 0x1001000 can be brought in",
    allowed: ["none", "fault", "refused"],
  },
  "whether the promises pass the limit": {
    before: () => undefined,
    call: (mm) => mm.map({ pages: 1000, prot: "rw" }),
    settings: { overcommit: 2, commitLimitPages: 1010, commitPages: 2 ** 20, committedPages: 0 },
    question: { id: "mm/commit-lag", usual: true, alternatives: EITHER },
    text: "whether 1000 promised pages are seen to pass 1010",
    allowed: EITHER,
  },
  "whether a page is poisoned": {
    before(mm) {
      anonymous(mm);
      unseen(mm);
    },
    call: (mm) => mm.advise(B, 3, "MADV_POPULATE_READ"),
    question: {
      ...{ id: "populate/poisoned", usual: false, alternatives: [false, true] },
      pages: { start: B, end: B + 3 },
    },
    text: "whether a page at 0x1000000 or behind it is poisoned",
    allowed: EITHER,
  },
  "whether a signal came": {
    before: anonymous,
    call: (mm) => isSignalPending(mm, B + 1, B + 3),
    question: {
      ...{ id: "signal/pending", usual: false, alternatives: [false, true] },
      pages: { start: B + 1, end: B + 3 },
    },
    text: "whether a signal came before 0x1001000 was done",
    allowed: EITHER,
  },
  "whether a huge page is to be had": {
    before(mm) {
      anonymous(mm, HUGE);
      must(mm.advise(B, HUGE, "MADV_HUGEPAGE"));
    },
    call: (mm) => mm.touch(B + 7),
    question: {
      ...{ id: "fault/huge-page", usual: true, alternatives: EITHER },
      pages: { start: B, end: B + HUGE },
    },
    text: "whether a huge page was to be had for 0x1000000: memory may be in pieces",
    allowed: EITHER,
  },
  "whether memory was ever written to that is to be collapsed": {
    before(mm) {
      anonymous(mm, 2 * HUGE);
      unseen(mm);
    },
    call: (mm) => mm.advise(B + 1, HUGE, "MADV_COLLAPSE"),
    question: {
      ...{ id: "collapse/touched", usual: true, alternatives: EITHER },
      pages: { start: B + 1, end: B + HUGE + 1 },
    },
    text: "whether the memory at 0x1001000 was ever written to",
    allowed: EITHER,
  },
  "whether memory has pages that can be collapsed": {
    before(mm) {
      anonymous(mm, 3 * HUGE);
      must(mm.touch(B));
      unseen(mm);
    },
    call: (mm) => mm.advise(B + 1, 3 * HUGE - 1, "MADV_COLLAPSE"),
    question: {
      ...{ id: "collapse/contents", usual: true, alternatives: EITHER },
      pages: { start: B + HUGE, end: B + 3 * HUGE },
    },
    text: "whether the memory at 0x1200000 has pages that can be collapsed",
    allowed: EITHER,
  },
  "what stood in the way of collapsing": {
    before(mm) {
      anonymous(mm, 2 * HUGE);
      must(mm.touch(B));
      must(mm.touch(B + HUGE));
      must(mm.lock(B, 2 * HUGE));
      unseen(mm);
    },
    call: (mm) => mm.advise(B, 2 * HUGE, "MADV_COLLAPSE"),
    question: {
      ...{ id: "collapse/obstacle", usual: "none" },
      alternatives: [
        ...["none", "collapse-pages-busy", "collapse-not-charged", "collapse-no-huge-page"],
      ],
      pages: { start: B, end: B + 2 * HUGE },
    },
    text: "whether pages at 0x1000000 were held, and a huge page was to be had",
    allowed: ["none", "collapse-pages-busy"],
  },
  "whether the machine has so much memory": {
    before: unseen,
    call: (mm) => mm.map({ pages: 2 ** 18 + 1, prot: "rw" }),
    question: { id: "mm/commit-pages", usual: true, alternatives: EITHER },
    settings: { commitPages: Number.POSITIVE_INFINITY },
    text: "whether the machine has 262145 pages of memory and swap",
    allowed: EITHER,
  },
};

describe("a question says what is asked, of which pages, and what may be answered", () => {
  test.each(Object.entries(cases))("%s", (_, one) => {
    const mm = space("6.18", one.settings);
    one.before(mm);
    const asked = noting(mm);
    try {
      one.call(mm);
    } catch {
      // A question without an answer throws at whoever would use it.
    }
    const question = asked.find(({ id }) => id === one.question.id);
    expect(question).toMatchObject(one.question);
    expect(question?.describe()).toBe(one.text);
    for (const answer of one.allowed)
      expect([answer, question?.allows(answer)]).toEqual([answer, true]);
    for (const answer of one.forbidden ?? [])
      expect([answer, question?.allows(answer)]).toEqual([answer, false]);
  });
});

test("the place of a mapping is read from what the call returned", () => {
  const mm = space();
  mm.veil.add(B, B + 4);
  const [question] = ((asked) => (mm.map({ pages: 1, prot: "r" }), asked))(noting(mm));
  expect(question.fromResult?.(0x7000)).toBe(7);
});

test("a residency that is seen from some page on begins there", () => {
  const mm = space();
  anonymous(mm);
  unseen(mm);
  const asked = noting(mm, { "mincore/residency": Uint8Array.of(1, 0, 3, 2) });
  expect(must(mm.residency(B, 4)).join("")).toBe("1010");
  must(mm.residency(B + 2, 2, undefined, 2));
  expect(asked[1].fromOutput?.(Uint8Array.of(1, 2, 3, 4))).toEqual(Uint8Array.of(3, 4));
  // What was not seen counts as not there.
  noting(mm, { "mincore/residency": Uint8Array.of(1) });
  expect(must(mm.residency(B, 4)).join("")).toBe("1000");
});

test("the kind of what exec mapped is asked for by advice that minds it, and no other", () => {
  const minds = (name: keyof typeof MADV): boolean => {
    const mm = space("6.18");
    mm.veil.add(B, B + 4);
    const asked = noting(mm);
    mm.advise(B, 4, name);
    return asked.some(({ id }) => id === "mm/unstated-area-kind");
  };
  const indifferent = ["NORMAL", "WILLNEED", "MERGEABLE", "UNMERGEABLE", "KEEPONFORK"] as const;
  expect(indifferent.map((name) => minds(`MADV_${name}`))).toEqual(indifferent.map(() => false));
  const others = ["DONTNEED", "FREE", "COLD", "PAGEOUT", "DONTFORK", "RANDOM", "DONTDUMP"] as const;
  expect(others.map((name) => minds(`MADV_${name}`))).toEqual(others.map(() => true));
});

test("advice that changes areas takes the write lock, and no other", () => {
  const names = Object.keys(MADV) as (keyof typeof MADV)[];
  const writes = names.filter((name) => takesWriteLock(MADV[name]));
  expect(writes.sort()).toEqual(
    [
      ...["NORMAL", "RANDOM", "SEQUENTIAL", "DONTFORK", "DOFORK", "DONTDUMP", "DODUMP"],
      ...["WIPEONFORK", "KEEPONFORK", "MERGEABLE", "UNMERGEABLE", "HUGEPAGE", "NOHUGEPAGE"],
    ]
      .map((name) => `MADV_${name}`)
      .sort(),
  );
});

test("UNMERGEABLE is interrupted by a signal where there may be pages, and changes nothing", () => {
  const said = (touched: boolean, isUnseen: boolean): string => {
    const mm = space("6.18");
    anonymous(mm);
    if (touched) must(mm.touch(B));
    must(mm.advise(B, 4, "MADV_MERGEABLE"));
    mm.touchedUnseen = isUnseen;
    noting(mm, { "signal/pending": true });
    const answer = mm.advise(B, 4, "MADV_UNMERGEABLE");
    const isMergeable = (mm.areas.flags[mm.areas.at(B)] & VM_MERGEABLE) !== 0;
    expect(isMergeable).toBe(!answer.ok);
    return answer.ok ? "ok" : `${answer.reason.id} ${String(answer.reason.compared.address)}`;
  };
  const interrupted = "madvise/interrupted 0x1000000";
  expect([said(true, false), said(false, true), said(false, false)]).toEqual([
    ...[interrupted, interrupted, "ok"],
  ]);
});
