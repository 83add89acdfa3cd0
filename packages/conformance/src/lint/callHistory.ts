import type { CallEvent, LogEvent } from "@kadvise/strace";
import { CLONE } from "@kadvise/uapi";
import { adviceGiven, numberOf } from "./adviceGiven.ts";
import { cloneFlagsOf } from "./cloneFlagsOf.ts";

/** A pidfd as far as the log shows where it came from. */
export interface KnownPidfd {
  /** The number that pidfd_open was given. */
  readonly names: number;
  /** Who opened it. */
  readonly openedBy: ProcessSeen;
}

/** A process of the log. */
export interface ProcessSeen {
  /** Its number as itself and others in the log know it; undefined where nobody can tell. */
  readonly number: number | undefined;
  /** Whether the log shows it from its execve on. */
  readonly isWhole: boolean;
}

/** What is kept of a process. */
class Process implements ProcessSeen {
  number: number | undefined;
  isWhole = false;
  /** Its pidfds, by descriptor; shared with whom it shares its table. */
  pidfds: Map<number, KnownPidfd> = new Map();
  /** Advice that was given in its memory, by number. */
  advice: Set<number> = new Set();
  /** Its memory: the same object is the same memory. */
  memory: object = {};
}

/**
 * What a log has shown so far of the things that rules ask about: which process a pidfd names, who
 * is whose child, what advice was given. Feed it every event behind the call that is looked at.
 */
export class CallHistory {
  private readonly processes: Map<number, Process> = new Map();
  /** Whether numbers of the log are those that the processes themselves see. */
  private seesSameNumbers = true;

  /** The process whose thread made a call. */
  callerOf({ pid }: CallEvent): ProcessSeen {
    return this.process(pid);
  }

  /** The pidfd behind a descriptor of the caller. */
  pidfdOf({ pid }: CallEvent, descriptor: number): KnownPidfd | undefined {
    return this.process(pid).pidfds.get(descriptor);
  }

  /** Whether a piece of advice was given before in the caller's memory. */
  hasGiven({ pid }: CallEvent, advice: number): boolean {
    return this.process(pid).advice.has(advice);
  }

  /** Whether the caller runs in the memory of the process with a number; undefined if unknown. */
  sharesMemoryWith({ pid }: CallEvent, number: number): boolean | undefined {
    const caller = this.process(pid);
    if (caller.number === number) return true;
    const target = [...this.processes.values()].find((one) => one.number === number);
    if (target !== undefined) return target.memory === caller.memory;
    return caller.number === undefined ? undefined : false;
  }

  note(event: LogEvent): void {
    if (event.kind === "call") this.noteCall(event);
    else if (event.kind === "exited" || event.kind === "killed")
      this.processes.delete(event.pid ?? 0);
  }

  private process(pid = 0): Process {
    const known = this.processes.get(pid);
    if (known !== undefined) return known;
    const made = new Process();
    made.number = this.seesSameNumbers && pid !== 0 ? pid : undefined;
    this.processes.set(pid, made);
    return made;
  }

  private noteCall(call: CallEvent): void {
    const { name, result } = call;
    const value = result.value === undefined ? undefined : Number(result.value);
    if (result.error !== undefined || value === undefined) return;
    const process = this.process(call.pid);
    switch (name) {
      case "madvise":
      case "process_madvise": {
        const given = adviceGiven(call);
        if (given !== undefined) process.advice.add(given.advice);
        return;
      }
      case "execve":
      case "execveat":
        // A pidfd is made to be closed on exec; a duplicate that stays open is known no more.
        process.pidfds = new Map();
        process.advice = new Set();
        process.memory = {};
        process.isWhole = true;
        return;
      case "getpid":
        this.noteNumber(process, call.pid, value);
        return;
      case "pidfd_open":
        process.pidfds.set(value, {
          names: Number(numberOf(call.args[0]?.value) ?? -1),
          openedBy: process,
        });
        return;
      default:
        this.noteDescriptors(process, call, value);
        this.noteChild(process, call, value);
    }
  }

  /** In a pid namespace of its own, a process has another number than the log says. */
  private noteNumber(process: Process, pid: number | undefined, number: number): void {
    if (pid !== undefined && pid !== number && process.number === pid) {
      this.seesSameNumbers = false;
      for (const one of this.processes.values()) one.number = undefined;
    }
    process.number = number;
  }

  private noteDescriptors(process: Process, { name, args }: CallEvent, value: number): void {
    const first = Number(numberOf(args[0]?.value) ?? -1);
    switch (name) {
      case "close":
        process.pidfds.delete(first);
        return;
      case "close_range": {
        const last = Number(numberOf(args[1]?.value) ?? -1);
        for (const fd of [...process.pidfds.keys()])
          if (fd >= first && fd <= last) process.pidfds.delete(fd);
        return;
      }
      case "dup":
      case "dup2":
      case "dup3":
      case "fcntl":
      case "fcntl64":
        this.noteDuplicate(process, name, args, value);
        return;
      default:
        return;
    }
  }

  private noteDuplicate(
    process: Process,
    name: string,
    args: CallEvent["args"],
    value: number,
  ): void {
    if (name.startsWith("fcntl") && !/^F_DUPFD/.test(args[1]?.text ?? "")) return;
    const known = process.pidfds.get(Number(numberOf(args[0]?.value) ?? -1));
    if (known === undefined) process.pidfds.delete(value);
    else process.pidfds.set(value, known);
  }

  private noteChild(parent: Process, call: CallEvent, pid: number): void {
    const flags = cloneFlagsOf(call);
    if (flags === undefined || pid <= 0) return;
    if ((flags & CLONE.CLONE_THREAD) !== 0) {
      this.processes.set(pid, parent);
      return;
    }
    // Its own lines may stand before its parent's call has returned.
    const child = this.process(pid);
    const opened = [...child.pidfds];
    const isShared = (flags & CLONE.CLONE_FILES) !== 0;
    child.pidfds = isShared ? parent.pidfds : new Map(parent.pidfds);
    for (const [fd, pidfd] of opened) child.pidfds.set(fd, pidfd);
    child.isWhole ||= parent.isWhole;
    if (child.advice.size === 0) child.advice = new Set(parent.advice);
    if ((flags & CLONE.CLONE_VM) !== 0) child.memory = parent.memory;
  }
}
