import type { Ports, Question } from "@kadvise/ports";
import { initialUserNamespace, type UserNamespace } from "./userNamespace.ts";

/**
 * The three values of a process' dumpable state. Only 1 leaves it open to its peers; 2 is as closed
 * as 0.
 */
export type Dumpable = 0 | 1 | 2;

/**
 * What an exec leaves behind for the access check: whether the process may be read by its peers,
 * and in which user namespace it was executed. One cell per address space; who shares one is
 * decided at clone.
 *
 * Linux: mm->flags and mm->user_ns up to 7.1, struct task_exec_state since 7.2
 */
export class ExecState {
  dumpable: Dumpable | "unknown";
  /** The executing task's user namespace at that time; unshare and setns do not touch it. */
  userNamespace: UserNamespace;

  constructor(
    dumpable: Dumpable | "unknown" = 1,
    userNamespace: UserNamespace = initialUserNamespace,
  ) {
    this.dumpable = dumpable;
    this.userNamespace = userNamespace;
  }

  /** A cell of its own with the same content: what a fork gets. */
  copy(): ExecState {
    return new ExecState(this.dumpable, this.userNamespace);
  }
}

/**
 * The dumpable state, asked for if nobody stated it. `returned`: the call returns it, so a log
 * shows it.
 */
export function readDumpable(ports: Ports, exec: ExecState, returned = false): Dumpable {
  if (exec.dumpable !== "unknown") return exec.dumpable;
  const question: Question<Dumpable> = {
    id: "exec/dumpable",
    usual: 1,
    allows: isDumpable,
    describe: () => "the dumpable state of the process: 0, 1 or 2",
    alternatives: [1, 0, 2],
    ...(returned ? { fromResult: (value: number) => value as Dumpable } : {}),
  };
  const answer = ports.choices.choose(question);
  ports.journal.save(exec, "dumpable");
  exec.dumpable = answer;
  return answer;
}

/** Whether a number is a value of the dumpable state. */
export function isDumpable(value: number): value is Dumpable {
  return value === 0 || value === 1 || value === 2;
}
