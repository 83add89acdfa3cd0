import fc from "fast-check";
import type { Line, Operation, Write } from "./operation.ts";
import { at, bytes, HEAP, page, pages } from "./ranges.ts";

/**
 * Some calls in a row, by one process: what comes of them needs neighbours that single calls seldom
 * make.
 */
function passage(call: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<Write> {
  return fc.array(call, { minLength: 2, maxLength, size: "max" }).map(
    (texts): Write =>
      () =>
        texts,
  );
}

/** Few places, so that calls meet: the heap's first pages. */
const heapPlace = fc.integer({ min: 1, max: 4 }).map((n) => `0x${(HEAP + bytes(n)).toString(16)}`);

/** The heap grows, gets holes and neighbours, and shrinks into them. */
const heap = fc.oneof(
  { weight: 3, arbitrary: heapPlace.map((at) => `brk(${at})`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(heapPlace, fc.integer({ min: 1, max: 3 }))
      .map(([at, n]) => `munmap(${at}, ${bytes(n)})`),
  },
  {
    weight: 2,
    arbitrary: heapPlace.map(
      (at) => `mmap(${at}, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`,
    ),
  },
);

/** What every process has at the end of its half, where few areas are above. */
const last = fc.constantFrom("$vvar", "$vdso", "$stack", "0x7fffffffe000");
const few = fc.integer({ min: 1, max: 8 }).map(bytes);
/** Advice that asks what an area is, and which some releases take for the kernel's own areas. */
const LAST_ADVICE = [
  ...["MADV_NORMAL", "MADV_COLD", "MADV_DODUMP", "MADV_DOFORK", "MADV_DOFORK"],
  "MADV_POPULATE_READ",
];
const end = fc.oneof(
  {
    weight: 2,
    arbitrary: pages.map(
      (n) => `mmap(NULL, ${bytes(n)}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`,
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(last, few, fc.constantFrom(...LAST_ADVICE))
      .map(([at, length, advice]) => `madvise(${at}, ${length}, ${advice})`),
  },
  { weight: 2, arbitrary: fc.tuple(last, few).map(([at, length]) => `mlock(${at}, ${length})`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(last, fc.constantFrom("PROT_READ", "PROT_READ|PROT_EXEC"))
      .map(([at, prot]) => `mprotect(${at}, 4096, ${prot})`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("$vvar", "$vdso"), few)
      .map(([at, length]) => `munmap(${at}, ${length})`),
  },
);

/** A hole, and what fits into it, or only nearly: neither an area above nor one below is replaced. */
const hole: fc.Arbitrary<Write> = fc
  .tuple(page, fc.integer({ min: 1, max: 3 }), fc.constantFrom(-1, 0, 0, 0, 1), fc.boolean())
  .map(([start, count, more, isBelow]): Write => () => {
    const from = isBelow ? start - more : start;
    return [
      `munmap(${at(start)}, ${bytes(count)})`,
      `mmap(${at(from)}, ${bytes(Math.max(count + more, 1))}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0)`,
    ];
  });

/**
 * A child that ends its parent, because it was made with a signal that does: the parent's own parent
 * waits until that has happened.
 */
const ending: fc.Arbitrary<Write> = fc
  .constantFrom("SIGUSR1", "SIGTERM", "SIGKILL")
  .map((signal): Write => (stage) => {
    if (stage.isNested || stage.childrenLeft < 2) return undefined;
    const [parent, child] = [stage.bindChild()!, stage.bindChild()!];
    return [
      `fork() = ${parent}`,
      { who: parent, text: `clone(child_stack=NULL, flags=${signal}) = ${child}` },
      { who: child, text: "exit_group(3)" },
      `wait4(${parent}, [0], __WALL, NULL)`,
    ];
  });

/** What a new user namespace makes of securebits, and who may have one. */
const namespace: fc.Arbitrary<Write> = fc
  .tuple(fc.constantFrom("0x100", "0x400", "0", "0x5"), fc.constantFrom("0", "CLONE_FILES"))
  .map(([bits, more]): Write => (stage) => {
    stage.lessen();
    return [
      `prctl(PR_SET_SECUREBITS, ${bits})`,
      `unshare(CLONE_NEWUSER|${more})`,
      "prctl(PR_GET_SECUREBITS)",
    ];
  });

/** Where an area may lie that is larger than most machines' memory. */
const FAR = "0x100000000000";
const RW = "PROT_READ|PROT_WRITE";

/**
 * More memory than a machine may promise, in place of some that it had promised. A child makes it,
 * which keeps nothing in memory: neither a lock on what is to come nor, for long, the area.
 */
const promise: fc.Arbitrary<Write> = fc
  .tuple(
    fc.integer({ min: 28, max: 35 }),
    fc.constantFrom(
      `${RW}, MAP_PRIVATE`,
      `${RW}, MAP_PRIVATE`,
      `${RW}, MAP_SHARED`,
      "PROT_READ, MAP_PRIVATE",
    ),
    fc.constantFrom(1, 2, 2, 3),
  )
  .map(([log, kind, times]): Write => (stage) => {
    const child = stage.isNested ? undefined : stage.bindChild();
    if (child === undefined) return undefined;
    const first = 2 ** log;
    const map = (length: number): Line => ({
      who: child,
      text: `mmap(${FAR}, ${length}, ${kind}|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`,
    });
    return [
      `fork() = ${child}`,
      map(first),
      map(first * times),
      { who: child, text: "exit_group(0)" },
    ];
  });

/** Calls that belong together. */
export const PASSAGES: readonly Operation[] = [
  { name: "heap", weight: 14, arbitrary: passage(heap, 10) },
  { name: "end", weight: 16, arbitrary: passage(end, 10) },
  { name: "hole", weight: 6, arbitrary: hole },
  { name: "ending", weight: 3, arbitrary: ending },
  { name: "namespace", weight: 4, arbitrary: namespace },
  { name: "promise", weight: 3, arbitrary: promise },
];
