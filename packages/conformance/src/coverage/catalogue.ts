import { REASONS } from "@kadvise/kernel";
import { CHANGES } from "@kadvise/releases";
import { SYSTEM_CALLS } from "@kadvise/syscalls";
import { MADV } from "@kadvise/uapi";
import { AREA_KINDS } from "./areaKinds.ts";

/** Whose memory an advice is for: the caller's own, or another process'. */
export type Whose = "own" | "remote";

/** Advice that some release lets one give to others. */
export const REMOTE_ADVICE: readonly string[] = CHANGES.flatMap(
  ({ addsRemoteAdvice = [] }) => addsRemoteAdvice,
);

/** Every advice × kind of area that there is: `MADV_COLD own locked`. */
export const CELLS: readonly string[] = [
  ...Object.keys(MADV).flatMap((advice) => AREA_KINDS.map((kind) => `${advice} own ${kind}`)),
  ...REMOTE_ADVICE.flatMap((advice) => AREA_KINDS.map((kind) => `${advice} remote ${kind}`)),
];

/** A cell without its outcome, which is its last word. */
export function cellOf(counted: string): string {
  return counted.slice(0, counted.lastIndexOf(" "));
}

/**
 * The calls that answer with a subsystem's reasons, where these do not bear the call's own name.
 * None for what only stands behind another refusal.
 */
const CALLS: { readonly [subsystem: string]: readonly string[] } = {
  mlock: ["mlock", "mlock2", "mlockall"],
  madvise: ["madvise", "process_madvise"],
  iovec: ["process_madvise"],
  mm_access: ["process_madvise"],
  pidfd: ["process_madvise"],
  wait: ["wait4", "waitid"],
  mprotect: ["mprotect", "pkey_mprotect"],
  execve: ["execve", "execveat"],
  clone: ["clone", "clone3"],
  pid: ["fork", "clone", "clone3"],
  prlimit: ["prlimit64"],
  kill: ["kill", "tkill", "tgkill"],
  tgkill: ["tkill", "tgkill"],
  pidfd_info: ["ioctl"],
  shm: ["shmget", "shmat", "shmctl"],
  // An attachment is a mapping, and may be refused as one.
  mmap: ["mmap", "shmat"],
  // What brk refuses it answers with the old break.
  brk: [],
};

/** Which reasons may stand behind an error of a call, by `madvise EINVAL`. */
export const ERRORS: ReadonlyMap<string, readonly string[]> = errors();

function errors(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [id, { errno }] of Object.entries(REASONS)) {
    const subsystem = id.split("/")[0];
    const calls = CALLS[subsystem] ?? (SYSTEM_CALLS.has(subsystem) ? [subsystem] : []);
    for (const call of calls) {
      const error = `${call} ${errno}`;
      found.set(error, [...(found.get(error) ?? []), id]);
    }
  }
  return found;
}
