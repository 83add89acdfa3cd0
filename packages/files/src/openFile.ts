import type { Journal } from "@kadvise/ports";
import { O } from "@kadvise/uapi";
import type { Inode } from "./inode.ts";

/** How an open file is made. */
export interface OpenFileOptions {
  /** O_* flags as the kernel keeps them: open on a 64-bit machine adds O_LARGEFILE, pipe does not. */
  readonly flags: number;
  readonly path: string;
  /** False for directories, pipes and other things without an mmap. */
  readonly mappable?: boolean;
  /** Nobody said whether it is a regular file: whether it can be mapped is open. */
  readonly kindUnstated?: boolean;
  /** On a file system mounted noexec. */
  readonly noExec?: boolean;
  /** `device inode`, as maps prints it. */
  readonly identity?: string;
}

/**
 * An open file description: what a descriptor names, shared by dup and fork. Fits the memory
 * model's Backing.
 *
 * Linux: include/linux/fs.h struct file
 */
export class OpenFile {
  readonly kind = "file";
  readonly object: Inode;
  /** What F_SETFL may change of them, it changes here. */
  flags: number;
  readonly name: string;
  readonly readable: boolean;
  readonly writable: boolean;
  mappable: boolean;
  /** Whether nobody said so far if it can be mapped. */
  kindUnstated: boolean;
  readonly noExec: boolean;
  readonly identity: string;
  /** Opened with O_PATH: a name for the file and nothing else. */
  readonly isPath: boolean;

  constructor(inode: Inode, options: OpenFileOptions) {
    const mode = options.flags & O.O_ACCMODE;
    this.object = inode;
    this.flags = options.flags;
    this.name = options.path;
    this.isPath = (options.flags & O.O_PATH) !== 0;
    // Access mode 3 is for ioctl alone: neither of the two.
    this.readable = (mode === O.O_RDONLY || mode === O.O_RDWR) && !this.isPath;
    this.writable = (mode === O.O_WRONLY || mode === O.O_RDWR) && !this.isPath;
    this.mappable = options.mappable ?? true;
    this.kindUnstated = options.kindUnstated ?? false;
    this.noExec = options.noExec ?? false;
    this.identity = options.identity ?? "00:00 0";
  }

  /** States whether it is a regular file, and so whether it can be mapped. */
  state(journal: Journal, mappable: boolean): void {
    journal.save(this, "mappable");
    journal.save(this, "kindUnstated");
    this.mappable = mappable;
    this.kindUnstated = false;
  }
}

/**
 * A descriptor that was open before anybody watched: what it names was never stated.
 */
export class UnstatedFile {
  readonly kind = "unstated";
}
