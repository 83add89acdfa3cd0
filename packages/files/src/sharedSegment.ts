import type { Journal } from "@kadvise/ports";
import { SHM_MODE } from "@kadvise/uapi";

/** How a segment is made. */
export interface SegmentOptions {
  readonly id: number;
  /** 0 (IPC_PRIVATE) for one that no key leads to. */
  readonly key: number;
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The process that made it. */
  readonly maker: number;
  /** Pages that were promised for it; none with SHM_NORESERVE. */
  readonly promisedPages?: number;
  /** Of huge pages, the binary logarithm of their bytes. */
  readonly hugeShift?: number;
}

/** What of a segment its owner may change. */
export interface SegmentOwner {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * A segment of System V shared memory: a file in memory that lives until it is removed and nobody
 * shows it any more. Every area that shows it counts as an attachment.
 *
 * Linux: ipc/shm.c struct shmid_kernel
 */
export class SharedSegment {
  readonly kind: "shmem" | "hugetlb";
  readonly hugeShift?: number;
  /** Its huge pages are reserved when it is made, not when it is mapped. */
  readonly reservesWhole = true;
  readonly canPunch = true;
  readonly movesAlone = true;
  readonly id: number;
  readonly sizeBytes: number;
  readonly promisedPages?: number;
  readonly makerUid: number;
  readonly makerGid: number;
  readonly maker: number;
  /** The key that it was made with: it is part of its name. */
  readonly madeWithKey: number;
  key: number;
  uid: number;
  gid: number;
  mode: number;
  /** The process that attached or detached it last; 0 for none. */
  lastUser = 0;
  /** How many areas show it (shm_nattch). */
  mappings = 0;
  /** Removed: with the last attachment it ends (SHM_DEST). */
  isRemoved = false;
  /** The user whose locked memory it is; it stays in memory then (SHM_LOCKED). */
  lockedBy: number | undefined = undefined;

  constructor(options: SegmentOptions) {
    this.id = options.id;
    this.kind = options.hugeShift === undefined ? "shmem" : "hugetlb";
    if (options.hugeShift !== undefined) this.hugeShift = options.hugeShift;
    this.key = options.key;
    this.madeWithKey = options.key;
    this.sizeBytes = options.sizeBytes;
    this.mode = options.mode;
    this.uid = options.uid;
    this.gid = options.gid;
    this.makerUid = options.uid;
    this.makerGid = options.gid;
    this.maker = options.maker;
    if (options.promisedPages !== undefined) this.promisedPages = options.promisedPages;
  }

  /** Whether it lives on though no area shows it. */
  get outlivesMappings(): boolean {
    return !this.isRemoved;
  }

  /** Whether it is no more. */
  get isGone(): boolean {
    return this.isRemoved && this.mappings === 0;
  }

  /** Whether reclaim leaves its pages alone. */
  get unevictable(): boolean {
    return this.lockedBy !== undefined;
  }

  /** The mode as IPC_STAT shows it. */
  get shownMode(): number {
    const removed = this.isRemoved ? SHM_MODE.SHM_DEST : 0;
    return this.mode | removed | (this.unevictable ? SHM_MODE.SHM_LOCKED : 0);
  }

  /** IPC_RMID: no key leads to it any more, its number does while it lives. */
  remove(journal: Journal): void {
    journal.save(this, "isRemoved");
    journal.save(this, "key");
    this.isRemoved = true;
    this.key = 0;
  }

  /** IPC_SET. */
  own(journal: Journal, { uid, gid, mode }: SegmentOwner): void {
    journal.save(this, "uid");
    journal.save(this, "gid");
    journal.save(this, "mode");
    this.uid = uid;
    this.gid = gid;
    this.mode = mode;
  }

  /** SHM_LOCK; SHM_UNLOCK without a user. */
  lock(journal: Journal, user: number | undefined): void {
    journal.save(this, "lockedBy");
    this.lockedBy = user;
  }

  /** A process attached or detached it. */
  use(journal: Journal, process: number): void {
    journal.save(this, "lastUser");
    this.lastUser = process;
  }
}
