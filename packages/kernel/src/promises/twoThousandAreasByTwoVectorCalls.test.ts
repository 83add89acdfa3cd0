import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { workBetween, type Kernel, type Process, type Work } from "../index.ts";
import { PAGE, pages, PROFILES, scene, since, why } from "../testing/scene.ts";

const AREAS = 2000;
/** A vector holds at most 1024 ranges. */
const VECTORS = [1024, 976];
const SINGLE = Array.from({ length: AREAS }, () => 1);

/** An app whose memory falls into 2000 areas, as a zygote's child's does, and its manager. */
interface Zygote {
  readonly kernel: Kernel;
  readonly manager: Process;
  readonly app: Process;
  readonly pidfd: number;
  readonly ranges: readonly { readonly base: bigint; readonly length: number }[];
}

function zygoteBorn(release: string): Zygote {
  const set = scene(release, { manager: { uid: 1000, capabilities: ["CAP_SYS_NICE"] } });
  const zygote = set.kernel.spawn({ uid: 1000, name: "zygote" });
  const heap = must(zygote.mmap({ length: AREAS * PAGE }));
  const app = must(zygote.fork());
  must(app.touch(heap, AREAS * PAGE));
  // Every other page loses its right to be written: no two neighbours can be one area.
  for (let i = 1; i < AREAS; i += 2) must(app.mprotect(heap + BigInt(i * PAGE), PAGE, "r"));
  const ranges = Array.from({ length: AREAS }, (_, i) => ({
    base: heap + BigInt(i * PAGE),
    length: PAGE,
  }));
  const pidfd = must(set.manager.pidfdOpen(app.pid));
  return { kernel: set.kernel, manager: set.manager, app, pidfd, ranges };
}

/** Advises all of it by vectors of these sizes; what that took, and what it left behind. */
function advise(
  born: Zygote,
  sizes: readonly number[],
): { work: Work; bytes: number; state: string } {
  const { kernel, manager, app, pidfd, ranges } = born;
  return kernel.attempt(() => {
    const before = kernel.work;
    let from = 0;
    let bytes = 0;
    for (const size of sizes) {
      bytes += must(manager.processMadvise(pidfd, ranges.slice(from, from + size), "MADV_COLD"));
      from += size;
    }
    const state = pages(app, ranges[0].base, AREAS);
    return { work: workBetween(before, kernel.work), bytes, state };
  });
}

/** One lock a range up to 6.14, one a vector from 6.15 on. */
const LOCKS = since({ seed: AREAS, "6.18": VECTORS.length });

describe.each(PROFILES)("2000 areas by two vector calls on %s", (release) => {
  const born = zygoteBorn(release);

  test("the app has 2000 areas, and one vector cannot take them all", () => {
    const heap = born.app.maps().trim().split("\n");
    expect(heap).toHaveLength(AREAS);
    const all = born.manager.processMadvise(born.pidfd, born.ranges, "MADV_COLD");
    expect(why(all)).toBe("iovec/too-many");
  });

  test("1024 and 976 ranges do what 2000 calls do", () => {
    const byVector = advise(born, VECTORS);
    const bySingle = advise(born, SINGLE);
    expect(byVector.bytes).toBe(AREAS * PAGE);
    expect(bySingle.bytes).toBe(AREAS * PAGE);
    expect(byVector.state).toBe("c".repeat(AREAS));
    expect(bySingle.state).toBe(byVector.state);
  });

  test("the vectors save calls, pidfd look-ups, access checks and, from 6.15 on, locks", () => {
    expect(advise(born, SINGLE).work).toMatchObject({
      systemCalls: AREAS,
      pidfdLookups: AREAS,
      accessChecks: AREAS,
      mmapLocks: AREAS,
      tlbFlushes: AREAS,
    });
    expect(advise(born, VECTORS).work).toMatchObject({
      systemCalls: 2,
      pidfdLookups: 2,
      accessChecks: 2,
      mmapLocks: LOCKS[release],
      // Each range's aged pages are flushed as it is done, on every release: traced on 6.18.44.
      tlbFlushes: AREAS,
    });
  });

  test("the pages and page tables looked at are the same: that work cannot be saved", () => {
    const byVector = advise(born, VECTORS).work;
    const bySingle = advise(born, SINGLE).work;
    expect(byVector.pagesTouched).toBe(AREAS);
    expect(bySingle.pagesTouched).toBe(AREAS);
    expect(byVector.pageTableWalks).toBe(bySingle.pageTableWalks);
  });
});

test.each([
  ["6.14", AREAS],
  ["6.15", VECTORS.length],
])("the lock of %s is taken %i times", (release, locks) => {
  expect(advise(zygoteBorn(release), VECTORS).work.mmapLocks).toBe(locks);
});
