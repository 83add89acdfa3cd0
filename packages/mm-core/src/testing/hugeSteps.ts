import { MADV, MREMAP } from "@kadvise/uapi";
import fc from "fast-check";
import { AddressSpace } from "../addressSpace.ts";
import { LEAF_PAGES } from "../pageTable.ts";
import { machine } from "./world.ts";

/** Where huge pages are made and moved: three, and room for as many. */
export const FIRST = LEAF_PAGES;
const TABLES = 3;
const LAST = FIRST + TABLES * LEAF_PAGES;

const start = fc.oneof(
  fc.nat(TABLES - 1).map((table) => FIRST + table * LEAF_PAGES),
  fc.integer({ min: FIRST, max: LAST - 1 }),
);
const pages = fc.oneof(
  fc.constantFrom(1, 2, LEAF_PAGES, 2 * LEAF_PAGES),
  fc.integer({ min: 1, max: LEAF_PAGES + 9 }),
);

const ADVICE = [
  ...(["DONTNEED", "COLD", "PAGEOUT", "FREE", "COLLAPSE", "HUGEPAGE", "NOHUGEPAGE"] as const),
  ...(["GUARD_INSTALL", "POPULATE_WRITE", "DONTFORK", "MERGEABLE"] as const),
];

/** A call or access of a program that has huge pages. */
export const hugeStep = fc.record({
  who: fc.nat(3),
  start,
  pages,
  call: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("write" as const, "read" as const) },
    { weight: 8, arbitrary: fc.constantFrom(...ADVICE) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        ...(["map", "unmap", "protect", "lock", "move", "fork", "exit", "pin", "scan"] as const),
      ),
    },
  ),
  aligned: fc.boolean(),
});

export type HugeStep = typeof hugeStep extends fc.Arbitrary<infer S> ? S : never;

/** A machine on which one process has memory that is advised to hold huge pages. */
export interface HugeWorld {
  readonly processes: AddressSpace[];
}

export const hugeOptions = fc.record({
  release: fc.constantFrom("5.10", "6.1", "6.12", "6.18", "7.3"),
  swap: fc.boolean(),
});

export function makeHugeWorld({ release, swap }: { release: string; swap: boolean }): HugeWorld {
  const mm = new AddressSpace({ memory: machine(release, { swap, thpEnabled: "always" }) });
  mm.map({ at: FIRST, pages: LAST - FIRST, prot: "rw", flags: 0x32 });
  return { processes: [mm] };
}

export function performHuge({ processes }: HugeWorld, one: HugeStep): void {
  const mm = processes[one.who % processes.length];
  const count = Math.min(one.pages, LAST - one.start);
  switch (one.call) {
    case "write":
      mm.write(one.start, "x");
      return;
    case "read":
      mm.touch(one.start, "read");
      return;
    case "pin":
      mm.pin(one.start, "read");
      return;
    case "scan":
      mm.memory.ksm.scan(one.pages);
      return;
    case "map":
      mm.map({ at: one.start, pages: count, prot: "rw", flags: 0x32 });
      return;
    case "unmap":
      mm.unmap(one.start, count);
      return;
    case "protect":
      mm.protect(one.start, count, one.aligned ? "rw" : "r");
      return;
    case "lock":
      if (one.aligned) mm.lock(one.start, count);
      else mm.unlock(one.start, count);
      return;
    case "move":
      mm.remap({
        ...{ page: one.start, oldPages: count, newPages: count },
        flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
        target: LAST + (one.aligned ? LEAF_PAGES : 7),
      });
      return;
    case "fork":
      if (processes.length < 3) processes.push(mm.fork());
      return;
    case "exit":
      if (processes.length < 2) return;
      processes.splice(processes.indexOf(mm), 1);
      mm.tearDown();
      return;
    default:
      if (mm.memory.knownAdvice[MADV[`MADV_${one.call}`]] === 1)
        mm.advise(one.start, count, `MADV_${one.call}`);
  }
}
