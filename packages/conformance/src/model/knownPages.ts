import {
  hasGivenUp,
  isHugeEligible,
  PAGEMAP_ENTRY_BYTES,
  smapsText,
  statusLine,
  statusMemory,
  type AddressSpace,
} from "@kadvise/mm-core";
import type { ObservedArea } from "../target/startState.ts";
import { UNKNOWN_ENTRY } from "./compareViews.ts";

/**
 * Views of memory as far as the model knows what a kernel shows in them. It does not know
 *
 * - which pages of what actors begin with are there (the agent's image and shared area, vdso, stack):
 *   that depends on how far the agent has come. Of these areas smaps has only size and flags, and
 *   status lacks VmRSS, RssFile and RssShmem.
 * - transparent huge pages. Of an area that could hold one smaps has only size and flags, pagemap has
 *   no entries, and status lacks RssAnon and VmSwap.
 * - when the kernel's lists learn of pages that were given up: smaps lacks LazyFree, and Referenced
 *   where there are any.
 * - counters that Linux reads late (before 6.16): status lacks RssAnon and VmSwap.
 */
export class KnownPages {
  private readonly begun: readonly ObservedArea[];

  constructor(begun: readonly ObservedArea[]) {
    this.begun = begun.filter(({ name }) => name !== "" && name !== "[heap]");
  }

  /** /proc/PID/smaps. */
  smaps(mm: AddressSpace): string {
    return smapsText(mm, (area) => {
      if (this.isOfAgent(mm, area) || isHugeEligible(mm, area)) return "mapping";
      return hasGivenUp(mm, area) ? "settled" : "referenced";
    });
  }

  /** Entries of /proc/PID/pagemap; those that are not known are marked. */
  pagemap(mm: AddressSpace, start: number, count: number): Uint8Array {
    const entries = mm.pagemap(start, count);
    const { areas } = mm;
    const end = start + count;
    for (
      let area = areas.find(start);
      area >= 0 && areas.start[area] < end;
      area = areas.next(area)
    ) {
      if (!isHugeEligible(mm, area)) continue;
      const from = Math.max(start, areas.start[area]) - start;
      const to = Math.min(end, areas.end[area]) - start;
      const bytes = PAGEMAP_ENTRY_BYTES;
      for (let i = from; i < to; i++) {
        new DataView(entries.buffer).setUint32(i * bytes, UNKNOWN_ENTRY, true);
      }
    }
    return entries;
  }

  /** The memory lines of /proc/PID/status. */
  status(mm: AddressSpace): string {
    const isExact = mm.memory.features.residentCounters === "exact";
    const mayBeHuge = [...mm.areas].some((area) => isHugeEligible(mm, area));
    return Object.entries(statusMemory(mm))
      .filter(([name]) => !OPEN.has(name) && (!COUNTED_LATE.has(name) || (isExact && !mayBeHuge)))
      .map(([name, kilobytes]) => statusLine(name, kilobytes))
      .join("");
  }

  private isOfAgent(mm: AddressSpace, area: number): boolean {
    const address = mm.areas.start[area] * mm.memory.pageBytes;
    return this.begun.some(({ start, end }) => start <= address && address < end);
  }
}

const OPEN: ReadonlySet<string> = new Set(["VmRSS", "RssFile", "RssShmem"]);
const COUNTED_LATE: ReadonlySet<string> = new Set(["RssAnon", "VmSwap"]);
