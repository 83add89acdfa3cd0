import {
  areaName,
  nameIn,
  VM_ACCESS,
  VM_ACCOUNT,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_LOCKONFAULT,
  VM_MAYBE_GUARD,
  VM_MAYSHARE,
  VM_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_UNSTATED,
  VM_WRITE,
  type AddressSpace,
  type PageObject,
} from "@kadvise/mm-core";
import { flagsOfCodes } from "../../model/vmFlagCodes.ts";
import type { ObservedArea } from "../../target/startState.ts";

/** Which part of an address space a piece shows, in pages. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Something may have changed since the piece before: what lies between them need not be shown. */
  readonly isLate: boolean;
  /** Memory under userfaultfd is cut into areas by it, which is not followed. */
  readonly mayBeCut: boolean;
}

/** What areas that were shown say of what is known. */
export interface Compared {
  /** What no history of the log leads to, in words; the first alone. */
  readonly difference?: string;
  /** What was shown and could not be known; undefined where all of it was. */
  readonly news?: string;
}

/** How devices and inodes name what is mapped, as far as a log showed: the same ones ever. */
export type Identities = WeakMap<PageObject, string>;

/** Compares what a piece of maps or smaps shows with what is known to be mapped. */
export function compareAreas(
  mm: AddressSpace,
  shown: readonly ObservedArea[],
  span: Span,
  identities: Identities,
): Compared {
  const comparison = new Comparison(mm, span, identities);
  let from = span.from;
  for (const area of shown) {
    const [start, end] = [area.start, area.end].map((at) => at / mm.memory.pageBytes);
    comparison.hole(span.isLate && from === span.from ? start : from, start);
    comparison.area(area, start, end);
    from = Math.max(from, end);
  }
  comparison.hole(from, span.to);
  return comparison;
}

/** Flags that smaps need not show as they are known: what never keeps areas apart, and guesses. */
const PASSED_OVER = VM_SOFTDIRTY | VM_MAYBE_GUARD | VM_ACCOUNT | VM_UNSTATED;

class Comparison implements Compared {
  difference?: string;
  news?: string;
  private readonly mm: AddressSpace;
  private readonly span: Span;
  private readonly identities: Identities;

  constructor(mm: AddressSpace, span: Span, identities: Identities) {
    this.mm = mm;
    this.span = span;
    this.identities = identities;
  }

  /** Nothing is mapped in [from, to). */
  hole(from: number, to: number): void {
    const { areas, veil } = this.mm;
    if (from >= to) return;
    if (veil.within(from, to) !== undefined) this.note("what exec mapped");
    const { limit } = this.mm.layout;
    for (
      let stretch = this.mm.forgotten.within(from, limit);
      stretch !== undefined && stretch.start < to;
      stretch = this.mm.forgotten.within(stretch.end, limit)
    )
      if (!this.isBelowStack(stretch.end)) this.note("what was mapped since");
    for (
      let area = areas.find(from);
      area >= 0 && areas.start[area] < to;
      area = areas.next(area)
    ) {
      if (this.isUnstated(area)) this.note("what exec mapped");
      else this.differ(`${this.place(area)} is mapped, and is not shown`);
    }
  }

  /** One area is shown to be mapped at [start, end). */
  area(shown: ObservedArea, start: number, end: number): void {
    const { areas } = this.mm;
    let last = -1;
    for (let page = start; page < end;) {
      const unknown = this.unknownFrom(page, end);
      if (unknown !== undefined && unknown.start === page) {
        if (unknown.isVeiled) this.note("what exec mapped");
        else if (this.isBelowStack(unknown.end)) this.note("how far a stack grew");
        else this.note("what was mapped since");
        page = unknown.end;
        last = -1;
        continue;
      }
      const area = areas.at(page);
      if (area < 0) {
        page = this.missing(shown, page, Math.min(end, unknown?.start ?? end));
        continue;
      }
      this.kind(shown, area, start);
      if (last >= 0) this.joined(last, area);
      last = area;
      page = Math.min(areas.end[area], end);
    }
    // What a place is known to be that goes on beyond what is shown of it.
    const first = areas.at(start);
    if (first >= 0 && areas.start[first] < start && areas.start[first] < start)
      this.cut(first, start);
    const edge = areas.at(end - 1);
    if (edge >= 0 && areas.end[edge] > end) this.cut(edge, end);
  }

  /** Nothing is known to be mapped where something is shown: it may be a stack that grew. */
  private missing(shown: ObservedArea, page: number, end: number): number {
    const { areas, memory } = this.mm;
    const above = areas.find(page);
    const next = above >= 0 && areas.start[above] < end ? areas.start[above] : end;
    const isGrown =
      next < end &&
      (areas.flags[above] & VM_GROWSDOWN) !== 0 &&
      page * memory.pageBytes >= shown.start;
    if (isGrown) this.note("how far a stack grew");
    else this.differ(`nothing is mapped at ${this.hex(page)}`);
    return next;
  }

  /** What is shown to be there is of the kind that is known. */
  private kind(shown: ObservedArea, area: number, start: number): void {
    const { areas } = this.mm;
    const flags = areas.flags[area];
    const [said, isSame] = this.sameKind(shown, area, start);
    if (isSame) return;
    if ((flags & VM_UNSTATED) !== 0) this.note("what exec mapped");
    else this.differ(`${this.place(area)} ${said}`);
  }

  private sameKind(shown: ObservedArea, area: number, start: number): readonly [string, boolean] {
    const { areas, memory } = this.mm;
    const flags = areas.flags[area];
    const permissions = permissionsOf(flags);
    if (permissions !== shown.permissions) return [`is ${permissions}`, false];
    const backing = areas.backing[area] ?? null;
    if (backing === null || backing.object.kind === "special") {
      if (shown.identity !== NO_FILE) return ["shows no file", false];
      const name = areaName(this.mm, area);
      if (!this.isCalled(shown.name, name, area)) return [`is called "${name}"`, false];
    } else {
      if (shown.identity === NO_FILE) return [`shows ${backing.name}`, false];
      const offset = (areas.offset[area] - areas.start[area] + start) * memory.pageBytes;
      if (offset !== shown.offset) return [`begins at ${offset.toString(16)} of its file`, false];
      if (DEVICE.test(backing.name)) return ["", true];
      const identity = this.identities.get(backing.object);
      if (identity !== undefined && identity !== shown.identity)
        return [`shows the file ${identity}`, false];
      this.identities.set(backing.object, shown.identity);
    }
    if (shown.vmFlags.length === 0) return ["", true];
    const seen = flagsOfCodes(shown.vmFlags);
    // Releases without a code for it show question marks.
    const nameless = shown.vmFlags.includes("??") ? VM_LOCKONFAULT : 0;
    const different = (seen ^ flags) & ~(PASSED_OVER | nameless);
    if (((seen ^ flags) & VM_ACCOUNT) !== 0) this.note("what is accounted for");
    return [`has the flags ${(flags >>> 0).toString(16)}`, different === 0];
  }

  private isCalled(shown: string, known: string, area: number): boolean {
    if (shown === known) return true;
    const { startBreak, startStack } = this.mm;
    if (shown === "[heap]" || known === "[heap]") {
      if (!Number.isNaN(startBreak)) return false;
      this.note("where the heap begins");
      return true;
    }
    if (shown === "[stack]" && startStack < 0) return true;
    // It begins behind the words that exec put there: somewhere in what was first shown as stack.
    const isStack = shown === "[stack]" && this.mm.areas.end[area] <= startStack;
    if (isStack || (shown === "" && known === "[stack]")) {
      this.note("where the stack begins");
      return true;
    }
    // strace cuts long names off.
    const name = nameIn(this.mm.areas.labelOf(area));
    return name !== undefined && shown.startsWith(`[anon:${name}`);
  }

  /** Two areas are known that are shown as one. */
  private joined(low: number, high: number): void {
    if (low === high) return;
    const { flags } = this.mm.areas;
    if (((flags[low] | flags[high]) & VM_UNSTATED) !== 0) this.note("what exec mapped");
    else if (this.maySettle(low) && this.maySettle(high)) this.note("which pages were ever used");
    else this.differ(`${this.place(low)} and ${this.place(high)} are apart`);
  }

  /** An area is known to go on where what is shown ends. */
  private cut(area: number, page: number): void {
    if (this.isUnstated(area)) this.note("what exec mapped");
    else if (this.maySettle(area)) this.note("which pages were ever used");
    else this.differ(`${this.place(area)} has no end at ${this.hex(page)}`);
  }

  /**
   * Whether pages that nobody saw a program touch keep an area apart from others: those of private
   * memory have a reverse map of their own. Linux: mm/vma.c is_mergeable_anon_vma
   */
  private maySettle(area: number): boolean {
    const isPrivate = (this.mm.areas.flags[area] & VM_SHARED) === 0;
    return this.span.mayBeCut || (isPrivate && this.mm.touchedUnseen);
  }

  private unknownFrom(
    page: number,
    end: number,
  ): { start: number; end: number; isVeiled: boolean } | undefined {
    const veiled = this.mm.veil.within(page, end);
    const forgotten = this.mm.forgotten.within(page, end);
    if (veiled !== undefined && (forgotten === undefined || veiled.start <= forgotten.start))
      return { ...veiled, isVeiled: true };
    return forgotten === undefined ? undefined : { ...forgotten, isVeiled: false };
  }

  /** Whether what lies below is where a stack grows, unseen. */
  private isBelowStack(page: number): boolean {
    const { areas } = this.mm;
    const area = areas.at(page);
    return area >= 0 && areas.start[area] === page && (areas.flags[area] & VM_GROWSDOWN) !== 0;
  }

  private isUnstated(area: number): boolean {
    return (this.mm.areas.flags[area] & VM_UNSTATED) !== 0;
  }

  private note(news: string): void {
    this.news ??= news;
  }

  private differ(difference: string): void {
    this.difference ??= difference;
  }

  private place(area: number): string {
    const { areas } = this.mm;
    return `${this.hex(areas.start[area])}-${this.hex(areas.end[area])}`;
  }

  private hex(page: number): string {
    return (page * this.mm.memory.pageBytes).toString(16).padStart(8, "0");
  }
}

/**
 * Devices may show something else than themselves: of /dev/zero each shared mapping is a file of its
 * own. Linux: drivers/char/mem.c mmap_zero
 */
const DEVICE = /^\/dev\/(?!shm\/)(?!.*\(deleted\)$)/;

/** What maps shows in place of device and inode where there is no file. */
const NO_FILE = "00:00 0";

/** `rw-p`, as maps has it. */
export function permissionsOf(flags: number): string {
  const access = flags & VM_ACCESS;
  return (
    ((access & VM_READ) !== 0 ? "r" : "-") +
    ((access & VM_WRITE) !== 0 ? "w" : "-") +
    ((access & VM_EXEC) !== 0 ? "x" : "-") +
    ((flags & VM_MAYSHARE) !== 0 ? "s" : "p")
  );
}
