import type { CallEvent, LogEvent } from "@kadvise/strace";
import { exitProcess } from "@kadvise/syscalls";
import { constant } from "../notation/constants.ts";
import { statusOf } from "../notation/waitStatus.ts";
import type { World } from "./world.ts";

const WAITS = /^(wait4|waitpid|waitid)$/;

/**
 * Ends of processes in a log without `+++ exited with 0 +++`, which strace -qqq leaves out, not
 * so those of who was killed: that a child has ended, the call says that waited for it.
 */
export class UnshownExits {
  private areShown = false;

  /** Notes whether the log shows such lines. */
  note({ kind }: LogEvent): void {
    if (kind === "exited") this.areShown = true;
  }

  /** Ends the child of which a call says so, before the call is judged. */
  end({ name, args, result }: CallEvent, caller: number, worlds: Iterable<World>): void {
    if (this.areShown || !WAITS.test(name)) return;
    if (result.error === "ECHILD") endLeaving(caller, worlds);
    if (result.error !== undefined) return;
    const info = name === "waitid" ? args[2]?.text : undefined;
    const shown = args[1]?.text === "NULL" ? endOf(args[2]?.text) : statusOf(args[1].value);
    const status = name === "waitid" ? statusIn(info) : shown;
    const pid =
      name === "waitid" ? Number(/si_pid=(\d+)/.exec(info ?? "")?.[1]) : Number(result.value);
    // Of who was stopped or goes on the lowest byte is full.
    if (status === undefined || (status & 0xff) === 0x7f || status === 0xffff) return;
    for (const world of worlds) {
      const task = world.process(pid)?.task;
      const parent = world.process(caller)?.task.thread.group;
      if (task?.thread.group.parent !== parent) continue;
      // Without -f nobody watches children at all: when they end is not known.
      if (task?.thread.alive !== true || task.thread.group.isUnwatched) continue;
      exitProcess(task, {
        ...{ code: status >> 8, signal: status & 0x7f, coreDumped: (status & 0x80) !== 0 },
      });
    }
  }
}

/** Without a child, nobody is left of those that called exit_group: they leave no zombies. */
function endLeaving(caller: number, worlds: Iterable<World>): void {
  for (const world of worlds)
    for (const child of world.process(caller)?.task.thread.group.children ?? []) {
      const task = child.leader?.payload;
      if (task !== undefined && child.dying && child.state === "alive") exitProcess(task, PLAIN);
    }
}

const PLAIN = { code: 0, signal: 0, coreDumped: false } as const;

/** Who wants no status and waits for ends alone was told of one. */
function endOf(options = ""): number | undefined {
  return /WUNTRACED|WSTOPPED|WCONTINUED|^0x/.test(options) ? undefined : 0;
}

/** `{si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=7, si_uid=0, si_status=SIGKILL, …}` */
function statusIn(info: string | undefined): number | undefined {
  const [, code, value] = /si_code=(CLD_\w+).*?si_status=(\w+)/.exec(info ?? "") ?? [];
  const number = Number(constant(value ?? "") ?? value);
  switch (code) {
    case "CLD_EXITED":
      return number << 8;
    case "CLD_KILLED":
      return number;
    case "CLD_DUMPED":
      return number | 0x80;
    default:
      return undefined;
  }
}
