import type { PidfdFeatures } from "@kadvise/releases";
import { SIG } from "@kadvise/uapi";
import { ProcessTable } from "../processTable.ts";
import type { Thread } from "../thread.ts";
import type { ExitStatus, ThreadGroup } from "../threadGroup.ts";
import { findZombie, type WaitFor } from "../wait.ts";

/** How a process ends that calls exit. */
export function exited(code: number): ExitStatus {
  return { code, signal: 0, coreDumped: false };
}

/** How a process ends that a signal kills. */
export function killed(signal: number): ExitStatus {
  return { code: 0, signal, coreDumped: false };
}

/** A machine with one process that makes others: whom a test asks about is its child. */
export class Machine {
  readonly table: ProcessTable<string>;
  readonly shell: Thread<string>;

  constructor(options: ConstructorParameters<typeof ProcessTable<string>>[0] = {}) {
    this.table = new ProcessTable<string>(options);
    this.shell = this.table.spawn(() => "shell");
  }

  /** A child of the shell. */
  child(exitSignal: number = SIG.SIGCHLD, creator: Thread<string> = this.shell): Thread<string> {
    const parent = this.shell.group;
    return this.table.spawn(() => "child", { parent, exitSignal, creator });
  }

  /** A child that ended and was not waited for. */
  zombie(exitSignal?: number): ThreadGroup<string> {
    const { group } = this.child(exitSignal);
    this.table.exitGroup(group, exited(0));
    return group;
  }

  /** Another thread of a process. */
  thread(group: ThreadGroup<string>): Thread<string> {
    return this.table.addThread(group, () => "thread");
  }

  /**
   * What the shell's wait finds: the child, which is reaped; the number of one from before, `"none
   * ready"`, or the error.
   */
  wait(which: WaitFor<string> = {}): ThreadGroup<string> | string | number {
    const found = findZombie(this.table, this.shell.group, which);
    if (found === "none-ready") return "none ready";
    if ("earlier" in found) return found.earlier;
    if ("ok" in found) return found.code;
    this.table.reap(found);
    return found;
  }
}

/** A machine of some release. */
export function machineOf({ exitStatus }: PidfdFeatures): Machine {
  return new Machine({ exitStatus });
}
