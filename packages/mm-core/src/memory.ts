import { Facts, type Ports, quietPorts } from "@kadvise/ports";
import {
  profile,
  SETTING_ALTERNATIVES,
  USUAL_SETTINGS,
  type MmFeatures,
  type ProcessMadviseFeatures,
  type Settings,
} from "@kadvise/releases";
import { MADV } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import type { PageObject } from "./backing.ts";
import { committedPages } from "./commit.ts";
import { Frames } from "./frames.ts";
import type { ObjectKeeper } from "./hugetlb/hugeFile.ts";
import { HugePool } from "./hugetlb/hugePool.ts";
import { hugeShifts } from "./hugetlb/hugeSize.ts";
import { Ksm } from "./ksm.ts";
import { LargeFolios } from "./largeFolio.ts";
import { PageCache } from "./pageCache.ts";
import { Swap } from "./swap.ts";
import { Tally } from "./tally.ts";
import { Work } from "./work.ts";

/** What a machine's memory is made from. */
export interface MemoryOptions {
  readonly features?: MmFeatures;
  readonly settings?: Settings;
  /** Settings that nobody stated. */
  readonly assumed?: readonly (keyof Settings)[];
  /** Where process_madvise takes locks and flushes: once a range or once a vector. */
  readonly batching?: Pick<ProcessMadviseFeatures, "lock" | "flush">;
  readonly ports?: Ports;
}

/** The machine's memory: frames, page caches and swap that all address spaces share. */
export class Memory {
  readonly ports: Ports;
  readonly features: MmFeatures;
  readonly settings: Facts<Settings>;
  readonly pageShift: number;
  readonly pageBytes: number;
  readonly frames: Frames;
  readonly swap: Swap;
  readonly folios: LargeFolios;
  readonly ksm: Ksm;
  /** Page caches by the number of their object. */
  readonly caches: PageCache[] = [];
  /** The address spaces that live on this memory, in the order in which they were made. */
  readonly spaces: Set<AddressSpace> = new Set();
  /** The pools of huge pages: of the usual size, and gigantic ones, of which there are none. */
  readonly hugePools: readonly [usual: HugePool, gigantic: HugePool];
  /** Who knows which objects somebody has open; without one, all of them are. */
  keeper: ObjectKeeper | undefined = undefined;
  readonly work: Work = new Work();
  readonly tally: Tally = new Tally();
  /** Bit n of the table: madvise knows advice n, if the configuration has it. */
  readonly knownAdvice: Uint8Array;

  private readonly cacheOf: Map<PageObject, PageCache> = new Map();
  /** Pages promised to shared anonymous memory: each object as a whole, when it is made. */
  sharedPromises = 0;

  private lastAnon = 0;
  private lastSharedFile = 1023;

  constructor(options: MemoryOptions = {}) {
    this.ports = options.ports ?? quietPorts();
    this.features = options.features ?? profile("6.12").mm;
    this.settings = new Facts<Settings>(
      this.ports,
      "setting",
      options.settings ?? USUAL_SETTINGS,
      options.assumed ?? [],
      SETTING_ALTERNATIVES,
    );
    this.pageShift = this.settings.values.pageShift;
    // A power would be a floating-point number to the engine, and every division by it a slow one.
    this.pageBytes = 1 << this.pageShift;
    this.frames = new Frames(this.ports.journal);
    this.swap = new Swap(this.ports.journal);
    this.folios = new LargeFolios(this.ports.journal);
    this.ksm = new Ksm(this);
    const [usual, gigantic] = hugeShifts(this.pageShift);
    const { hugePages, overcommitHugePages } = this.settings.values;
    const isOpen = this.settings.open.has("hugePages");
    this.hugePools = [
      new HugePool(this.ports, {
        ...{ shift: usual, pages: hugePages, overcommit: overcommitHugePages, isOpen },
      }),
      new HugePool(this.ports, { shift: gigantic, pages: 0, overcommit: 0, isOpen }),
    ];
    this.knownAdvice = new Uint8Array(128);
    for (const name of this.features.advice) this.knownAdvice[MADV[name as keyof typeof MADV]] = 1;
  }

  /** The page cache of an object; made when something of it is first mapped. */
  cache(object: PageObject): PageCache {
    const found = this.cacheOf.get(object);
    if (found !== undefined) return found;
    const cache = new PageCache(this.ports.journal, this.caches.length, object);
    this.ports.journal.saveEntry(this.cacheOf, object);
    this.ports.journal.onUndo(() => this.caches.pop());
    this.cacheOf.set(object, cache);
    this.caches.push(cache);
    return cache;
  }

  /** The pool that the huge pages of an object come from. */
  hugePoolOf({ hugeShift }: PageObject): HugePool {
    const [usual, gigantic] = this.hugePools;
    return hugeShift === gigantic.shift ? gigantic : usual;
  }

  /** Committed_AS of /proc/meminfo: all pages that were promised to anybody. */
  get committedPages(): number {
    return committedPages(this);
  }

  /** A new reverse-map identity (anon_vma), or the first of so many. */
  newAnon(count = 1): number {
    const { journal } = this.ports;
    if (journal.recording) journal.save(this, "lastAnon");
    const first = this.lastAnon + 1;
    this.lastAnon += count;
    return first;
  }

  /** The inode number of a new file of the kernel's own tmpfs. Linux: fs/inode.c get_next_ino */
  newSharedFile(): number {
    this.ports.journal.save(this, "lastSharedFile");
    return ++this.lastSharedFile;
  }
}
