import { UnstatedFile } from "@kadvise/files";
import { AddressSpace } from "@kadvise/mm-core";
import { forgetCredentials } from "@kadvise/security";
import { integerOf, type CallEvent } from "@kadvise/strace";
import { execProgram, exitProcess, type Task } from "@kadvise/syscalls";
import { P, PR, WAIT } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import { statusOf } from "../notation/waitStatus.ts";
import { applyEffect } from "./effects.ts";
import { hasFlag } from "./flagArgument.ts";
import { touchesIn } from "./touch.ts";
import type { World } from "./world.ts";

/** Calls that change areas and leave them where they are. */
const CHANGES_AREAS: ReadonlySet<string> = new Set([
  ...["madvise", "mlock", "mlock2", "mlockall", "mprotect", "mseal", "munlock", "munlockall"],
  ...["process_madvise"],
]);

/**
 * Takes an observed result as true, where the model could not say it or said otherwise: what the
 * call may have changed becomes what the log shows, or unknown. One cause is one deviation.
 */
export function adopt(world: World, task: Task, name: string, event: CallEvent): void {
  const { value, error } = event.result;
  const { machine } = task;
  if (error !== undefined && name.startsWith("process_vm_")) applyEffect(task, event);
  if (name === "mseal" && error === undefined && task.mm !== undefined) {
    machine.ports.journal.save(task.mm, "maySeal");
    task.mm.maySeal = true;
  }
  if (CHANGES_AREAS.has(name)) {
    // Also a refusal may come after some of the range was changed.
    for (const { what, start, end, writes } of touchesIn(world, task.pid.number, event)) {
      if (writes === 0 || !(what instanceof AddressSpace)) continue;
      const last = Math.min(Math.ceil(end / machine.memory.pageBytes), what.layout.limit);
      what.forget(Math.floor(start / machine.memory.pageBytes), last);
    }
    return;
  }
  if (error !== undefined || value === undefined) return;
  const result = Number(value);
  const { pageBytes } = machine.memory;
  const space = task.mm;
  const range = (): { start: number; end: number } | undefined => {
    const at = numberOf(event, 0);
    const length = numberOf(event, 1);
    if (at === undefined || length === undefined || at < 0 || length <= 0) return undefined;
    return { start: Math.floor(at / pageBytes), end: Math.ceil((at + length) / pageBytes) };
  };
  switch (name) {
    case "mmap":
    case "mmap2":
    case "map_shadow_stack": {
      const length = numberOf(event, 1) ?? pageBytes;
      const start = Math.floor(result / pageBytes);
      space?.forget(start, start + Math.ceil(length / pageBytes));
      return;
    }
    case "munmap": {
      const gone = range();
      if (gone !== undefined && space !== undefined) {
        space.forget(gone.start, gone.end);
        space.stateRange(gone.start, gone.end);
      }
      return;
    }
    case "mincore":
    case "msync":
      return;
    case "brk":
      if (space !== undefined) {
        machine.ports.journal.save(space, "break");
        space.forget(
          Math.floor(Math.min(space.break || result, result) / pageBytes),
          Math.ceil(result / pageBytes),
        );
        space.break = result;
      }
      return;
    case "clone":
    case "clone3":
    case "fork":
    case "vfork":
      // The number of a child in a pid namespace is none that the log knows it by.
      if (task.pid.namespace.level === 0 && world.process(result) === undefined) {
        world.spawn(result, hasFlag(event, "CLONE_NEWPID"));
        if (!event.argumentText.includes("CLONE_THREAD"))
          world.joinFamily(result, task.thread.group.pid.number);
      }
      return;
    case "execve":
    case "execveat":
      execProgram(task, { owner: 0, group: 0 });
      return;
    case "wait4":
    case "waitpid": {
      if (saysEnd(event)) takeAway(task, machine.processes.find(result)?.group);
      return;
    }
    case "waitid": {
      takeAway(task, toldByWaitid(task, event));
      return;
    }
    case "prctl":
      adoptPrctl(task, event);
      return;
    case "close": {
      const fd = numberOf(event, 0);
      if (fd !== undefined && fd >= 0) task.files.set(fd, null);
      return;
    }
    case "dup":
    case "dup2":
    case "dup3":
    case "pidfd_open":
    case "pidfd_getfd":
      task.files.set(result, { file: new UnstatedFile(), closeOnExec: name.startsWith("pidfd") });
      return;
    default:
      if (/^(set.*id|setgroups|capset)$/.test(name))
        forgetCredentials(machine.access, task.subject);
      else applyEffect(task, event);
  }
}

function numberOf(event: CallEvent, i: number): number | undefined {
  const value = event.args[i]?.value;
  const number = value === undefined ? undefined : integerOf(value, constant);
  return number === undefined ? undefined : Number(number);
}

/** Whether a wait told of an end, and not that somebody was stopped or goes on. */
function saysEnd({ args }: CallEvent): boolean {
  const status = args[1] === undefined ? undefined : statusOf(args[1].value);
  if (status !== undefined) return (status & 0xff) !== 0x7f && status !== 0xffff;
  return !/WUNTRACED|WSTOPPED|WCONTINUED|^0x/.test(args[2]?.text ?? "");
}

/** A wait took a child away; of one that nobody watches, it tells that it has ended. */
function takeAway({ machine }: Task, group: Task["thread"]["group"] | undefined): void {
  if (group?.isUnwatched === true && group.state === "alive" && group.leader !== undefined)
    exitProcess(group.leader.payload, { code: 0, signal: 0, coreDumped: false });
  if (group?.state === "zombie") machine.processes.reap(group);
}

/** The child that a waitid took away, as far as its arguments and the siginfo tell. */
function toldByWaitid(task: Task, event: CallEvent): Task["thread"]["group"] | undefined {
  const options = numberOf(event, 3) ?? WAIT.WNOWAIT;
  if ((options & WAIT.WNOWAIT) !== 0 || (options & WAIT.WEXITED) === 0) return undefined;
  const { processes } = task.machine;
  const info = event.args[2]?.value;
  if (info?.kind === "struct") {
    const field = (name: string): number | undefined => {
      const value = info.fields.find((candidate) => candidate.name === name)?.value;
      const number = value === undefined ? undefined : integerOf(value, constant);
      return number === undefined ? undefined : Number(number);
    };
    const pid = field("si_pid");
    const hasEnded = ENDS.has(field("si_code") ?? 0);
    return pid === undefined || !hasEnded ? undefined : processes.find(pid)?.group;
  }
  // Without a siginfo only a call that had to wait for the end of one process tells.
  if ((options & (WAIT.WNOHANG | WAIT.WSTOPPED | WAIT.WCONTINUED)) !== 0) return undefined;
  const id = numberOf(event, 1) ?? -1;
  if (numberOf(event, 0) === P.P_PID) return processes.find(id)?.group;
  const file = numberOf(event, 0) === P.P_PIDFD ? task.files.peek(id)?.file : undefined;
  return file?.kind === "pidfd" ? file.pid.group : undefined;
}

/** CLD_EXITED, CLD_KILLED, CLD_DUMPED. Linux: include/uapi/asm-generic/siginfo.h */
const ENDS: ReadonlySet<number> = new Set([1, 2, 3]);

/** Options that say nothing of who a process is. */
const NO_IDENTITY: ReadonlySet<number> = new Set([
  ...[PR.PR_SET_THP_DISABLE, PR.PR_GET_THP_DISABLE, PR.PR_SET_MEMORY_MERGE],
  ...[PR.PR_GET_MEMORY_MERGE, PR.PR_SET_VMA, PR.PR_GET_CHILD_SUBREAPER],
]);

/** What strace shows of a name tells areas apart, also where it is cut off. */
function adoptName({ machine, mm }: Task, event: CallEvent): void {
  const [at, length] = [2, 3].map((i) => numberOf(event, i));
  const name = event.args[4]?.value;
  if (name?.kind !== "string" || at === undefined || length === undefined) return;
  const { pageBytes } = machine.memory;
  mm?.name(Math.floor(at / pageBytes), Math.ceil(length / pageBytes), name.text);
}

function adoptPrctl(task: Task, event: CallEvent): void {
  if (numberOf(event, 0) === PR.PR_SET_VMA) adoptName(task, event);
  if (NO_IDENTITY.has(numberOf(event, 0) ?? -1)) return;
  forgetCredentials(task.machine.access, task.subject);
}
