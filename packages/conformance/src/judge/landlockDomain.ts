import type { CallEvent } from "@kadvise/strace";
import { numberOf } from "./touch.ts";
import type { Worlds } from "./worlds.ts";

/**
 * landlock_restrict_self takes its caller into a domain. Without a ruleset nothing but the record of
 * denials changes.
 */
export function enterDomain(worlds: Worlds, event: CallEvent, pid: number): void {
  if (event.result.error !== undefined || (numberOf(event, 0) ?? -1) < 0) return;
  worlds.everyWorld((world) => {
    const task = world.process(pid)?.task;
    if (task !== undefined) world.enterDomain(task);
  });
}
