import fc from "fast-check";
import { mostly } from "./operation.ts";

/** The bytes of a page on every machine that campaigns run on. */
export const PAGE = 4096;
/** Where the generated areas lie: below 2 GiB, so that a 32-bit caller can name them. */
export const ARENA = 0x2000_0000;
export const ARENA_PAGES = 20;
/** Maps all of it. */
export const MAP_ARENA: string = `mmap(0x${ARENA.toString(16)}, ${ARENA_PAGES * PAGE}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`;

/** A page of the arena, counted from its beginning. */
export const page: fc.Arbitrary<number> = fc.nat(ARENA_PAGES - 1);
/** A few pages. */
export const pages: fc.Arbitrary<number> = fc.integer({ min: 1, max: 6 });

/** The address of a page of the arena, or of a byte behind its beginning. */
export function at(index: number, plus = 0): string {
  return `0x${(ARENA + index * PAGE + plus).toString(16)}`;
}

/** The bytes of some pages. */
export function bytes(count: number): number {
  return count * PAGE;
}

/** Pages of the heap: it begins behind the agent's image. */
export const HEAP = 0x1000_6000;
const HEAP_PAGES = 6;

/** A place to break at, or nought to ask for it. */
export const breaks: fc.Arbitrary<string> = fc
  .nat(HEAP_PAGES)
  .map((n) => (n === 0 ? "NULL" : `0x${(HEAP + bytes(n)).toString(16)}`));

/** An address: mostly of a page in the arena; else in the heap, within a page, or none at all. */
export const address: fc.Arbitrary<string> = fc.oneof(
  { weight: 28, arbitrary: page.map((n) => at(n)) },
  {
    weight: 2,
    arbitrary: fc.nat(HEAP_PAGES).map((n) => `0x${(HEAP + bytes(n)).toString(16)}`),
  },
  // The end of the stack, and what lies before it where addresses are not randomised.
  { weight: 1, arbitrary: fc.constantFrom("0x7fffffffe000", "0x7ffff7ffb000", "0x7ffff7ffd000") },
  { weight: 1, arbitrary: page.map((n) => at(n, 1)) },
  { weight: 1, arbitrary: fc.constantFrom("NULL", "0x7ffffffff000", "0xffffffffff600000") },
);

/** A length in bytes: mostly of some pages; else odd, nothing, or absurd. */
export const length: fc.Arbitrary<string> = fc.oneof(
  { weight: 22, arbitrary: pages.map((n) => String(bytes(n))) },
  { weight: 2, arbitrary: pages.map((n) => String(bytes(n) - 1)) },
  { weight: 1, arbitrary: fc.constantFrom("0", "0x7fffffffffffffff", "0xfffffffffffff000", "-1") },
);

/** Absurd lengths begin in the arena: from address 0 on they would meet the agent's own memory. */
export const range: fc.Arbitrary<[string, string]> = fc
  .tuple(address, length)
  .map(([start, size]) => [start, start === "NULL" && !/^\d+$/.test(size) ? "4096" : size]);

/** What may be done with memory. */
export const prot: fc.Arbitrary<string> = mostly(fc.constant("PROT_READ|PROT_WRITE"), {
  one: fc.constantFrom(
    ...["PROT_READ", "PROT_NONE", "PROT_READ|PROT_EXEC", "PROT_WRITE"],
    ...["PROT_READ|PROT_WRITE|PROT_EXEC", "PROT_EXEC"],
  ),
  in: 3,
});
