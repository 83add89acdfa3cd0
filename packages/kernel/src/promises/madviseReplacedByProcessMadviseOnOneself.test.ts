import { MADV, must, type AdviceName } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Process } from "../index.ts";
import { PAGE, pages, PROFILES, said, scene, since, why } from "../testing/scene.ts";

const COUNT = 12;
/** What changes something that maps or the pages show. */
const TELLING: readonly AdviceName[] = [
  "MADV_DONTNEED",
  "MADV_FREE",
  "MADV_COLD",
  "MADV_PAGEOUT",
  "MADV_WILLNEED",
  "MADV_RANDOM",
  "MADV_NORMAL",
  "MADV_DONTFORK",
  "MADV_DOFORK",
  "MADV_DONTDUMP",
  "MADV_MERGEABLE",
  "MADV_UNMERGEABLE",
  "MADV_HUGEPAGE",
  "MADV_WIPEONFORK",
  "MADV_REMOVE",
];

interface Step {
  readonly page: number;
  readonly length: number;
  readonly advice: AdviceName;
}

const step: fc.Arbitrary<Step> = fc.record({
  page: fc.nat(COUNT + 1),
  length: fc.integer({ min: 1, max: 4 * PAGE }),
  advice: fc.constantFrom(...TELLING),
});

/** Where the promise holds: the proposal, and 6.13 and newer. */
const HOLDS = PROFILES.filter((name) => since({ seed: true, "5.10.0": false, "6.13": true })[name]);

describe.each(HOLDS)("madvise replaced by process_madvise on oneself on %s", (release) => {
  test("any program of madvise calls, call for call: same answers, same memory", () => {
    const { kernel, manager, heap, own } = scene(release, { pages: COUNT });
    const hole = heap + BigInt(7 * PAGE);
    must(manager.munmap(hole, PAGE));
    const run = (steps: readonly Step[], call: (one: Step, base: bigint) => string): unknown =>
      kernel.attempt(() => {
        const answers = steps.map((one) => call(one, heap + BigInt(one.page * PAGE)));
        return [answers, manager.maps(), pages(manager, heap, COUNT)];
      });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const bySingle = run(steps, ({ length, advice }, base) =>
          String(why(manager.madvise(base, length, advice))),
        );
        const byVector = run(steps, ({ length, advice }, base) => {
          const answer = manager.processMadvise(own, [{ base, length }], advice);
          // madvise says 0, process_madvise the length.
          if (answer.ok) expect(answer.value).toBe(length);
          return answer.ok ? "0" : answer.reason.id;
        });
        expect(byVector).toEqual(bySingle);
      }),
      { numRuns: 60 },
    );
  });

  test("the child of a fork sees the same, whichever call gave the advice", () => {
    const child = (advise: (process: Process, heap: bigint, own: number) => void): unknown => {
      const { manager, heap, own } = scene(release, { pages: 4 });
      must(manager.store(heap, "kept"));
      advise(manager, heap, own);
      const forked = must(manager.fork());
      return [forked.maps(), said(forked.load(heap, 4))];
    };
    for (const advice of ["MADV_DONTFORK", "MADV_WIPEONFORK", "MADV_NORMAL"] as const) {
      const bySingle = child((process, heap) => must(process.madvise(heap, PAGE, advice)));
      const byVector = child((process, heap, own) =>
        must(process.processMadvise(own, [{ base: heap, length: PAGE }], advice)),
      );
      expect(byVector).toEqual(bySingle);
    }
  });

  test("where the two differ: empty and huge ranges, and addresses of the kernel", () => {
    const { manager, heap, own } = scene(release);
    const both = (base: bigint, length: number | bigint): readonly unknown[] => [
      said(manager.madvise(base, length, "MADV_COLD")),
      said(manager.processMadvise(own, [{ base, length }], "MADV_COLD")),
    ];
    // A zero-length range is never looked at by the vector loop. Sheet F7.
    expect(both(heap + 1n, 0)).toEqual(["EINVAL", 0]);
    // Sheet R4: the vector import checks addresses, madvise only looks for areas.
    expect(both(0xffff_8000_0000_0000n, PAGE)).toEqual(["ENOMEM", "EFAULT"]);
    // Sheet R2: a length that rounds up to zero, against a negative one.
    expect(both(heap, -1n)).toEqual(["EINVAL", "EINVAL"]);
    // A vector's bytes are cut to 0x7ffff000; madvise takes them all.
    const big = must(manager.mmap({ length: 3 * 2 ** 30, flags: 0x4022 }));
    expect(both(big, 3 * 2 ** 30)).toEqual([0, 0x7fff_f000]);
  });
});

/** The merged call refused for oneself what it refuses for others, for four years. Sheet F8. */
const BROKEN = PROFILES.filter((name) => !HOLDS.includes(name));

test.each(BROKEN)("on %s the promise is broken: only the listed advice passes", (release) => {
  const { manager, heap, own } = scene(release);
  const ranges = [{ base: heap, length: PAGE }];
  const passes = (Object.keys(MADV) as readonly AdviceName[]).filter(
    (advice) =>
      why(manager.processMadvise(own, ranges, advice)) !== "process_madvise/advice-not-allowed",
  );
  const listed = since<readonly AdviceName[]>({
    seed: [],
    "5.10.0": ["MADV_COLD", "MADV_PAGEOUT"],
    "5.15": ["MADV_WILLNEED", "MADV_COLD", "MADV_PAGEOUT"],
    "6.1": ["MADV_WILLNEED", "MADV_COLD", "MADV_PAGEOUT", "MADV_COLLAPSE"],
  });
  expect(passes).toEqual(listed[release]);
});

/** Between 5.10.24 and 6.11 even these needed CAP_SYS_NICE, which madvise never asked for. */
test.each(["5.10", "5.15", "6.1"])("on %s oneself needs CAP_SYS_NICE", (release) => {
  const { manager, heap, own } = scene(release, { manager: { uid: 1000 } });
  const ranges = [{ base: heap, length: PAGE }];
  expect(said(manager.madvise(heap, PAGE, "MADV_COLD"))).toBe(0);
  expect(said(manager.processMadvise(own, ranges, "MADV_COLD"))).toBe("EPERM");
});
