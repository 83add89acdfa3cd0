import type { AddressSpace } from "./addressSpace.ts";
import { askForGrowth } from "./unseenGrowth.ts";
import { VM_MAYACCESS, VM_READ, VM_UNSTATED, VM_WRITE } from "./flags.ts";

/** What may lie in a range that was never stated. */
export type Veiled = "area" | "hole";

/**
 * Makes sure that it is known what is mapped in a range, before a rule looks at it.
 *
 * What was there before anybody watched is either an area that the kernel made at exec (private, of
 * unstated kind) or nothing. That something in a stretch is missing does not tell which of its
 * pages: the rule then finds a hole there, and the stretch stays veiled. The same goes for the one
 * rules that ask whether anything is in the way (of `mmap`, `brk`): they are told, and no page is
 * named.
 *
 * Returns `"area"` where a stretch that stays veiled is in the way.
 */
export function unveil(
  mm: AddressSpace,
  start: number,
  end: number,
  reader = "",
): "area" | undefined {
  if (reader !== "") askForGrowth(mm, start, end);
  if (!mm.hasUnknown) return undefined;
  askForForgotten(mm, start, end);
  let from = start;
  for (
    let range = mm.veil.within(from, end);
    range !== undefined;
    range = mm.veil.within(from, end)
  ) {
    const answer = askForVeiled(mm, range, reader);
    const isWhole = range.end === range.start + 1 || answer === wholeAnswer(reader);
    if (isWhole) state(mm, range, answer);
    else if (answer === "area") return "area";
    from = range.end;
  }
  return undefined;
}

/** The answer that speaks of every page: room must be free, everything else asks for areas. */
function wholeAnswer(reader: string): Veiled {
  return ASK_FOR_ROOM.has(reader) ? "hole" : "area";
}

const ASK_FOR_ROOM: ReadonlySet<string> = new Set(["mmap", "mmap-no-replace", "brk"]);

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Asks what is mapped in the first forgotten stretch of a range, which nobody can say. */
export function askForForgotten(mm: AddressSpace, start: number, end: number): void {
  const pages = mm.forgotten.within(start, end);
  if (pages === undefined) return;
  mm.memory.ports.choices.choose<never>({
    id: "mm/forgotten-range",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what is mapped at ${named(pages)} by now`,
    pages,
  });
}

/** Asks of what kind an area is that was there before anybody watched, which nobody can say. */
export function askForKind(mm: AddressSpace, start: number, end: number): void {
  const area = mm.areas.at(start);
  const isKnown = area >= 0 && (mm.areas.flags[area] & VM_UNSTATED) === 0;
  if (area < 0 || (isKnown && mm.veil.within(start, end) === undefined)) return;
  mm.memory.ports.choices.choose<never>({
    id: "mm/unstated-kind",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what kind of memory exec mapped at ${named({ start, end })}`,
    pages: { start, end },
  });
}

function askForVeiled(mm: AddressSpace, pages: Stretch, reader: string): Veiled {
  return mm.memory.ports.choices.choose<Veiled>({
    id: "mm/unstated-range",
    usual: wholeAnswer(reader),
    allows: (value) => value === "area" || value === "hole",
    describe: () => `what is mapped at ${named(pages)}`,
    alternatives: ["area", "hole"],
    pages,
    reader,
  });
}

function state(mm: AddressSpace, { start, end }: Stretch, answer: Veiled): void {
  mm.veil.lift(start, end);
  if (answer === "hole") return;
  mm.areas.insert(start, end, VM_UNSTATED | VM_READ | VM_WRITE | VM_MAYACCESS, start, null);
}

function named({ start, end }: Stretch): string {
  return `pages ${start.toString(16)}-${end.toString(16)}`;
}
