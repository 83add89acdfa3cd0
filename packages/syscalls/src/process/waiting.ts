import type { Thread, WaitFor } from "@kadvise/pidfd";
import { Reasons, WAIT } from "@kadvise/uapi";
import type { Task } from "../task.ts";

const entries = {
  "wait/options": {
    errno: "EINVAL",
    text: "unknown options, or none of WEXITED, WSTOPPED and WCONTINUED",
    linux: "kernel/exit.c kernel_wait4, kernel_waitid_prepare",
    since: "2.6",
    remedy: "pass WEXITED for waitid",
    compares: ["options"],
  },
} as const;

/** What wait4 and waitid refuse alike. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** Options that both calls know, which choose among the children. */
export const CHOOSING: number = WAIT.__WNOTHREAD | WAIT.__WCLONE | WAIT.__WALL;

/**
 * Whose children, and of which kind, the options mean. Linux: kernel/exit.c do_wait, eligible_child
 */
export function choiceOf(task: Task, options: number): Pick<WaitFor<Task>, "kinds" | "ofThread"> {
  const isAll = (options & WAIT.__WALL) !== 0;
  const kinds = isAll ? "all" : (options & WAIT.__WCLONE) !== 0 ? "clone" : "plain";
  const thread: Thread<Task> = task.thread;
  return (options & WAIT.__WNOTHREAD) !== 0 ? { kinds, ofThread: thread } : { kinds };
}

/**
 * Asks at once where a child is not followed that may have been stopped: that it was, a wait tells as
 * it tells of its end.
 */
export function askForUnseenStops(task: Task, options: number): void {
  const { children, childrenUnstated } = task.thread.group;
  if (childrenUnstated || children.some(({ isUnwatched }) => isUnwatched))
    askForStops(task, options);
}

/** Stops and continuations are not followed: of a recorded program there may have been one. */
export function askForStops(task: Task, options: number): void {
  const { machine } = task;
  if (!machine.recorded || (options & (WAIT.WUNTRACED | WAIT.WCONTINUED)) === 0) return;
  const { choices } = machine.ports;
  const stopped = choices.choose<boolean>({
    id: "wait/stopped-child",
    usual: false,
    allows: () => true,
    describe: () => "whether a child was stopped or continued",
    alternatives: [false, true],
  });
  if (!stopped) return;
  choices.choose<never>({
    id: "wait/stopped-child",
    usual: undefined as never,
    allows: () => false,
    describe: () => "which child was stopped or continued, and how",
  });
}
