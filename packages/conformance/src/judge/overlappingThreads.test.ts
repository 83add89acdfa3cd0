import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeText } from "./testing/judgeText.ts";
import {
  mapAt,
  pageAt,
  SHARED_PAGES,
  ThreadedProgram,
  type PlannedCall,
} from "./testing/threadedProgram.ts";

const PAGE = 4096;
/** KADVISE_RUNS=2000 KADVISE_SEED=7 tries more, and others. */
const RUNS = Number(process.env["KADVISE_RUNS"] ?? 50);
const SEED = Number(process.env["KADVISE_SEED"] ?? 2020);

const stretch = fc
  .tuple(fc.nat(SHARED_PAGES - 1), fc.integer({ min: 1, max: SHARED_PAGES }))
  .map(([page, pages]) => ({ page, pages: Math.min(pages, SHARED_PAGES - page) }));
const advice = fc.constantFrom(
  ...["MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED", "MADV_DONTNEED", "MADV_DONTFORK"],
  ...["MADV_DOFORK", "MADV_FREE", "MADV_RANDOM", "MADV_POPULATE_READ", "MADV_POPULATE_WRITE"],
);
const protection = fc.constantFrom("PROT_NONE", "PROT_READ", "PROT_READ|PROT_WRITE");

const planned: fc.Arbitrary<PlannedCall> = fc.oneof(
  { weight: 3, arbitrary: stretch.map(({ page, pages }) => mapAt(page, pages)) },
  { weight: 3, arbitrary: stretch.map((at) => ranged("munmap", at)) },
  {
    weight: 2,
    arbitrary: fc.tuple(stretch, protection).map(([at, prot]) => ranged("mprotect", at, prot)),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(stretch, advice).map(([at, word]) => ranged("madvise", at, word)),
  },
  { weight: 1, arbitrary: stretch.map((at) => ranged("mlock", at)) },
  { weight: 1, arbitrary: stretch.map((at) => ranged("munlock", at)) },
  { weight: 3, arbitrary: fc.tuple(fc.array(stretch, { maxLength: 3 }), advice).map(vectorOf) },
);

function ranged(
  name: string,
  { page, pages }: { page: number; pages: number },
  ...rest: readonly string[]
): PlannedCall {
  return { name, args: [pageAt(page), pages * PAGE, ...rest] };
}

function vectorOf([ranges, word]: [{ page: number; pages: number }[], string]): PlannedCall {
  const vector = ranges.map(({ page, pages }) => ({ base: pageAt(page), length: pages * PAGE }));
  return { name: "process_madvise", args: [3, vector, vector.length, word, 0] };
}

/** Lets the threads run in the order that the choices give, until every call has returned. */
function play(kernel: string, plans: readonly PlannedCall[][], choices: readonly number[]): string {
  const program = new ThreadedProgram(kernel, plans.length);
  const done = plans.map(() => 0);
  for (let step = 0; ; step++) {
    const running = plans.flatMap((plan, thread) =>
      done[thread] < 3 * plan.length ? [thread] : [],
    );
    if (running.length === 0) return program.text;
    const thread = running[(choices[step % choices.length] ?? 0) % running.length];
    const call = plans[thread][Math.floor(done[thread] / 3)];
    const moments = ["enter", "act", "return"] as const;
    program[moments[done[thread] % 3]](thread, call);
    done[thread]++;
  }
}

test.each(["6.12.107", "6.18.44"])(
  "whatever threads do to each other's memory on %s, no order of it is called a deviation",
  { timeout: 120_000 },
  (kernel) => {
    const plans = fc.array(fc.array(planned, { minLength: 1, maxLength: 6 }), {
      minLength: 2,
      maxLength: 4,
    });
    const choices = fc.array(fc.nat(11), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(plans, choices, (threads, order) => {
        const text = play(kernel, threads, order);
        const wrong = judgeText(text, { kernel }).findings.filter(
          ({ verdict }) => verdict === "deviation" || verdict === "unread",
        );
        expect(wrong, text).toEqual([]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
);
