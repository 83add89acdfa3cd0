import fc from "fast-check";
import { literal, mostly, type Operation } from "./operation.ts";
import { at, bytes, page, pages } from "./ranges.ts";

const behind = mostly(fc.constant(4094), { one: fc.constantFrom(0, 16, 4088), in: 2 });

/**
 * A vector may lie over what was stored: as a length this is small. A large one, counted from address
 * 0, would reach the agent's own memory.
 */
const ONE = String.raw`"\1\1\1\1"`;

/** Accesses to memory: what a program does without asking the kernel. */
export const ACCESSING: readonly Operation[] = [
  {
    name: "touch",
    weight: 100,
    arbitrary: literal(
      fc
        .tuple(page, pages, fc.constantFrom("", "", ", read"))
        .map(([start, count, read]) => `touch(${at(start)}, ${bytes(count)}${read})`),
    ),
  },
  {
    name: "store",
    weight: 55,
    arbitrary: literal(
      fc.tuple(page, behind).map(([start, plus]) => `store(${at(start, plus)}, ${ONE})`),
    ),
  },
  {
    name: "load",
    weight: 60,
    arbitrary: literal(
      fc.tuple(page, behind).map(([start, plus]) => `load(${at(start, plus)}, 8)`),
    ),
  },
];
