import type { PageObject } from "./backing.ts";

/** Limits that the memory model asks of the caller. Linux: include/uapi/asm-generic/resource.h */
export type MemoryLimit = "RLIMIT_AS" | "RLIMIT_DATA" | "RLIMIT_MEMLOCK" | "RLIMIT_STACK";

/** Capabilities that the memory model asks of the caller. */
export type MemoryCapability = "CAP_IPC_LOCK" | "CAP_SYS_ADMIN" | "CAP_SYS_RAWIO";

/**
 * Who asks: what a memory call must know of its caller, who need not be the owner of the address
 * space.
 */
export interface Actor {
  /** Whether the caller has a capability. */
  capable(capability: MemoryCapability): boolean;
  /**
   * Whether the caller owns a file's inode or may write it. Linux: mm/madvise.c can_do_file_pageout
   */
  ownsOrMayWrite(object: PageObject): boolean;
  /** A limit in bytes, `Infinity` for none: the soft one, unless the hard one is asked for. */
  limit(limit: MemoryLimit, which?: "soft" | "hard"): number;
  /** Whether a signal that will kill the caller is pending. */
  fatalSignalPending(): boolean;
  /** Whether the caller's rights for a protection key allow it; they do if unset. */
  mayUseKey?(key: number, write: boolean): boolean;
  /** The caller loses the right to read and write what has a protection key. */
  denyKey?(key: number): void;
}

/** An actor with every right and no limit. */
export const OMNIPOTENT: Actor = {
  capable: () => true,
  ownsOrMayWrite: () => true,
  limit: () => Number.POSITIVE_INFINITY,
  fatalSignalPending: () => false,
};
