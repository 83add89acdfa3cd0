import type { Journal } from "@kadvise/ports";
import { F_SEAL } from "@kadvise/uapi";

/** What a file is made of, as far as the memory calls ask. */
export type InodeKind = "file" | "shmem" | "hugetlb" | "secret" | "special";

/** How an inode is made. */
export interface InodeOptions {
  readonly kind?: InodeKind;
  /** In bytes; NaN where nobody stated it, and then no page lies behind the end. */
  readonly sizeBytes?: number;
  /** Permission bits. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** F_SEAL_* bits; F_SEAL_SEAL alone on what cannot be sealed. */
  readonly seals?: number;
  readonly canPunch?: boolean;
  readonly appendOnly?: boolean;
  /** A pipe, or a FIFO. */
  readonly isPipe?: boolean;
  /** The contents that the disk holds. */
  readonly content?: Uint8Array;
  readonly number?: number;
  /** Of huge pages, the binary logarithm of their bytes. */
  readonly hugeShift?: number;
}

const WRITE_SEALS = F_SEAL.F_SEAL_WRITE | F_SEAL.F_SEAL_FUTURE_WRITE;

/**
 * An in-memory file: its size, permissions, seals, and the bytes that would be on its disk. The
 * pages of it that are in memory belong to the memory model, which knows the inode by its identity.
 *
 * Linux: include/linux/fs.h struct inode
 */
export class Inode {
  readonly kind: InodeKind;
  readonly number: number;
  sizeBytes: number;
  mode: number;
  uid: number;
  gid: number;
  seals: number;
  readonly canPunch: boolean;
  readonly appendOnly: boolean;
  readonly isPipe: boolean;
  readonly hugeShift?: number;
  /** Set-id and file capabilities count at execve; a plain file has none. */
  private readonly disk: Map<number, Uint8Array> = new Map();
  private readonly content: Uint8Array | undefined;
  private readonly pageBytes: number;

  constructor(options: InodeOptions = {}, pageBytes = 4096) {
    this.kind = options.kind ?? "file";
    this.number = options.number ?? 0;
    this.sizeBytes = options.sizeBytes ?? options.content?.length ?? 0;
    this.mode = options.mode ?? 0o644;
    this.uid = options.uid ?? 0;
    this.gid = options.gid ?? 0;
    this.seals = options.seals ?? F_SEAL.F_SEAL_SEAL;
    this.canPunch = options.canPunch ?? options.kind !== "secret";
    this.appendOnly = options.appendOnly ?? false;
    this.isPipe = options.isPipe ?? false;
    if (options.hugeShift !== undefined) this.hugeShift = options.hugeShift;
    this.content = options.content;
    this.pageBytes = pageBytes;
  }

  /** Whether writing through a mapping is sealed off. */
  get writeSealed(): boolean {
    return (this.seals & WRITE_SEALS) !== 0;
  }

  /** Whether nobody may write it any more, also those who mapped it before. */
  get deniesWritable(): boolean {
    return (this.seals & F_SEAL.F_SEAL_WRITE) !== 0;
  }

  /** The bytes of a page as the disk has them; undefined for zeros. */
  load(index: number): Uint8Array | undefined {
    const written = this.disk.get(index);
    if (written !== undefined) return written.length === 0 ? undefined : written;
    if (this.content === undefined) return undefined;
    const start = index * this.pageBytes;
    if (start >= this.content.length) return undefined;
    const page = new Uint8Array(this.pageBytes);
    page.set(this.content.subarray(start, start + this.pageBytes));
    return page;
  }

  /** Takes the bytes of a page; an empty array makes the page read as zeros. */
  store(index: number, bytes: Uint8Array): void {
    this.disk.set(index, bytes);
  }

  /** Changes the size, as ftruncate does. */
  resize(journal: Journal, sizeBytes: number): void {
    journal.save(this, "sizeBytes");
    this.sizeBytes = sizeBytes;
  }

  /** Adds seals. */
  seal(journal: Journal, seals: number): void {
    journal.save(this, "seals");
    this.seals |= seals;
  }
}
