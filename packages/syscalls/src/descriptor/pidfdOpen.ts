import { type Pid, Pidfd } from "@kadvise/pidfd";
import { PIDFD, Reasons } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { KTHREADD, spawnKernelThread } from "../process/kernelThread.ts";
import { findPid } from "../process/numbering.ts";
import { namesGroup } from "../process/processGroups.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "pidfd_open/flags": {
    errno: "EINVAL",
    text: "a flag that this release does not know",
    passes: "the flags are known to this release",
    linux: "kernel/pid.c pidfd_open",
    since: "5.3",
    remedy: "PIDFD_NONBLOCK exists since 5.10, PIDFD_THREAD since 6.9",
    compares: ["flags"],
  },
  "pidfd_open/not-positive": {
    errno: "EINVAL",
    text: "the process number is zero or negative",
    passes: "the process number is positive",
    linux: "kernel/pid.c pidfd_open",
    since: "5.3",
    remedy: "pass a process number",
    compares: ["pid"],
  },
  "pidfd_open/no-process": {
    errno: "ESRCH",
    text: "no process has this number",
    passes: "a process has this number",
    linux: "kernel/pid.c pidfd_open",
    since: "5.3",
    remedy: "name a living process or a zombie",
    compares: ["pid"],
  },
  "pidfd_open/not-a-leader": {
    errno: "EINVAL",
    text: "the number is that of a thread which leads no group",
    passes: "the number is that of a process, or PIDFD_THREAD was given",
    linux: "kernel/fork.c pidfd_prepare",
    since: "5.3",
    remedy: "name the process, or pass PIDFD_THREAD (6.9)",
    compares: ["pid"],
  },
  "pidfd_open/not-a-leader-enoent": {
    errno: "ENOENT",
    text: "the number is that of a thread which leads no group",
    passes: "the number is that of a process, or PIDFD_THREAD was given",
    linux: "kernel/fork.c pidfd_prepare",
    since: "6.16",
    remedy: "name the process, or pass PIDFD_THREAD",
    compares: ["pid"],
  },
} as const;

/** pidfd_open's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * pidfd_open(2): a descriptor for a process, close-on-exec always. No permission is asked. Since
 * 5.3.
 *
 * Linux: kernel/pid.c pidfd_open. Zombies and kernel threads can be opened; that says nothing of
 * what one may do.
 */
export const pidfdOpen: SystemCall = {
  name: "pidfd_open",
  parameters: [parameter("pid", "pid"), parameter("flags", { flags: PIDFD, unknown: "PIDFD_???" })],
  returns: "fd",
  run(task, registers) {
    const { machine } = task;
    const { checks } = machine.ports;
    const { nonblock, threads, notLeader } = machine.profile.pidfd;
    const flags = registers.low(1);
    const known = (nonblock ? PIDFD.PIDFD_NONBLOCK : 0) | (threads ? PIDFD.PIDFD_THREAD : 0);
    if ((flags & ~known) !== 0) return reasons.refuse(checks, "pidfd_open/flags", flags);
    const number = registers.int(0);
    if (number <= 0) return reasons.refuse(checks, "pidfd_open/not-positive", number);
    const pid = findPid(task, number) ?? unstatedProcess(number);
    if (pid === undefined) {
      // The number of a process that is gone stays while a group or session has it.
      const isLeft = notLeader === "EINVAL" && namesGroup(task, number);
      const id = isLeft ? "pidfd_open/not-a-leader" : "pidfd_open/no-process";
      return reasons.refuse(checks, id, number);
    }
    const threadOnly = (flags & PIDFD.PIDFD_THREAD) !== 0;
    if (!threadOnly && pid.group === undefined) {
      const id =
        notLeader === "ENOENT" ? "pidfd_open/not-a-leader-enoent" : "pidfd_open/not-a-leader";
      return reasons.refuse(checks, id, number);
    }
    const nonblocking = (flags & PIDFD.PIDFD_NONBLOCK) !== 0;
    const file = new Pidfd(pid, { threadOnly, nonblock: nonblocking });
    return task.files.open(file, true, task.limits.soft("RLIMIT_NOFILE"));

    /** A recorded machine has more processes than the record shows. */
    function unstatedProcess(wanted: number): Pid<Task> | undefined {
      if (!machine.recorded) return undefined;
      if (wanted === KTHREADD && isKernelThread()) {
        spawnKernelThread(machine, KTHREADD);
        return machine.processes.find(KTHREADD);
      }
      machine.ports.choices.choose<boolean>({
        id: "pidfd_open/unstated-process",
        usual: false,
        allows: () => true,
        describe: () => `whether a process ${wanted} exists outside the record`,
      });
      return undefined;
    }

    /** In the initial pid namespace, process 2 is the parent of all kernel threads. */
    function isKernelThread(): boolean {
      return machine.ports.choices.choose<boolean>({
        id: "pidfd_open/kthreadd",
        usual: true,
        allows: () => true,
        describe: () => "whether process 2 is kthreadd",
        alternatives: [true, false],
      });
    }
  },
};
