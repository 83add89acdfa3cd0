import { must, type AdviceName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { workBetween, type Work } from "../index.ts";
import { PAGE, pages, PROFILES, scene, since, why, type ProfileName } from "../testing/scene.ts";

const RANGES = 100;

/** Drops every other page of one's own heap, by one vector or by single calls. */
function drop(
  release: string,
  advice: AdviceName,
  how: "vector" | "calls" | "madvise",
): { work: Work; state: string } | string {
  const { kernel, manager, heap, own } = scene(release, { pages: 2 * RANGES });
  const ranges = Array.from({ length: RANGES }, (_, i) => ({
    base: heap + BigInt(2 * i * PAGE),
    length: PAGE,
  }));
  const before = kernel.work;
  if (how === "vector") {
    const answer = manager.processMadvise(own, ranges, advice);
    if (!answer.ok) return answer.reason.id;
  } else {
    for (const { base, length } of ranges) {
      if (how === "madvise") must(manager.madvise(base, length, advice));
      else must(manager.processMadvise(own, [{ base, length }], advice));
    }
  }
  const work = workBetween(before, kernel.work);
  return { work, state: pages(manager, heap, 2 * RANGES) };
}

/** Where the merged call takes DONTNEED at all: the proposal, and 6.13 on. */
const TAKES = PROFILES.filter((name) => since({ seed: true, "5.10.0": false, "6.13": true })[name]);

/** One flush a range, until 6.16 gathered those of a vector. Traced on 6.18.44: one. */
const FLUSHES = since({ seed: RANGES, "6.18": 1 });
/** One lock a range, until 6.15; from 6.17 on the area's own lock does, traced on 6.18.44. */
const LOCKS = since({ seed: RANGES, "6.18": 0 });

describe.each(TAKES)("DONTNEED over many ranges as the TLB-flush case on %s", (release) => {
  test("the pages go, by whichever way", () => {
    const state = "-u".repeat(RANGES);
    for (const how of ["vector", "calls", "madvise"] as const) {
      expect(drop(release, "MADV_DONTNEED", how)).toMatchObject({ state });
    }
  });

  test.each(["MADV_DONTNEED", "MADV_FREE"] as const)("what %s flushes", (advice) => {
    const singleLocks = release === "6.18" || release === "7.3" ? 0 : RANGES;
    const single = { tlbFlushes: RANGES, mmapLocks: singleLocks };
    expect(drop(release, advice, "calls")).toMatchObject({ work: single });
    expect(drop(release, advice, "madvise")).toMatchObject({ work: single });
    const byVector = { systemCalls: 1, tlbFlushes: FLUSHES[release], mmapLocks: LOCKS[release] };
    expect(drop(release, advice, "vector")).toMatchObject({ work: byVector });
  });

  test("ranges of which nothing was there need no flush", () => {
    const { kernel, manager, own } = scene(release);
    const bare = must(manager.mmap({ length: 8 * PAGE }));
    const ranges = [0, 2, 4].map((page) => ({ base: bare + BigInt(page * PAGE), length: PAGE }));
    const before = kernel.work;
    must(manager.processMadvise(own, ranges, "MADV_DONTNEED"));
    expect(workBetween(before, kernel.work).tlbFlushes).toBe(0);
  });
});

test.each([
  ["6.14", RANGES, RANGES],
  ["6.15", RANGES, 1],
  ["6.16", 1, 1],
  ["6.17", 1, 0],
])("on %s a vector of drops flushes %i times and locks %i times", (name, tlbFlushes, mmapLocks) => {
  expect(drop(name, "MADV_DONTNEED", "vector")).toMatchObject({ work: { tlbFlushes, mmapLocks } });
});

test("a range over several areas falls back to the mmap lock, once for the vector", () => {
  const { kernel, manager, heap, own } = scene("6.18", { pages: 8 });
  must(manager.mprotect(heap + BigInt(PAGE), PAGE, "r"));
  must(manager.mprotect(heap + BigInt(5 * PAGE), PAGE, "r"));
  const ranges = [0, 4].map((page) => ({ base: heap + BigInt(page * PAGE), length: 2 * PAGE }));
  const before = kernel.work;
  must(manager.processMadvise(own, ranges, "MADV_DONTNEED"));
  expect(workBetween(before, kernel.work)).toMatchObject({ mmapLocks: 1, tlbFlushes: 1 });
});

const REFUSED: readonly ProfileName[] = PROFILES.filter((name) => !TAKES.includes(name));

test.each(REFUSED)("on %s the promise is broken: no DONTNEED, not even for oneself", (release) => {
  const { manager, heap, own } = scene(release);
  const ranges = [{ base: heap, length: PAGE }];
  expect(why(manager.processMadvise(own, ranges, "MADV_DONTNEED"))).toBe(
    "process_madvise/advice-not-allowed",
  );
  expect(why(manager.madvise(heap, PAGE, "MADV_DONTNEED"))).toBe(0);
});
