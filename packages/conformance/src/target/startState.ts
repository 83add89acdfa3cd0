import type { Limit } from "@kadvise/syscalls";
import type { RlimitName } from "@kadvise/uapi";

/** One area as a kernel shows it. Plain and JSON-safe: user addresses are below 2^53. */
export interface ObservedArea {
  readonly start: number;
  readonly end: number;
  /** `r-xp` */
  readonly permissions: string;
  /** Bytes into the file. */
  readonly offset: number;
  /** Device and inode as maps prints them: `00:1a 7`. */
  readonly identity: string;
  readonly name: string;
  /** The codes of smaps' VmFlags line. */
  readonly vmFlags: readonly string[];
  /** Whether it has anonymous pages, and so a reverse map of its own. */
  readonly hasAnonymous: boolean;
  /** How many; absent in older recordings. */
  readonly anonymousPages?: number;
}

/** Who an actor is: the sets are 64-bit masks in hex, as /proc/PID/status prints them. */
export interface ObservedCredentials {
  /** Real, effective, saved, file system. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly inheritable: string;
  readonly permitted: string;
  readonly effective: string;
  readonly bounding: string;
  readonly ambient: string;
  readonly securebits: number;
  readonly noNewPrivs: boolean;
  readonly dumpable: number;
}

/** How an actor begins. */
export interface StartState {
  readonly areas: readonly ObservedArea[];
  /** The heap's start and the break. */
  readonly startBreak: number;
  readonly break: number;
  /** An address in the stack. */
  readonly startStack: number;
  /** Where the program's code lies; absent in older recordings. */
  readonly startCode?: number;
  readonly endCode?: number;
  /** Its last segment in bytes: brk counts it as data. Absent in older recordings. */
  readonly dataBytes?: number;
  /** The process' name; absent in older recordings. */
  readonly name?: string;
  readonly credentials: ObservedCredentials;
  readonly limits: { readonly [name in RlimitName]?: Limit };
  /** The supervisor's process number: the parent of the first actors. */
  readonly supervisor: number;
  /** Whether the areas' pages are shared with the supervisor, as fork leaves them. */
  readonly inherited: boolean;
}
