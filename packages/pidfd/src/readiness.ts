import type { PidfdFeatures } from "@kadvise/releases";
import { POLL } from "@kadvise/uapi";
import type { Pidfd } from "./pidfd.ts";

const ENDED: number = POLL.POLLIN | POLL.POLLRDNORM;

/**
 * What poll finds on a pidfd: nothing while its process lives, that it can be read from the end of
 * its last thread on, and since 6.9 a hang-up once it was waited for.
 *
 * A pidfd of a thread tells of that thread; from 6.9 to 6.14 it did so of a leader too whose
 * process lived on. Linux: fs/pidfs.c pidfd_poll; before 6.9 kernel/fork.c pidfd_poll
 */
export function pidfdReadiness<T>(
  { pid, threadOnly }: Pidfd<T>,
  { hangUp, leaderWaitsForThreads }: PidfdFeatures,
): number {
  const { thread } = pid;
  if (thread === undefined) return hangUp ? ENDED | POLL.POLLHUP : ENDED;
  if (thread.group.state !== "alive") return ENDED;
  const tellsOfThread = threadOnly && (!thread.isLeader || !leaderWaitsForThreads);
  return tellsOfThread && !thread.alive ? ENDED : 0;
}
