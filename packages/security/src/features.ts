import { CAP_LAST_CAP } from "@kadvise/uapi";

/**
 * What differs between kernels, named by what they do and never by a release.
 *
 * `profile(…).security` of @kadvise/releases fits; a field that it lacks has the newest behaviour.
 */
export interface SecurityFeatures {
  /**
   * Whether CAP_PERFMON or CAP_SYS_ADMIN opens a READ of an address space that everything else
   * refused. Whoever looks an address space up reads it (mm_access); the access check itself does
   * not know it. Since 6.16 or shortly before.
   */
  readonly perfmonReads: boolean;
  /**
   * How a task without memory (a zombie, a kernel thread) answers for its dumpable state: not at
   * all; by a bit saved when it gave its memory up (7.0.13, 7.1, and stable trees of May 2026); by
   * a state of its own (7.2).
   */
  readonly deadTaskDumpable: "skip" | "saved-bit" | "exec-state";
  /**
   * Whether setresuid and setresgid return at once where nothing would change, and so keep the fs
   * id (6.2).
   */
  readonly setresNoOp: boolean;
  /**
   * Whether execve takes the old effective ids and the supplementary groups to tell that a program
   * changes identity, instead of the old real ids (6.17; 6.16.12 has not).
   */
  readonly execComparesEffective: boolean;
  /** Whether the kernel has Landlock (5.13). */
  readonly landlock: boolean;
  /** The two securebits that restrict exec; whoever lacks CAP_SETPCAP may set them too (6.14). */
  readonly execSecurebits: boolean;
  /**
   * Whether those two bits and their locks survive a new user namespace (7.3; 7.2.12 clears all).
   */
  readonly namespaceKeepsExecSecurebits: boolean;
  /** The highest capability: 37 up to 5.7, 39 in 5.8, 40 since 5.9. */
  readonly lastCapability: number;
  /**
   * Whether mapping the parent's root takes CAP_SETFCAP of whoever made the namespace (5.12; stable
   * 5.10).
   */
  readonly rootMapNeedsSetfcap: boolean;
}

const NEWEST: SecurityFeatures = {
  perfmonReads: true,
  deadTaskDumpable: "exec-state",
  setresNoOp: true,
  execComparesEffective: true,
  landlock: true,
  execSecurebits: true,
  namespaceKeepsExecSecurebits: true,
  lastCapability: CAP_LAST_CAP,
  rootMapNeedsSetfcap: true,
};

/**
 * The newest behaviour, with overrides.
 *
 * @example
 * securityFeatures({ deadTaskDumpable: "skip" }).setresNoOp; // true
 */
export function securityFeatures(overrides: Partial<SecurityFeatures> = {}): SecurityFeatures {
  return isWhole(overrides) ? overrides : Object.freeze({ ...NEWEST, ...overrides });
}

/** A set that leaves nothing out is taken as it is: nothing of it is read before it is asked for. */
function isWhole(features: Partial<SecurityFeatures>): features is SecurityFeatures {
  return Object.keys(NEWEST).every((name) => Object.hasOwn(features, name));
}

/** Run-time settings of the machine that rules of this package read. */
export interface SecuritySettings {
  /**
   * fs.suid_dumpable: what a process becomes when its identity changes. Only 1 leaves it open to
   * its peers.
   */
  readonly suidDumpable: 0 | 1 | 2;
}
