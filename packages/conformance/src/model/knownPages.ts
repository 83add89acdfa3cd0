import {
  hasUnsettled,
  smapsText,
  statusLine,
  statusMemory,
  type AddressSpace,
} from "@kadvise/mm-core";
import type { ObservedArea } from "../target/startState.ts";

/**
 * Views of memory as far as the model knows what a kernel shows in them. It does not know
 *
 * - which pages of what actors begin with are there (the agent's image and shared area, vdso, stack):
 *   that depends on how far the agent has come. Of these areas smaps has only size and flags, and
 *   status lacks VmRSS, RssFile and RssShmem.
 * - when the kernel's lists learn of pages that were given up, or cooled: smaps lacks LazyFree, and
 *   Referenced where there are any.
 * - what DAMON takes for used: it looks at physical memory here and there, clears the marks of entries
 *   and keeps them with the page, and meets a huge page 512 times as often as a small one.
 * - when multi-gen LRU ages: it takes the marks of entries too, and since 6.14 keeps them with the page,
 *   so that a child shows what its parent used. A search for memory in one piece, for a huge page, makes
 *   it do so (mm/vmscan.c lru_gen_age_node, folio_update_gen; asked by /sys/kernel/debug/lru_gen).
 * - counters that Linux reads late (before 6.16): status lacks RssAnon and VmSwap.
 * - whether the agent has used what was paged out of its own stack: where there is swap, status lacks
 *   RssAnon and VmSwap too.
 */
export class KnownPages {
  private readonly begun: readonly ObservedArea[];
  private readonly isWatched: boolean;

  /** What actors begin with; and whether DAMON watches the machine. */
  constructor(begun: readonly ObservedArea[], isWatched = false) {
    this.isWatched = isWatched;
    this.begun = begun.filter(({ name }) => name !== "" && name !== "[heap]");
  }

  /** /proc/PID/smaps. */
  smaps(mm: AddressSpace): string {
    return smapsText(mm, (area) => {
      if (this.isOfAgent(mm, area)) return "mapping";
      const { folios, settings } = mm.memory;
      const isLookedAt = this.isWatched || settings.values.multiGenLru;
      const isOpen = hasUnsettled(mm, area) || (isLookedAt && folios.count > 0);
      return isOpen ? "settled" : "referenced";
    });
  }

  /** The memory lines of /proc/PID/status. */
  status(mm: AddressSpace): string {
    const { features, settings } = mm.memory;
    const isExact = features.residentCounters === "exact" && !settings.values.swap;
    return Object.entries(statusMemory(mm))
      .filter(([name]) => !OPEN.has(name) && (isExact || !OPEN_MOSTLY.has(name)))
      .map(([name, kilobytes]) => statusLine(name, kilobytes))
      .join("");
  }

  /** An area that was moved is known by its file, or by where it was when it had pages first. */
  private isOfAgent(mm: AddressSpace, area: number): boolean {
    const { areas, memory } = mm;
    const backing = areas.backing[area] ?? null;
    if (backing !== null) return this.begun.some(({ name }) => name === backing.name);
    const address = areas.offset[area] * memory.pageBytes;
    return this.begun.some(({ start, end }) => start <= address && address < end);
  }
}

const OPEN: ReadonlySet<string> = new Set(["VmRSS", "RssFile", "RssShmem"]);
const OPEN_MOSTLY: ReadonlySet<string> = new Set(["RssAnon", "VmSwap"]);
