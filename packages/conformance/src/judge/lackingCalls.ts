import type { CallEvent } from "@kadvise/strace";
import { forgetAll } from "./gaps.ts";
import { plainName } from "./scope.ts";
import type { Judgement } from "./verdict.ts";
import type { World } from "./world.ts";
import type { Worlds } from "./worlds.ts";

/** What a loader does, whatever program it loads. */
const LOADER: readonly string[] = ["openat", "mmap", "mprotect", "close", "munmap"];
/** One of these every program makes when it starts. */
const START: readonly string[] = ["brk", "mmap", "arch_prctl"];
const SOME_CALLS = 24;
/** So many calls of a program hold all of its loader's. */
const MANY_CALLS = 60;

/**
 * Signs that a log does not show every call of the processes in it: strace was attached to a process
 * that ran, follows one thread of several, or was told to leave calls out.
 *
 * A result that contradicts what is known of such processes is judged again without that knowledge.
 */
export class LackingCalls {
  private readonly shown: Set<string> = new Set();
  private calls = 0;
  private strangers = 0;
  private beginsWithExec = false;
  private hasLoader = false;
  private isNumberless = false;
  private isProven = false;
  private opens = false;
  private showsNamespaces = false;

  /** A thread has lines of whom no line says who made it. */
  noteStranger(): void {
    this.strangers++;
  }

  /** Notes a call, before it is judged. */
  note(event: CallEvent, pid: number, worlds: Worlds): void {
    const { name, result } = event;
    if (this.calls++ === 0) this.beginsWithExec = name === "execve" || name === "spawn";
    this.isNumberless ||= event.pid === undefined;
    if (this.calls <= MANY_CALLS) {
      this.shown.add(name);
      this.hasLoader ||= event.argumentText.includes("/etc/ld.so.");
      this.hasLoader ||= event.argumentText.includes("MAP_DENYWRITE");
    }
    this.opens ||= OPENS.test(name);
    this.showsNamespaces ||= JOINS.test(name) || event.argumentText.includes("CLONE_NEW");
    if (WAITS.test(name)) this.shown.add("wait");
    // The kernel takes a number that nobody uses: somebody closed it.
    if (OPENS.test(name) && result.error === undefined && !this.isProven)
      this.isProven = worlds.some((world) => isOpen(world, pid, Number(result.value)));
  }

  /** Whether calls that the log does not show may explain what contradicts a result. */
  mayExplain(event: CallEvent, worlds: Worlds): boolean {
    const { result } = event;
    if (!this.showsNamespaces && isOfNamespace(event)) this.isProven = true;
    if (this.isLikely || !worlds.every(({ assumptions }) => assumptions.holds("whole-log")))
      return true;
    // Nobody waits: who has ended may be gone.
    const isGone = result.error === "ESRCH" && !this.shown.has("wait");
    return isGone && worlds.some((world) => world.hasZombies);
  }

  /** Whether calls are lacking, as far as the log has shown. */
  private get isLikely(): boolean {
    // The first one is the log's own.
    if (this.isProven || this.strangers > 1) return true;
    if (!this.beginsWithExec && (this.isNumberless || this.hasLoader)) return true;
    if (this.calls >= SOME_CALLS && !START.some((name) => this.shown.has(name))) return true;
    if (this.hasLoader && !this.opens) return true;
    if (!this.hasLoader || this.calls < MANY_CALLS) return false;
    return !LOADER.every((name) => this.shown.has(name));
  }
}

const JOINS = /^(unshare|setns)$/;

/**
 * What no process answers but in a namespace of its own: that it is the first one, that its parent
 * is outside, that an id is none. Who is in one unshared it, in a call that the log leaves out.
 * Linux: kernel/pid.c pid_nr_ns, kernel/sys.c __sys_setuid (make_kuid)
 */
function isOfNamespace({ name, result }: CallEvent): boolean {
  if (/^set(re|res)?[ug]id(32)?$/.test(name)) return result.error === "EINVAL";
  const answer = result.error === undefined ? Number(result.value) : undefined;
  return (name === "getpid" && answer === 1) || (name === "getppid" && answer === 0);
}

const WAITS = /^wait(4|id|pid)$/;
const OPENS = /^(openat|openat2|open|socket|epoll_create1|eventfd2|memfd_create)$/;

function isOpen(world: World, pid: number, fd: number): boolean {
  const file = world.process(pid)?.task.files.peek(fd)?.file;
  return file !== undefined && file.kind !== "unstated";
}

/** Gives up all that is known of every process, and of who is whose child. */
export function forgetWorld(world: World): void {
  const { processes } = world.kernel.machine;
  const { journal } = world.kernel.ports;
  for (const task of world.tasks()) {
    const { group } = task.thread;
    forgetAll(task);
    journal.save(task.subject, "idMapUnstated");
    task.subject.idMapUnstated = true;
    task.limits.forget();
    processes.leaveFamily(group);
  }
  world.choices.memory.end();
}

/** What a result says of who is there, and of whom it is. */
const OF_PROCESSES =
  /^(wait4|waitid|waitpid|t?g?kill|rt_(tg)?sigqueueinfo|pidfd_(open|send_signal|getfd)|process_m(release|advise)|set_tid_address)$/;
const WHO = /^get(pid|ppid|tid)$/;

/**
 * What to say of a result that contradicts what remains: which thread is of which process, and who
 * is there, is not known where calls are lacking.
 */
export function excuseProcesses(judgement: Judgement, event: CallEvent): Judgement {
  const name = plainName(event.name);
  const speaksOfThem = [event.result.error ?? "", ...judgement.allowed].some(
    (text) => /E(SRCH|CHILD)/.test(text) || (name === "pidfd_open" && /E(INVAL|NOENT)/.test(text)),
  );
  if (judgement.verdict !== "deviation") return judgement;
  if (!WHO.test(name) && !(OF_PROCESSES.test(name) && speaksOfThem)) return judgement;
  return {
    verdict: "undetermined",
    allowed: judgement.allowed,
    reason: {
      id: "judge/lacking-calls",
      text: "the log lacks calls, or follows threads from before it: who is there is not known",
    },
    needs: ["assumption/whole-log"],
  };
}
