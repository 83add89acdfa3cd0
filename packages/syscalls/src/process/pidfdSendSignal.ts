import type { Pid, Pidfd, Thread } from "@kadvise/pidfd";
import { PIDFD_SIGNAL, Reasons, type Refusal } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { askUnstated, reasons as pidfdReasons } from "../resolveTarget.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { sendSignal } from "./kill.ts";
import { membersOf } from "./processGroups.ts";
import { checkSignalInfo } from "./signalInfo.ts";

const entries = {
  "pidfd_send_signal/flags": {
    errno: "EINVAL",
    text: "a flag that this release does not know, or two scopes at once",
    passes: "the flags name one scope at most",
    linux: "kernel/signal.c pidfd_send_signal",
    since: "5.1",
    remedy: "pass 0, or one PIDFD_SIGNAL_* scope (6.9)",
    compares: ["flags"],
  },
  "pidfd_send_signal/outside-namespace": {
    errno: "EINVAL",
    text: "the process is not in the caller's pid namespace, nor in one within it",
    passes: "the process is in the caller's pid namespace, or in one within it",
    linux: "kernel/signal.c access_pidfd_pidns",
    since: "5.1",
    remedy: "send it from a namespace that has a number for the process",
    compares: ["pid"],
  },
  "pidfd_send_signal/no-process": {
    errno: "ESRCH",
    text: "the process is gone and was waited for",
    passes: "the process has not been waited for",
    linux: "kernel/signal.c kill_pid_info",
    since: "5.1",
    remedy: "name a process that lives, or a zombie",
    compares: ["pid"],
  },
  "pidfd_send_signal/no-process-group": {
    errno: "ESRCH",
    text: "no process group bears the number of the process",
    passes: "a process group bears the number of the process",
    linux: "kernel/signal.c kill_pgrp_info",
    since: "6.9",
    remedy: "name the process that leads the group, or leave PIDFD_SIGNAL_PROCESS_GROUP out",
    compares: ["pid"],
  },
} as const;

/** pidfd_send_signal's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const SCOPES: number =
  PIDFD_SIGNAL.PIDFD_SIGNAL_THREAD |
  PIDFD_SIGNAL.PIDFD_SIGNAL_THREAD_GROUP |
  PIDFD_SIGNAL.PIDFD_SIGNAL_PROCESS_GROUP;

/**
 * pidfd_send_signal(2): a signal to the process that a pidfd names. Since 5.1.
 *
 * Whether the process is there is asked before whether the signal exists, and that before whether
 * the caller may send it: kill's rule. Linux: kernel/signal.c pidfd_send_signal
 */
export const pidfdSendSignal: SystemCall = {
  name: "pidfd_send_signal",
  parameters: [
    parameter("pidfd", "fd"),
    parameter("sig", "signal"),
    parameter("info", { structure: "siginfo", direction: "in" }),
    parameter("flags", { flags: PIDFD_SIGNAL }),
  ],
  run(task, registers): Outcome {
    const { machine } = task;
    const { checks } = machine.ports;
    const flags = registers.low(3);
    const known = machine.profile.pidfd.signalScopes ? SCOPES : 0;
    if ((flags & ~known) !== 0 || (flags & (flags - 1)) !== 0) {
      return reasons.refuse(checks, "pidfd_send_signal/flags", flags);
    }
    reasons.passed(checks, "pidfd_send_signal/flags", flags);
    const pid = pidOf(task, registers.int(0));
    if ("ok" in pid) return pid;
    if (!pid.namespace.isWithin(task.pid.namespace))
      return reasons.refuse(checks, "pidfd_send_signal/outside-namespace", pid.number);
    reasons.passed(checks, "pidfd_send_signal/outside-namespace", pid.number);
    const signal = registers.int(1);
    if (!registers.isZero(2)) {
      const isSelf = pid === task.pid;
      const refusal = checkSignalInfo(task, registers, 2, signal, isSelf);
      if (refusal !== undefined) return refusal;
    }
    if ((flags & PIDFD_SIGNAL.PIDFD_SIGNAL_PROCESS_GROUP) !== 0)
      return signalGroup(task, pid, signal);
    const target = pid.thread;
    if (target === undefined)
      return reasons.refuse(checks, "pidfd_send_signal/no-process", pid.number);
    reasons.passed(checks, "pidfd_send_signal/no-process", pid.number);
    return sendSignal(task, target, signal);
  },
};

/**
 * A signal to every process of the group that a number leads; one that takes it is enough. Of a
 * recorded program it is asked whether it leads one. Linux: kernel/signal.c kill_pgrp_info
 */
function signalGroup(task: Task, pid: Pid<Task>, signal: number): Outcome {
  const { machine } = task;
  const { checks } = machine.ports;
  const id = "pidfd_send_signal/no-process-group";
  const members = machine.recorded ? recordedMembers(task, pid) : membersOf(task, pid);
  if (members.length === 0) return reasons.refuse(checks, id, pid.number);
  reasons.passed(checks, id, pid.number);
  const answers = members.map((target) => sendSignal(task, target, signal));
  return answers.find(({ ok }) => ok) ?? answers[answers.length - 1];
}

/** Who else is in the group, and so whom a signal ends, nobody can say. */
function recordedMembers({ machine }: Task, pid: Pid<Task>): readonly Thread<Task>[] {
  const leads = machine.ports.choices.choose<boolean>({
    id: "pidfd_send_signal/leads-group",
    usual: false,
    allows: () => true,
    describe: () => `whether process ${pid.number} leads a process group`,
    alternatives: [true, false],
  });
  return leads && pid.thread !== undefined ? [pid.thread] : [];
}

/** The sentinels came to this call with the ones of process_madvise. */
function pidOf(task: Task, pidfd: number): Pid<Task> | Refusal {
  const { machine } = task;
  const { checks } = machine.ports;
  const { selfThread, selfGroup } = machine.profile.pidfd;
  if (pidfd < 0) {
    if (pidfd === selfThread) return task.pid;
    if (pidfd === selfGroup) return task.thread.group.pid;
    return pidfdReasons.refuse(checks, "pidfd/negative", pidfd);
  }
  askDirectory(task, pidfd);
  const file = openPidfd(task, pidfd);
  return "ok" in file ? file : file.pid;
}

/**
 * This call alone takes a directory /proc/PID too. Simulated programs have none; a recorded one may
 * have opened it by any path that is not plainly another. Linux: fs/proc/base.c tgid_pidfd_to_pid
 */
function askDirectory({ machine, files }: Task, fd: number): void {
  const file = machine.recorded ? files.get(fd)?.file : undefined;
  if (file?.kind !== "file" || /^\/(?!proc)/.test(file.name)) return;
  machine.ports.choices.choose<never>({
    id: "pidfd_send_signal/directory",
    usual: undefined as never,
    allows: () => false,
    describe: () => `whether descriptor ${fd} is a directory /proc/PID, and of whom`,
  });
}

/** The pidfd behind a number, whoever it names. Linux: fs/pidfs.c pidfd_pid */
export function openPidfd(task: Task, pidfd: number): Pidfd<Task> | Refusal {
  const { checks } = task.machine.ports;
  const file = task.files.get(pidfd)?.file;
  if (file === undefined) return pidfdReasons.refuse(checks, "pidfd/closed", pidfd);
  pidfdReasons.passed(checks, "pidfd/closed", pidfd);
  if (file.kind === "unstated") askUnstated(task, pidfd);
  if (file.kind !== "pidfd") return pidfdReasons.refuse(checks, "pidfd/other-file", pidfd);
  pidfdReasons.passed(checks, "pidfd/other-file", pidfd);
  return file;
}
