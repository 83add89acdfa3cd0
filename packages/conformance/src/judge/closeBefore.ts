import type { CallEvent } from "@kadvise/strace";
import { makesDescriptors } from "./effects.ts";
import type { NeedsMore } from "./eventQueue.ts";
import type { PendingCalls } from "./pendingCalls.ts";
import { prepareCall } from "./preparedCall.ts";
import { plainName } from "./scope.ts";
import { numberOf } from "./touch.ts";
import type { World } from "./world.ts";
import type { Worlds } from "./worlds.ts";

/** A call that returned, perhaps with a new descriptor, and who made it. */
export interface Opening {
  readonly event: CallEvent;
  readonly pid: number;
  /** The process of lines without a pid. */
  readonly anonymous: number;
}

/**
 * Lets a close have happened that is still under way, where its number was given out anew: the kernel
 * frees the number first, and then lets go of the file, which takes its time.
 *
 * Linux: fs/open.c close, fs/file.c file_close_fd
 */
export function* closeBefore(
  { event, pid, anonymous }: Opening,
  pending: PendingCalls,
  worlds: Worlds,
): Generator<NeedsMore, void, void> {
  if (!makesDescriptors(plainName(event.name)) || event.result.error !== undefined) return;
  const isShared = (world: World, other: number): boolean =>
    world.process(other)?.task.files === world.process(pid)?.task.files;
  for (const call of pending.list()) {
    if (call.name !== "close" || call.pid === pid) continue;
    const returns = yield* pending.returnOf(call, anonymous);
    if (returns === undefined || numberOf(returns, 0) !== Number(event.result.value)) continue;
    const prepared = prepareCall(returns, call.pid, false);
    if (prepared === undefined || !worlds.every((world) => isShared(world, call.pid))) continue;
    worlds.takeEarly({ pid: call.pid, event: returns, prepared }, []);
  }
}
