import type { Pid } from "./pid.ts";
import type { ExitStatus, ThreadGroup } from "./threadGroup.ts";

/**
 * One thread: its number, its group, and whether it still runs. The payload is what higher floors
 * know of it.
 */
export class Thread<T> {
  readonly pid: Pid<T>;
  readonly group: ThreadGroup<T>;
  readonly payload: T;
  alive = true;
  /** How this thread ended, whatever became of the others. */
  exitStatus: ExitStatus | undefined = undefined;
  /** It called exit, and its end was not seen yet: it may give its memory up at any moment. */
  exiting = false;

  constructor(pid: Pid<T>, group: ThreadGroup<T>, payload: T) {
    this.pid = pid;
    this.group = group;
    this.payload = payload;
  }

  /** Whether this thread leads its group. */
  get isLeader(): boolean {
    return this.group.pid === this.pid;
  }
}
