import type { Journal } from "@kadvise/ports";
import type { HugeReservation } from "./hugetlb/reservation.ts";

/**
 * What an area can show besides private anonymous memory, as far as the memory model asks of it.
 * Open files, shared memory and special mappings fit this shape without being imported here.
 */
export interface Backing {
  /** The pages behind it. Two openings of one file are two backings of one object. */
  readonly object: PageObject;
  /** How /proc/PID/maps names it: a path, `/dev/zero (deleted)`, `[vdso]`. */
  readonly name: string;
  /** Opened for reading. */
  readonly readable: boolean;
  /** Opened for writing. */
  readonly writable: boolean;
  /** False for what has no mmap at all: directories, pipes, most of /proc. */
  readonly mappable?: boolean;
  /** On a file system mounted noexec: the mapping can never become executable. */
  readonly noExec?: boolean;
  /**
   * Every area more or less is told (vm_ops->close): such areas seldom join. Linux: mm/vma.c
   * is_mergeable_vma
   */
  readonly closes?: boolean;
  /** Neighbours of a page that is read are not mapped with it (no vm_ops->map_pages). */
  readonly faultsAlone?: boolean;
  /** Device and inode as /proc/PID/maps prints them: `00:01 1024`. */
  readonly identity?: string;
  /** What a private mapping of huge pages has reserved. */
  readonly reservation?: HugeReservation;
  /** Huge pages that came by fork, and that the parent took back: nobody may touch the rest. */
  readonly lostPages?: boolean;
}

/** The thing behind a {@link Backing}: a file's inode, a shared-memory object. */
export interface PageObject {
  /**
   * `file`: on a disk, so a clean page can be dropped. `shmem`: lives in memory and swap only.
   * `hugetlb`, `secret`: memory of their own kinds. `special`: the kernel's own pages (vdso).
   */
  readonly kind: "file" | "shmem" | "hugetlb" | "secret" | "special";
  /** The size in bytes; pages behind it raise SIGBUS. */
  readonly sizeBytes: number;
  /** Changes the size: a writable mapping of huge pages makes their file as long as itself. */
  resize?(journal: Journal, sizeBytes: number): void;
  /** Of huge pages, the binary logarithm of their bytes; the usual ones where it is missing. */
  readonly hugeShift?: number;
  /** Huge pages that were reserved when it was made: who maps it asks for none. */
  readonly reservesWhole?: boolean;
  /** The bytes of a page as the disk has them, or undefined for zeros. */
  load?(index: number): Uint8Array | undefined;
  /** Takes the bytes of a page that is written back. */
  store?(index: number, bytes: Uint8Array): void;
  /** Whether a hole may be punched; false for files on systems that cannot. */
  readonly canPunch?: boolean;
  /** Sealed against writing (memfd): a shared mapping loses the right to become writable. */
  readonly writeSealed?: boolean;
  /** Sealed against writing altogether (F_SEAL_WRITE): older kernels let nobody map it shared. */
  readonly deniesWritable?: boolean;
  /** Opened append-only or immutable: punching a hole is refused. */
  readonly appendOnly?: boolean;
  /** How many areas show it, where that is counted: for what ends with the last of them. */
  mappings?: number;
  /** Counts its areas, and lives on when there is none. */
  readonly outlivesMappings?: boolean;
  /**
   * Chooses places by itself: its areas do not move together with others. Linux: mm/mremap.c
   * vma_multi_allowed
   */
  readonly movesAlone?: boolean;
  /** Locked as an object (SHM_LOCK): reclaim leaves its pages alone. */
  readonly unevictable?: boolean;
  /** Pages that were promised when it was made; others are promised page by page. */
  readonly promisedPages?: number;
}
