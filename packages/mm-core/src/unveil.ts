import type { AddressSpace } from "./addressSpace.ts";
import { VM_MAYACCESS, VM_READ, VM_UNSTATED, VM_WRITE } from "./flags.ts";

/** What may lie in a range that was never stated. */
export type Veiled = "area" | "hole";

/**
 * Makes sure that it is known what is mapped in a range, before a rule looks at it.
 *
 * What was there before anybody watched is either an area that the kernel made at exec (private, of
 * unstated kind) or nothing. A range that is partly the one and partly the other answers every rule
 * as a hole does.
 */
export function unveil(mm: AddressSpace, start: number, end: number, reader = ""): void {
  if (!mm.hasUnknown) return;
  const { ports } = mm.memory;
  const forgotten = mm.forgotten.within(start, end);
  if (forgotten !== undefined) {
    ports.choices.choose<never>({
      id: "mm/forgotten-range",
      usual: undefined as never,
      allows: () => false,
      describe: () =>
        `what is mapped at pages ${forgotten.start.toString(16)}-${forgotten.end.toString(16)} by now`,
      pages: forgotten,
    });
  }
  for (
    let range = mm.veil.within(start, end);
    range !== undefined;
    range = mm.veil.within(start, end)
  ) {
    const { start: from, end: to } = range;
    const answer = ports.choices.choose<Veiled>({
      id: "mm/unstated-range",
      usual: reader === "mmap" ? "hole" : "area",
      allows: (value) => value === "area" || value === "hole",
      describe: () => `what is mapped at pages ${from.toString(16)}-${to.toString(16)}`,
      alternatives: ["area", "hole"],
      pages: { start: from, end: to },
      reader,
    });
    mm.veil.lift(from, to);
    if (answer === "area") {
      mm.areas.insert(from, to, VM_UNSTATED | VM_READ | VM_WRITE | VM_MAYACCESS, from, null);
    }
  }
}
