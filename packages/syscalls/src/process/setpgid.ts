import type { Pid, Thread } from "@kadvise/pidfd";
import { Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { findPid } from "./numbering.ts";
import { membersOf } from "./processGroups.ts";

const entries = {
  "setpgid/negative": {
    errno: "EINVAL",
    text: "a process group has no negative number",
    passes: "the number of the group is not negative",
    linux: "kernel/sys.c setpgid",
    since: "2.6",
    remedy: "pass 0 for the process' own number",
    compares: ["group"],
  },
  "setpgid/no-process": {
    errno: "ESRCH",
    text: "the process is neither the caller nor a child of it",
    passes: "the process is the caller or a child of it",
    linux: "kernel/sys.c setpgid",
    since: "2.6",
    remedy: "name oneself (0) or a child",
    compares: ["pid"],
  },
  "setpgid/not-a-leader": {
    errno: "EINVAL",
    text: "the number is a thread's that leads no process",
    passes: "the number is a process'",
    linux: "kernel/sys.c setpgid",
    since: "2.6",
    remedy: "name the process",
    compares: ["pid"],
  },
  "setpgid/other-session": {
    errno: "EPERM",
    text: "the child is in another session",
    passes: "the child is in the caller's session",
    linux: "kernel/sys.c setpgid",
    since: "2.6",
    remedy: "move it before it calls setsid",
    compares: ["pid"],
  },
  "setpgid/has-executed": {
    errno: "EACCES",
    text: "the child has executed a program",
    passes: "the child has not executed a program yet",
    linux: "kernel/sys.c setpgid",
    since: "2.6",
    remedy: "move it before its execve, as shells do on both sides",
    compares: ["pid"],
  },
  "setpgid/leads-session": {
    errno: "EPERM",
    text: "the process leads a session, and stays in the group of its number",
    passes: "the process leads no session",
    linux: "kernel/sys.c setpgid",
    since: "2.6",
    remedy: "move another process",
    compares: ["pid"],
  },
  "setpgid/no-group": {
    errno: "EPERM",
    text: "there is no such process group in the caller's session",
    passes: "the group is in the caller's session",
    linux: "kernel/sys.c setpgid",
    since: "2.6",
    remedy: "name a group that has a member, or the process' own number",
    compares: ["group"],
  },
} as const;

/** setpgid's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

type ReasonId = keyof typeof entries;

/** setpgid(2): puts the caller or a child into a process group. Linux: kernel/sys.c setpgid */
export const setpgid: SystemCall = {
  name: "setpgid",
  parameters: [parameter("pid", "pid"), parameter("pgid", "pid")],
  run(task, registers): Outcome {
    const { checks } = task.machine.ports;
    const group = registers.int(1);
    if (group < 0) return reasons.refuse(checks, "setpgid/negative", group);
    reasons.passed(checks, "setpgid/negative", group);
    if (task.machine.recorded) return asRecorded(task);
    const own = task.thread.group;
    const number = registers.int(0);
    const process = number === 0 ? own.leader : findPid(task, number)?.thread;
    if (process === undefined) return reasons.refuse(checks, "setpgid/no-process", number);
    const refusal = refuseProcess(task, process);
    if (refusal !== undefined) return refusal;
    const pid = process.group.pid;
    const wanted = group === 0 || pid === findPid(task, group) ? pid : groupIn(task, group);
    if (wanted === undefined) return reasons.refuse(checks, "setpgid/no-group", group);
    reasons.passed(checks, "setpgid/no-group", group);
    task.machine.ports.journal.save(process.group, "processGroup");
    process.group.processGroup = wanted;
    return success(0);
  },
};

/** Whether the process may be moved at all, in Linux' order. */
function refuseProcess(task: Task, { isLeader, group }: Thread<Task>): Refusal | undefined {
  const { checks } = task.machine.ports;
  const own = task.thread.group;
  const isChild = group.parent === own;
  const failed = (
    [
      ["setpgid/not-a-leader", isLeader],
      ["setpgid/other-session", !isChild || group.session === own.session],
      ["setpgid/has-executed", !isChild || !group.hasExecuted],
      ["setpgid/no-process", isChild || group === own],
      ["setpgid/leads-session", !group.leadsSession],
    ] as const
  ).find(([id, passes]) => {
    if (passes) reasons.passed(checks, id, group.pid.number);
    return !passes;
  });
  return failed === undefined ? undefined : reasons.refuse(checks, failed[0], group.pid.number);
}

/** A group with a member in the caller's session. */
function groupIn(task: Task, number: number): Pid<Task> | undefined {
  const pid = findPid(task, number);
  const [member] = pid === undefined ? [] : membersOf(task, pid);
  return member?.group.session === task.thread.group.session ? pid : undefined;
}

const RECORDED: readonly ("done" | ReasonId)[] = [
  ...(["done", "setpgid/no-process", "setpgid/has-executed", "setpgid/no-group"] as const),
];

/** Who is in which group and session, a record does not tell from its beginning on. */
function asRecorded({ machine }: Task): Outcome {
  const { checks, choices } = machine.ports;
  const what = choices.choose<"done" | ReasonId>({
    id: "process/group",
    usual: "done",
    allows: (answer) => RECORDED.includes(answer),
    describe: () => "who is in which process group and session",
    alternatives: RECORDED,
  });
  return what === "done" ? success(0) : reasons.refuse(checks, what, "");
}
