import type { Party } from "./party.ts";

/**
 * How target and caller are related.
 *
 * - `strangers`: two children of one parent.
 * - `child`: the caller made the target, before either became who it is.
 * - `parent`: the target made the caller.
 * - `within`: the caller made the target after it had entered its own user namespaces: the target
 *   starts in them, with the caller's ids, and its own namespaces lie below.
 * - `memory`: a child that shares the caller's memory (CLONE_VM).
 * - `self`: the caller itself.
 * - `kernel`: kthreadd.
 */
export type Kinship = "strangers" | "child" | "parent" | "within" | "memory" | "self" | "kernel";

/** A target, and how it stands to its caller. */
export interface TargetKind {
  readonly name: string;
  readonly kinship: Kinship;
  readonly party: Party;
  /** What fs.suid_dumpable is meanwhile, where it is not 0: asked of emulated machines alone. */
  readonly suidDumpable?: 2;
}

/** A caller by name. */
export interface CallerKind {
  readonly name: string;
  readonly party: Party;
}

/** One pair of the matrix. */
export interface Pair {
  readonly caller: CallerKind;
  readonly target: TargetKind;
  /** kernel.yama.ptrace_scope, where it is set; asked of emulated machines alone. */
  readonly scope?: 0 | 1 | 2 | 3;
  /** Whom the target lets trace it (PR_SET_PTRACER): its caller, or anybody. */
  readonly declares?: "caller" | "anybody";
}
