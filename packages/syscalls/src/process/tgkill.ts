import { Reasons, type Refusal } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { sendSignal, signalOutsider } from "./kill.ts";
import { findPid } from "./numbering.ts";

const entries = {
  "tgkill/not-positive": {
    errno: "EINVAL",
    text: "threads have numbers above 0, and so have their processes",
    passes: "the numbers are above 0",
    linux: "kernel/signal.c tgkill, tkill",
    since: "2.6",
    remedy: "name one thread: nothing stands for a group here",
    compares: ["process", "thread"],
  },
  "tgkill/no-thread": {
    errno: "ESRCH",
    text: "no thread has this number, or it is another process'",
    passes: "the thread is one of this process",
    linux: "kernel/signal.c do_send_specific",
    since: "2.6",
    remedy: "name a thread that is alive, or was not waited for",
    compares: ["process", "thread"],
  },
} as const;

/** What tgkill and tkill refuse, apart from what kill does. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** tgkill(2): a signal for one thread of a process. Linux: kernel/signal.c do_send_specific */
export const tgkill: SystemCall = {
  name: "tgkill",
  parameters: [parameter("tgid", "pid"), parameter("tid", "pid"), parameter("sig", "signal")],
  run: (task, registers) =>
    sendToThread(task, registers.int(0), registers.int(1), registers.int(2)),
};

/** tkill(2): the same, of whatever process. Linux: kernel/signal.c tkill */
export const tkill: SystemCall = {
  name: "tkill",
  parameters: [parameter("tid", "pid"), parameter("sig", "signal")],
  run: (task, registers) => sendToThread(task, undefined, registers.int(0), registers.int(1)),
};

/** A signal that ends one thread ends its process. */
export function sendToThread(
  task: Task,
  process: number | undefined,
  tid: number,
  signal: number,
): Outcome {
  const { checks } = task.machine.ports;
  const group = process ?? tid;
  const odd = checkPositive(task, group, tid);
  if (odd !== undefined) return odd;
  const thread = findPid(task, tid)?.thread;
  const named = process === undefined ? undefined : findPid(task, process);
  // Of whom nothing is known, neither is whose thread it is.
  if (task.machine.recorded && thread === undefined && named === undefined)
    return signalOutsider(task, tid, signal);
  const isMember = process === undefined || thread?.group.pid === named;
  if (thread === undefined || !isMember)
    return reasons.refuse(checks, "tgkill/no-thread", group, tid);
  reasons.passed(checks, "tgkill/no-thread", group, tid);
  return sendSignal(task, thread, signal);
}

/** Nothing stands for a group here. */
export function checkPositive(task: Task, group: number, tid: number): Refusal | undefined {
  const { checks } = task.machine.ports;
  if (tid <= 0 || group <= 0) return reasons.refuse(checks, "tgkill/not-positive", group, tid);
  reasons.passed(checks, "tgkill/not-positive", group, tid);
  return undefined;
}
