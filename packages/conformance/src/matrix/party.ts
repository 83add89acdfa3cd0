import type { CapabilityName } from "@kadvise/uapi";

/** Real, effective, saved, and file system id. */
export type Ids = readonly [real: number, effective: number, saved: number, fs: number];

/** Capabilities by name, or all that the target's root has. */
export type Capabilities = readonly CapabilityName[] | "all";

/**
 * Who one of a pair is, as data: enough to make a process so out of root's, and to change one thing
 * about it.
 */
export interface Party {
  readonly uids: Ids;
  readonly gids: Ids;
  readonly groups: readonly number[];
  readonly permitted: Capabilities;
  readonly effective: Capabilities;
  /**
   * What prctl makes it; 2 is what a change of identity leaves where fs.suid_dumpable is 2.
   */
  readonly dumpable: 0 | 1 | 2;
  /** How many user namespaces of its own it is in, one in the other; it owns them. */
  readonly namespaces: number;
  /** Whether it is its namespace's root, and has executed a program there. */
  readonly executes: boolean;
  readonly life: "running" | "stopped" | "zombie" | "reaped";
}

/** Root with all that it has. */
export const ROOT: Party = {
  uids: same(0),
  gids: same(0),
  groups: [],
  permitted: "all",
  effective: "all",
  dumpable: 1,
  namespaces: 0,
  executes: false,
  life: "running",
};

/** A user without any capability. */
export const USER: Party = {
  ...ROOT,
  uids: same(1000),
  gids: same(1000),
  permitted: [],
  effective: [],
};

/** One id in all four places. */
export function same(id: number): Ids {
  return [id, id, id, id];
}

/** A party with capabilities, permitted and effective. */
export function having(party: Party, ...names: readonly CapabilityName[]): Party {
  return { ...party, permitted: names, effective: names };
}
