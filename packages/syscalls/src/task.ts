import type { OpenFile, SegmentNamespace, UnstatedFile } from "@kadvise/files";
import type { AddressSpace } from "@kadvise/mm-core";
import type { FileTable, Pid, Pidfd, PidNamespace, Thread } from "@kadvise/pidfd";
import type { Subject } from "@kadvise/security";
import type { Abi } from "@kadvise/uapi";
import { TaskActor } from "./actor.ts";
import type { Limits } from "./limits.ts";
import type { Machine } from "./machine.ts";
import type { Policy } from "./memory/policy.ts";
import type { NamespaceOwners } from "./process/namespaceOwners.ts";
import { NoMemory, TaskMemory, type UserMemory } from "./userMemory.ts";

/** What a descriptor can name. */
export type OpenEntry = OpenFile | UnstatedFile | Pidfd<Task>;

/** A new program may use key 0 alone. Linux: arch/x86/mm/pkeys.c init_pkru_value */
export const INITIAL_KEY_RIGHTS = 0x5555_5554;

/** What a task is made from. */
export interface TaskOptions {
  readonly machine: Machine;
  readonly pid: Pid<Task>;
  readonly mm: AddressSpace | undefined;
  readonly files: FileTable<OpenEntry>;
  readonly subject: Subject;
  readonly limits: Limits;
  readonly name: string;
  /** Those of another task; its own if unset. */
  readonly handlers?: SignalHandlers;
  /** The ipc namespace; the initial one if unset. */
  readonly ipc?: SegmentNamespace;
  readonly namespaceOwners?: NamespaceOwners;
}

/** The table of signal handlers. Nothing of it is modelled but who shares it. */
export interface SignalHandlers {
  readonly madeFor: number;
}

/**
 * A task: what ties memory, descriptors, credentials and a process number together (task_struct).
 * What two tasks share is decided when one is made and at execve.
 */
export class Task {
  readonly machine: Machine;
  /** Its number; a thread that executes a program takes its leader's. */
  pid: Pid<Task>;
  /** undefined for kernel threads and once the task gave its memory up. */
  mm: AddressSpace | undefined;
  files: FileTable<OpenEntry>;
  readonly subject: Subject;
  readonly limits: Limits;
  readonly actor: TaskActor;
  handlers: SignalHandlers;
  /** Which segments of System V shared memory it sees. */
  ipc: SegmentNamespace;
  /** Who owns its other namespaces. */
  namespaceOwners: NamespaceOwners;
  name: string;
  /**
   * The pid namespace that its children are made in, where that is another than its own: after
   * unshare(CLONE_NEWPID) or setns.
   */
  childNamespace: PidNamespace<Task> | undefined = undefined;
  /** Whether its children are made in another time namespace than its own: unshare(CLONE_NEWTIME). */
  childrenLeaveTime = false;
  /** The PKRU register: two bits for each protection key, no access and no writing. */
  keyRights: number = INITIAL_KEY_RIGHTS;
  /** Where its memory comes from; the default if unset. */
  policy: Policy | undefined = undefined;
  /** By which gate the present call came in; kernels that support it let one task use several. */
  abi: Abi = "x86-64";
  /**
   * Where the present call reads and writes; the task's own pages, or decoded structures laid over
   * them.
   */
  memory: UserMemory;

  constructor(options: TaskOptions) {
    this.machine = options.machine;
    this.pid = options.pid;
    this.mm = options.mm;
    this.files = options.files;
    this.subject = options.subject;
    this.limits = options.limits;
    this.name = options.name;
    this.actor = new TaskActor(this);
    this.ipc = options.ipc ?? options.machine.ipc;
    this.namespaceOwners = options.namespaceOwners ?? new Map();
    this.handlers = options.handlers ?? { madeFor: options.pid.number };
    this.memory =
      options.mm === undefined ? new NoMemory() : new TaskMemory(options.mm, this.actor);
  }

  /** The thread that the process table knows. */
  get thread(): Thread<Task> {
    const { thread } = this.pid;
    if (thread === undefined) throw new RangeError(`task ${this.pid.number} is gone`);
    return thread;
  }

  /** The task's address space. Only a living user task makes calls, so it has one. */
  get space(): AddressSpace {
    if (this.mm === undefined) throw new RangeError(`task ${this.pid.number} has no memory`);
    return this.mm;
  }

  /** Takes another address space, or gives the present one up. */
  setMemory(mm: AddressSpace | undefined): void {
    const { journal } = this.machine.ports;
    journal.save(this, "mm");
    journal.save(this, "memory");
    this.mm = mm;
    this.memory = mm === undefined ? new NoMemory() : new TaskMemory(mm, this.actor);
  }
}
