import type { CallEvent } from "@kadvise/strace";
import type { Worlds } from "./worlds.ts";

/**
 * Whoever starts a program has executed one himself: of what root may have, nothing is new to him.
 * It was forked for that, and has no children yet.
 */
export function statePlainStart(worlds: Worlds, { result }: CallEvent, pid: number): void {
  if (result.error !== undefined) return;
  for (const world of worlds) {
    const task = world.process(pid)?.task;
    if (task === undefined || !world.assumptions.holds("plain-start")) continue;
    const { journal } = world.kernel.ports;
    const { group } = task.thread;
    journal.save(group, "childrenUnstated");
    group.childrenUnstated = false;
    const { exec } = task.subject;
    if (exec.dumpable !== "unknown") continue;
    journal.save(exec, "dumpable");
    exec.dumpable = 1;
  }
}
