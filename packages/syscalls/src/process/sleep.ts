import { Reasons, type Refusal } from "@kadvise/uapi";
import type { Task } from "../task.ts";

const entries = {
  "syscall/interrupted": {
    errno: "ERESTARTSYS",
    text: "the call sleeps, and only a signal can end that sleep now; then it starts again, unless a handler without SA_RESTART ran",
    linux: "kernel/signal.c get_signal, arch/x86/kernel/signal.c handle_signal",
    since: "2.6",
    remedy: "let another process run first",
  },
  "syscall/interrupted-without-handler": {
    errno: "ERESTARTNOHAND",
    text: "the call sleeps, and only a signal can end that sleep now; then it starts again, unless a handler ran",
    linux: "fs/select.c poll_select_finish, arch/x86/kernel/signal.c handle_signal",
    since: "2.6",
    remedy: "let another process run first",
  },
  "syscall/interrupted-with-rest": {
    errno: "ERESTART_RESTARTBLOCK",
    text: "the call sleeps, and only a signal can end that sleep now; then restart_syscall sleeps for the rest of its time, unless a handler ran",
    linux: "fs/select.c do_restart_poll, kernel/signal.c restart_syscall",
    since: "2.6",
    remedy: "let another process run first",
  },
  "syscall/handled": {
    errno: "EINTR",
    text: "a signal ended the sleep, and its handler does not let the call start again",
    linux: "arch/x86/kernel/signal.c handle_signal",
    since: "2.6",
    remedy: "call again; where the call heeds it, SA_RESTART does that for the handler",
  },
} as const;

/** The reasons of a call that sleeps. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * What ends a sleep: nothing, a signal with a handler, one whose handler has SA_RESTART, or one that
 * has none and does not kill (a stop, and the continuation that follows).
 */
export type Wakening = (typeof WAKENINGS)[number];
const WAKENINGS = ["nothing", "handler", "restarting-handler", "no-handler"] as const;

/**
 * How a call answers the signal: it starts again where the handler says so or there is none
 * (wait4); where there is none (ppoll); or goes on where there is none, with the time that is left
 * (poll).
 */
export type RestartRule = "by-flag" | "without-handler" | "with-rest";

const INTERRUPTED = {
  "by-flag": "syscall/interrupted",
  "without-handler": "syscall/interrupted-without-handler",
  "with-rest": "syscall/interrupted-with-rest",
} as const;

/**
 * Asks what ends the sleep of a task. Nothing, usually: nothing is ready, and in this world nobody
 * else runs until the call returns.
 */
export function wakening(task: Task): Wakening {
  return task.machine.ports.choices.choose<Wakening>({
    id: "signal/ends-sleep",
    usual: "nothing",
    allows: (answer) => WAKENINGS.includes(answer),
    describe: () => "which signal ended the sleep, if one did: with a handler, with SA_RESTART",
    alternatives: WAKENINGS,
  });
}

/**
 * What a sleep comes to that a signal ended, or that nothing ends. A program never sees an error of
 * the ERESTART kind: its call is made again; a tracer does. Linux: arch/x86/kernel/signal.c
 * arch_do_signal_or_restart
 */
export function interrupted(task: Task, rule: RestartRule, by: Wakening): Refusal {
  const { checks } = task.machine.ports;
  const isHandled = by === "handler" || (by === "restarting-handler" && rule !== "by-flag");
  return reasons.refuse(checks, isHandled ? "syscall/handled" : INTERRUPTED[rule]);
}
