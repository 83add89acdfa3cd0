import type { Thread } from "@kadvise/pidfd";
import { _NSIG, Reasons, SIG, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { endBySignal } from "./exit.ts";
import { HARMLESS } from "./harmlessSignals.ts";
import { findPid } from "./numbering.ts";
import { askForOutsider } from "./outsideRecord.ts";
import { leaders, membersOf } from "./processGroups.ts";

const entries = {
  "kill/bad-signal": {
    errno: "EINVAL",
    text: "no such signal",
    passes: "there is such a signal",
    linux: "kernel/signal.c kill_pid_info",
    since: "2.6",
    remedy: "pass a signal from 0 to 64",
    compares: ["signal"],
  },
  "kill/no-process": {
    errno: "ESRCH",
    text: "no such process",
    linux: "kernel/signal.c kill_pid_info",
    since: "2.6",
    remedy: "name a living process or a zombie",
    compares: ["pid"],
  },
  "kill/not-permitted": {
    errno: "EPERM",
    text: "the caller may not signal the process: other user, and no CAP_KILL",
    passes: "the caller may signal the process",
    linux: "kernel/signal.c check_kill_permission",
    since: "2.6",
    remedy: "send it from the same user, or gain CAP_KILL",
    compares: ["pid"],
  },
} as const;

/** kill's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * kill(2). Handlers are not modelled: in a simulation a signal ends the process if
 * that is its usual effect; of a recorded program the record tells what became of it. Linux:
 * kernel/signal.c kill_pid_info: who is meant is asked before what is sent.
 */
export const kill: SystemCall = {
  name: "kill",
  parameters: [parameter("pid", "pid"), parameter("sig", "signal")],
  run(task, registers) {
    const pid = registers.int(0);
    const signal = registers.int(1);
    return pid <= 0 && !task.machine.recorded
      ? signalMany(task, pid, signal)
      : signalProcess(task, pid, signal);
  },
};

/** Sends a signal to the process of a number. Linux: kernel/signal.c kill_proc_info */
export function signalProcess(task: Task, pid: number, signal: number): Outcome {
  const named = findPid(task, Math.abs(pid));
  // The number of any thread names its process. Linux: kernel/signal.c kill_pid_info, PIDTYPE_PID
  const thread = pid > 0 ? named?.thread : undefined;
  const group = thread?.group ?? named?.group;
  if (group === undefined) return signalOutsider(task, pid, signal);
  const target = thread ?? group.leader;
  return target === undefined ? success(0) : sendSignal(task, target, signal);
}

/** Sends a signal to whom no record shows. */
export function signalOutsider(task: Task, number: number, signal: number): Outcome {
  const { checks } = task.machine.ports;
  const outsider = askForOutsider(task, number);
  if (outsider === "nobody") return reasons.refuse(checks, "kill/no-process", number);
  if (signal < 0 || signal > _NSIG) return reasons.refuse(checks, "kill/bad-signal", signal);
  if (outsider === "takes") return success(0);
  return reasons.refuse(checks, "kill/not-permitted", number);
}

/**
 * 0 stands for the caller's process group, -1 for everybody but the first process and the caller's
 * own, another negative number for a process group. One that takes the signal is enough; of -1 any
 * answer but EPERM is. Linux: kernel/signal.c kill_something_info
 */
function signalMany(task: Task, pid: number, signal: number): Outcome {
  const { checks } = task.machine.ports;
  const own = task.thread.group;
  const group = pid === 0 ? own.processGroup : findPid(task, -pid);
  const members =
    pid === -1
      ? leaders(task.machine).filter((one) => one.group !== own && one.pid.number > 1)
      : group === undefined
        ? []
        : membersOf(task, group);
  if (members.length === 0) return reasons.refuse(checks, "kill/no-process", pid);
  const answers = members.map((target) => sendSignal(task, target, signal));
  if (pid === -1) return answers.findLast((one) => one.ok || one.code !== "EPERM") ?? success(0);
  return answers.find(({ ok }) => ok) ?? answers[answers.length - 1];
}

/**
 * Sends a signal to a process, named by one of its threads: whether the signal exists, then whether
 * the caller may. A zombie takes it in silence. Linux: kernel/signal.c group_send_sig_info,
 * check_kill_permission
 */
export function sendSignal(task: Task, target: Thread<Task>, signal: number): Outcome {
  const { checks } = task.machine.ports;
  const { number } = target.pid;
  if (signal < 0 || signal > _NSIG) return reasons.refuse(checks, "kill/bad-signal", signal);
  reasons.passed(checks, "kill/bad-signal", signal);
  if (!maySignal(task, target.payload, signal))
    return reasons.refuse(checks, "kill/not-permitted", number);
  reasons.passed(checks, "kill/not-permitted", number);
  if (target.group.state === "alive" && reaches(task, target, signal))
    deliver(target.payload, signal);
  return success(0);
}

/**
 * The first process of a pid namespace takes no signal that it has no handler for, and none has one
 * here: SIGKILL and SIGSTOP come from outside its namespace alone. Linux: kernel/signal.c
 * sig_task_ignored
 */
function reaches(task: Task, { group }: Thread<Task>, signal: number): boolean {
  const { namespace } = group.pid;
  if (namespace.init !== group) return true;
  const isFromOutside = namespace.isWithin(task.pid.namespace) && namespace !== task.pid.namespace;
  return isFromOutside && (signal === SIG.SIGKILL || signal === SIG.SIGSTOP);
}

/** The kernel sends a task a signal for what it did itself. Linux: kernel/signal.c send_sig */
export function raise(task: Task, signal: number): void {
  if (reaches(task, task.thread, signal)) deliver(task, signal);
}

/** A signal reaches a process. */
export function deliver(target: Task, signal: number): void {
  const { machine, thread } = target;
  const { journal } = machine.ports;
  const { group } = thread;
  if (target.subject.isKernelThread) return;
  if (!machine.recorded && (signal === SIG.SIGSTOP || signal === SIG.SIGCONT)) {
    journal.save(group, "stopped");
    group.stopped = signal === SIG.SIGSTOP;
  }
  if (HARMLESS.has(signal)) return;
  if (!machine.recorded) {
    endBySignal(target, signal);
    return;
  }
  if (signal !== SIG.SIGKILL) return;
  journal.save(group, "dying");
  group.dying = true;
}

/**
 * The same user, CAP_KILL in the target's user namespace, or SIGCONT within one session. Linux:
 * kernel/signal.c kill_ok_by_cred, check_kill_permission
 */
function maySignal(task: Task, target: Task, signal: number): boolean {
  const { thread } = target.pid;
  if (task.thread.group === thread?.group) return true;
  // Who has inherited its ids unchanged has the same, whatever they are.
  if (task.subject.credentials === target.subject.credentials) return true;
  const { euid, uid } = task.subject.credentials;
  const { suid, uid: theirs, userNamespace } = target.subject.credentials;
  if ([euid, uid].some((id) => id >= 0 && (id === suid || id === theirs))) return true;
  // Of a recorded program it may be unknown who it is: negative ids are no ids.
  const { machine } = task;
  const isUnknown = [euid, uid, suid, theirs].some((id) => id < 0);
  if (isUnknown || (machine.recorded && signal === SIG.SIGCONT))
    return askWhetherPermitted(task, target);
  if (machine.access.capable(task.subject, "CAP_KILL", userNamespace).ok) return true;
  return signal === SIG.SIGCONT && thread?.group.session === task.thread.group.session;
}

function askWhetherPermitted(task: Task, target: Task): boolean {
  return task.machine.ports.choices.choose<boolean>({
    id: "kill/permitted",
    usual: true,
    allows: () => true,
    describe: () => `whether ${task.pid.number} may signal ${target.pid.number}`,
    alternatives: [true, false],
  });
}
