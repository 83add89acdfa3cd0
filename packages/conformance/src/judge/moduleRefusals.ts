import type { CallEvent } from "@kadvise/strace";
import { targetIn } from "./touch.ts";
import { plainName } from "./scope.ts";
import type { Judgement } from "./verdict.ts";
import type { Worlds } from "./worlds.ts";

/**
 * Calls that ask for access to another process, and what they answer where it is denied. Linux:
 * kernel/fork.c mm_access, kernel/pid.c __pidfd_fget
 */
const DENIED: ReadonlyMap<string, string> = new Map([
  ["process_madvise", "EACCES"],
  ["pidfd_getfd", "EPERM"],
]);

/** What is found before access is asked for. */
const FOUND_BEFORE = /E(BADF|INVAL|SRCH|FAULT|NOSYS)\b/;

/**
 * Whether a security module may have refused what no other rule refuses: access to another process.
 * Which modules there are, and what they go by, a log does not show. Nobody is asked for access to
 * himself. Linux: kernel/ptrace.c __ptrace_may_access, security_ptrace_access_check
 */
export function moduleMayRefuse(
  { allowed }: Judgement,
  event: CallEvent,
  pid: number,
  worlds: Worlds,
): boolean {
  const { error } = event.result;
  if (error === undefined || DENIED.get(plainName(event.name)) !== error) return false;
  if (allowed.every((text) => FOUND_BEFORE.test(text))) return false;
  return worlds.some((world) => {
    const target = targetIn(world, pid, event);
    return target !== undefined && target !== world.process(pid)?.task.thread.group;
  });
}
