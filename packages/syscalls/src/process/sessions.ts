import type { Pid, ThreadGroup } from "@kadvise/pidfd";
import { Reasons, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { findPid, numberFor } from "./numbering.ts";
import { membersOf } from "./processGroups.ts";

const entries = {
  "getpgid/no-process": {
    errno: "ESRCH",
    text: "no process has this number",
    passes: "somebody has this number",
    linux: "kernel/sys.c do_getpgid, getsid",
    since: "2.6",
    remedy: "name a process, or 0 for oneself",
    compares: ["pid"],
  },
  "setsid/leads-group": {
    errno: "EPERM",
    text: "the caller leads a process group, or a group of its number is left",
    passes: "no process group has the caller's number",
    linux: "kernel/sys.c ksys_setsid",
    since: "2.6",
    remedy: "fork, and call it in the child",
    compares: ["pid"],
  },
} as const;

/** The reasons of calls about process groups and sessions. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** getpgid(2): the process group of a process; 0 is the caller. Linux: kernel/sys.c do_getpgid */
export const getpgid: SystemCall = {
  name: "getpgid",
  parameters: [parameter("pid", "pid")],
  returns: "pid",
  run: (task, registers) => tell(task, registers.int(0), ({ processGroup }) => processGroup),
};

/** getpgrp(2): the caller's. */
export const getpgrp: SystemCall = {
  name: "getpgrp",
  parameters: [],
  returns: "pid",
  run: (task) => tell(task, 0, ({ processGroup }) => processGroup),
};

/** getsid(2): the session of a process; 0 is the caller. Linux: kernel/sys.c getsid */
export const getsid: SystemCall = {
  name: "getsid",
  parameters: [parameter("pid", "pid")],
  returns: "pid",
  run: (task, registers) => tell(task, registers.int(0), ({ session }) => session),
};

/** setsid(2): a session and a process group of its own. Linux: kernel/sys.c ksys_setsid */
export const setsid: SystemCall = {
  name: "setsid",
  parameters: [],
  returns: "pid",
  run(task) {
    const { machine, thread } = task;
    const { checks, journal } = machine.ports;
    const { group } = thread;
    const { pid } = group;
    if (!machine.recorded) {
      if (group.leadsSession || membersOf(task, pid).length > 0)
        return reasons.refuse(checks, "setsid/leads-group", pid.number);
      reasons.passed(checks, "setsid/leads-group", pid.number);
    } else if (!mayLead(task)) return reasons.refuse(checks, "setsid/leads-group", pid.number);
    for (const field of ["session", "processGroup", "leadsSession"] as const)
      journal.save(group, field);
    group.session = pid;
    group.processGroup = pid;
    group.leadsSession = true;
    return success(numberFor(task, pid));
  },
};

function tell(task: Task, number: number, read: (group: ThreadGroup<Task>) => Pid<Task>): Outcome {
  const { machine } = task;
  const { checks, choices } = machine.ports;
  const group = number === 0 ? task.thread.group : findPid(task, number)?.thread?.group;
  if (group === undefined) return reasons.refuse(checks, "getpgid/no-process", number);
  reasons.passed(checks, "getpgid/no-process", number);
  if (!machine.recorded) return success(numberFor(task, read(group)));
  return success(
    choices.choose<number>({
      id: "process/group-number",
      usual: numberFor(task, read(group)),
      allows: (answer) => Number.isInteger(answer) && answer >= 0,
      describe: () => "the number of a process group or session",
      fromResult: (value) => value,
    }),
  );
}

function mayLead({ machine }: Task): boolean {
  return machine.ports.choices.choose<boolean>({
    id: "process/leads-group",
    usual: true,
    allows: () => true,
    describe: () => "whether the caller leads a process group",
    alternatives: [true, false],
  });
}
