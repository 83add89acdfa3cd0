import type { Journal } from "@kadvise/ports";
import type { AddressSpace } from "./addressSpace.ts";
import { unshare } from "./copyOnWrite.ts";
import { VM_MERGEABLE } from "./flags.ts";
import { F_ANON, F_DIRTY, F_EXCLUSIVE, F_KSM } from "./frames.ts";
import { splitFolio } from "./largeFolio.ts";
import type { Memory } from "./memory.ts";
import { mapNew } from "./newPage.ts";
import { P_DIRTY, P_PRESENT, P_WRITE, P_YOUNG, P_ZERO } from "./pageTable.ts";
import { used } from "./used.ts";
import { dropMapping } from "./zap.ts";

/** What KSM knows of a page that it came by. Linux: struct ksm_rmap_item */
export interface KsmItem {
  /** The contents when it came by last; Linux keeps a checksum of them. */
  readonly contents: string;
  /** The page was merged, or is what others were merged with. */
  readonly merged: boolean;
}

/** A page by its process. */
interface Place {
  readonly mm: AddressSpace;
  readonly page: number;
}

/**
 * Kernel samepage merging: looks for pages of the same contents in mergeable areas, and shows one
 * frame for all of them until somebody writes. It does nothing by itself: {@link scan} is one turn
 * of ksmd.
 *
 * Merged frames (the stable tree) are compared first; a page like none of them waits until its
 * contents were the same two scans in a row, and is then compared with others of that kind (the
 * unstable tree), which are forgotten at the end of each full scan. max_page_sharing, NUMA nodes
 * and smart_scan are not modelled.
 *
 * Linux: mm/ksm.c cmp_and_merge_page
 */
export class Ksm {
  /** /sys/kernel/mm/ksm/use_zero_pages: pages of zeros become the page of zeros. */
  useZeroPages = false;
  /** How often all there is was scanned. Linux: /sys/kernel/mm/ksm/full_scans */
  fullScans = 0;
  private readonly memory: Memory;
  private readonly journal: Journal;
  private readonly stable: Map<string, number> = new Map();
  private readonly unstable: Map<string, Place> = new Map();
  /** Where the next scan goes on. */
  private nextSpace: AddressSpace | undefined = undefined;
  private nextPage = 0;

  constructor(memory: Memory) {
    this.memory = memory;
    this.journal = memory.ports.journal;
  }

  /** Looks at so many pages, as ksmd does at once (pages_to_scan); ends with the last of them all. */
  scan(pages: number): void {
    for (let left = pages; left > 0; left--) {
      const found = this.next();
      if (found === undefined) {
        this.endScan();
        return;
      }
      this.meet(found.mm, found.page);
    }
  }

  /** Scans all there is, so many times. */
  scanAll(times: number): void {
    const until = this.fullScans + times;
    while (this.fullScans < until) this.scan(Number.POSITIVE_INFINITY);
  }

  /** Gives every process copies of its own. Linux: echo 2 > /sys/kernel/mm/ksm/run */
  unmergeAll(): void {
    for (const mm of this.memory.spaces) {
      for (const area of mm.areas) {
        if ((mm.areas.flags[area] & VM_MERGEABLE) !== 0)
          unmerge(mm, area, mm.areas.start[area], mm.areas.end[area]);
      }
      forgetItems(mm);
    }
  }

  /** The next page to look at: private, present, and in a mergeable area. */
  private next(): Place | undefined {
    const spaces = [...this.memory.spaces];
    let i = this.nextSpace === undefined ? 0 : spaces.indexOf(this.nextSpace);
    // Who was in turn is gone: the rest waits for the next full scan.
    if (i < 0) return undefined;
    for (; i < spaces.length; i++) {
      const mm = spaces[i];
      const page = nextMergeable(mm, mm === this.nextSpace ? this.nextPage : 0);
      if (page < 0) continue;
      this.goTo(mm, page + 1);
      return { mm, page };
    }
    return undefined;
  }

  private goTo(mm: AddressSpace | undefined, page: number): void {
    this.journal.save(this, "nextSpace");
    this.journal.save(this, "nextPage");
    this.nextSpace = mm;
    this.nextPage = page;
  }

  private endScan(): void {
    this.goTo(undefined, 0);
    for (const contents of this.unstable.keys()) this.journal.saveEntry(this.unstable, contents);
    this.unstable.clear();
    this.journal.save(this, "fullScans");
    this.fullScans++;
  }

  private meet(mm: AddressSpace, page: number): void {
    const frame = mm.pages.valueOf(page);
    const contents = contentsOf(this.memory, frame);
    const merged = this.mergedFrame(contents);
    if (merged === frame) return remember(mm, page, { contents, merged: true });
    if (merged !== 0) {
      this.showInstead(mm, page, merged);
      return remember(mm, page, { contents, merged: true });
    }
    const before = mm.ksmItems.get(page);
    remember(mm, page, { contents, merged: false });
    if (before?.contents !== contents) return;
    if (this.useZeroPages && contents === "") {
      this.showZeros(mm, page);
      return;
    }
    const other = this.unstable.get(contents);
    const isStill = other !== undefined && contentsAt(other) === contents;
    if (!isStill || mm.pages.valueOf(page) === other.mm.pages.valueOf(other.page)) {
      this.journal.saveEntry(this.unstable, contents);
      this.unstable.set(contents, { mm, page });
      return;
    }
    this.makeMerged(mm, page, contents);
    this.showInstead(other.mm, other.page, mm.pages.valueOf(page));
    this.journal.saveEntry(this.unstable, contents);
    this.unstable.delete(contents);
    remember(mm, page, { contents, merged: true });
    remember(other.mm, other.page, { contents, merged: true });
  }

  /** The merged frame of some contents, or 0; those that nobody maps any more are gone. */
  private mergedFrame(contents: string): number {
    const { frames } = this.memory;
    const frame = this.stable.get(contents) ?? 0;
    if (frame === 0) return 0;
    const isThere = (frames.flags[frame] & F_KSM) !== 0 && frames.mapCount[frame] > 0;
    return isThere && contentsOf(this.memory, frame) === contents ? frame : 0;
  }

  /** A page becomes what others are merged with. Linux: try_to_merge_one_page without a kpage */
  private makeMerged(mm: AddressSpace, page: number, contents: string): void {
    this.makeSmall(mm, page);
    const { frames } = this.memory;
    const frame = mm.pages.valueOf(page);
    mm.pages.set(page, frame, mm.pages.bitsOf(page) & ~(P_WRITE | P_DIRTY));
    const flags = used(this.memory, frames.flags[frame]) & ~F_EXCLUSIVE;
    frames.setFlags(frame, flags | F_KSM | F_DIRTY);
    this.journal.saveEntry(this.stable, contents);
    this.stable.set(contents, frame);
  }

  /** Linux: mm/ksm.c replace_page */
  private showInstead(mm: AddressSpace, page: number, merged: number): void {
    this.makeSmall(mm, page);
    const old = mm.pages.valueOf(page);
    const bits = mm.pages.bitsOf(page);
    if ((bits & P_ZERO) !== 0) return;
    this.memory.frames.countMapping(merged, 1);
    countShown(mm);
    mm.pages.set(page, merged, P_PRESENT | P_YOUNG);
    dropMapping(mm, old, bits);
  }

  /** The page of zeros that KSM shows is told from others by its dirt (since 6.6). */
  private showZeros(mm: AddressSpace, page: number): void {
    this.makeSmall(mm, page);
    const old = mm.pages.valueOf(page);
    const bits = mm.pages.bitsOf(page);
    if ((bits & P_ZERO) !== 0) return;
    const mark = this.memory.features.ksmZeroPagesBreak ? P_DIRTY : 0;
    mm.pages.set(page, 0, P_PRESENT | P_ZERO | P_YOUNG | mark);
    dropMapping(mm, old, bits);
  }

  private makeSmall(mm: AddressSpace, page: number): void {
    const folio = this.memory.folios.find(mm.pages.valueOf(page));
    if (folio !== undefined) splitFolio(mm, folio);
  }
}

function countShown(mm: AddressSpace): void {
  mm.memory.ports.journal.save(mm, "anonymousPages");
  mm.anonymousPages++;
}

/** How many pages of a process are merged: /proc/PID/ksm_merging_pages. */
export function mergingPages(mm: AddressSpace): number {
  let count = 0;
  for (const { merged } of mm.ksmItems.values()) if (merged) count++;
  return count;
}

function remember(mm: AddressSpace, page: number, item: KsmItem): void {
  mm.memory.ports.journal.saveEntry(mm.ksmItems, page);
  mm.ksmItems.set(page, item);
}

function forgetItems(mm: AddressSpace): void {
  for (const page of [...mm.ksmItems.keys()]) {
    mm.memory.ports.journal.saveEntry(mm.ksmItems, page);
    mm.ksmItems.delete(page);
  }
}

/**
 * The next page from one on that KSM looks at, or -1; what it remembers of pages that it passes by,
 * it forgets.
 */
function nextMergeable(mm: AddressSpace, from: number): number {
  const { areas, pages, memory } = mm;
  for (let area = areas.find(from); area >= 0; area = areas.next(area)) {
    if ((areas.flags[area] & VM_MERGEABLE) === 0 || areas.anon[area] === 0) continue;
    const end = areas.end[area];
    let page = pages.nextUsed(Math.max(from, areas.start[area]), end);
    for (; page < end; page = pages.nextUsed(page + 1, end)) {
      const isFrame = (pages.bitsOf(page) & (P_PRESENT | P_ZERO)) === P_PRESENT;
      if (isFrame && (memory.frames.flags[pages.valueOf(page)] & F_ANON) !== 0) return page;
      if (mm.ksmItems.has(page)) {
        memory.ports.journal.saveEntry(mm.ksmItems, page);
        mm.ksmItems.delete(page);
      }
    }
  }
  return -1;
}

/** The bytes of a frame without the zeros behind them, as text. */
function contentsOf({ frames }: Memory, frame: number): string {
  const bytes = frames.contents.get(frame);
  if (bytes === undefined) return "";
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end).join(" ");
}

/** What a page holds that was put into the unstable tree; nothing if it is not there any more. */
function contentsAt({ mm, page }: Place): string | undefined {
  const isAlive = mm.memory.spaces.has(mm);
  const isFrame = (mm.pages.bitsOf(page) & (P_PRESENT | P_ZERO)) === P_PRESENT;
  return isAlive && isFrame ? contentsOf(mm.memory, mm.pages.valueOf(page)) : undefined;
}

/**
 * Gives a process copies of its own of what is merged in part of an area, and of the pages of zeros
 * that KSM shows. Linux: mm/ksm.c unmerge_ksm_pages, break_ksm
 */
export function unmerge(mm: AddressSpace, area: number, start: number, end: number): void {
  const { pages, memory } = mm;
  for (let page = pages.nextUsed(start, end); page < end; page = pages.nextUsed(page + 1, end)) {
    const bits = pages.bitsOf(page);
    if ((bits & P_PRESENT) === 0) continue;
    if ((bits & P_ZERO) !== 0) {
      if ((bits & P_DIRTY) !== 0) breakZeros(mm, area, page);
      continue;
    }
    const frame = pages.valueOf(page);
    if ((memory.frames.flags[frame] & F_KSM) === 0) continue;
    if (memory.features.unmergedPagesClean) unshare(mm, area, page);
    else {
      mapNew(mm, area, page, frame);
      dropMapping(mm, frame, bits);
    }
  }
}

function breakZeros(mm: AddressSpace, area: number, page: number): void {
  mapNew(mm, area, page, 0);
  const clean = mm.pages.bitsOf(page) & ~(P_WRITE | P_DIRTY);
  mm.pages.set(page, mm.pages.valueOf(page), clean);
}
