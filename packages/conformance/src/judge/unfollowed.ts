import { UnstatedFile } from "@kadvise/files";
import type { CallEvent, LogEvent } from "@kadvise/strace";
import type { EventQueue, NeedsMore } from "./eventQueue.ts";
import { plainName } from "./scope.ts";
import type { World } from "./world.ts";

const FORKS: ReadonlySet<string> = new Set(["fork", "vfork", "clone", "clone3"]);

/** How far ahead the first line of a new task is looked for. */
const NEAR = 100;

/**
 * Tasks that strace did not follow: in a log without pids (no -f) only one thread has lines, and
 * what its children and its other threads do is not shown.
 */
export class Unfollowed {
  private hasThreads = false;

  /** Notes what a fork made, unless a line says soon that strace follows it too. */
  *note(
    event: CallEvent,
    queue: EventQueue,
    worlds: Iterable<World>,
  ): Generator<NeedsMore, void, void> {
    const { error, value } = event.result;
    const number = Number(value ?? 0);
    if (event.pid !== undefined || error !== undefined || !(number > 0)) return;
    if (!FORKS.has(plainName(event.name))) return;
    const line = yield* queue.findAhead((ahead) => pidOf(ahead) === number, NEAR);
    if (line !== undefined) return;
    for (const world of worlds) {
      const thread = world.process(number)?.task.thread;
      if (thread === undefined) continue;
      if (thread.isLeader) thread.group.isUnwatched = true;
      else this.hasThreads = true;
    }
  }

  /** What other threads may have done meanwhile to memory and descriptors, nobody knows. */
  forgetShared(worlds: Iterable<World>, pid: number): void {
    if (!this.hasThreads) return;
    for (const world of worlds) {
      const task = world.process(pid)?.task;
      task?.mm?.forget(0, task.mm.layout.limit);
      task?.files.forgetAll(new UnstatedFile());
    }
  }
}

function pidOf(event: LogEvent): number | undefined {
  return event.kind === "call" ? (event.entryPid ?? event.pid) : event.pid;
}
