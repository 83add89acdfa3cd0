import type { OpenEntry } from "@kadvise/syscalls";
import {
  Checks,
  Journal,
  restoreSnapshot,
  takeSnapshot,
  USUAL,
  type Choices,
  type Ports,
} from "@kadvise/ports";
import { profile, type Profile, type Settings } from "@kadvise/releases";
import {
  AccessControl,
  commoncap,
  credentials,
  initialUserNamespace,
  subject,
  unknownCredentials,
  yama,
  type AccessDecision,
  type CredentialOptions,
  type Policy,
} from "@kadvise/security";
import { Inode, OpenFile, UnstatedFile } from "@kadvise/files";
import { FileTable, PidNamespace } from "@kadvise/pidfd";
import { O } from "@kadvise/uapi";
import { freshMemory, Limits, Machine, Task } from "@kadvise/syscalls";
import { explain, type Explanation } from "./explain.ts";
import { Process } from "./process.ts";
import { CLASSES, type KernelSnapshot } from "./snapshot.ts";
import { noteWork, readWork, type Work } from "./work.ts";

/** What a kernel is made from. */
export interface KernelOptions {
  /**
   * `6.12`, `5.10.24`, `seed`, …; the newest that the data knows if neither it nor a profile is
   * given.
   */
  readonly release?: string;
  readonly profile?: Profile;
  /** Settings that are known, where the profile is made here. */
  readonly settings?: Partial<Settings>;
  /** The stack of policies; commoncap, and Yama where the settings have it, if unset. */
  readonly policies?: readonly Policy[];
  /** Another rule altogether in place of Linux' access control. */
  readonly access?: AccessDecision;
  /** Who answers where Linux may do several things; a quiet machine does the usual. */
  readonly choices?: Choices;
  /** Tasks follow recorded programs: what was not seen is not known. */
  readonly recorded?: boolean;
  /** The first process number to hand out. */
  readonly firstPid?: number;
}

/** How a process is made out of nothing, as the first ones of a scenario are. */
export interface SpawnOptions extends Partial<CredentialOptions> {
  readonly name?: string;
  /** The process number; the next free one if unset. */
  readonly pid?: number;
  readonly parent?: Process;
  /**
   * Of a recorded process without stated ids: whether its four uids are one id and its four gids
   * are one, whatever they are.
   */
  readonly sameIds?: boolean;
  /** It lives in some pid namespace below the initial one: nobody knows its number there. */
  readonly isNested?: boolean;
}

const NEWEST = "7.3";

/**
 * A reference kernel: one profile, its processes, and what they share.
 *
 * @example
 * const kernel = new Kernel({ release: "6.12" });
 * const app = kernel.spawn({ uid: 10_001, name: "app" });
 * must(app.mmap({ length: 4096, prot: "rw" })); // an address
 */
export class Kernel {
  readonly profile: Profile;
  readonly ports: Ports;
  machine: Machine;
  private readonly recorded: boolean;

  constructor(options: KernelOptions = {}) {
    this.profile =
      options.profile ??
      profile(options.release ?? NEWEST, {
        ...(options.settings === undefined ? {} : { settings: options.settings }),
        ...(options.recorded === true ? {} : { assume: "all" as const }),
      });
    this.ports = {
      choices: options.choices ?? USUAL,
      checks: new Checks(),
      journal: new Journal(),
    };
    this.recorded = options.recorded ?? false;
    this.machine = new Machine({
      profile: this.profile,
      ports: this.ports,
      access: options.access ?? this.usualAccess(options.policies),
      recorded: this.recorded,
      ...(options.firstPid === undefined ? {} : { firstPid: options.firstPid }),
    });
  }

  /**
   * A process out of nothing: its parent is init, its memory is empty, its descriptors 0 to 2 are a
   * terminal. Root unless told otherwise.
   */
  spawn(options: SpawnOptions = {}): Process {
    const { machine, recorded } = this;
    const { name = "process", pid: number, parent, sameIds = false, isNested, ...ids } = options;
    const { namespace } = machine.processes;
    const thread = machine.processes.spawn(
      (pid) =>
        new Task({
          machine,
          pid,
          name,
          mm: freshMemory({ machine }),
          files: recorded
            ? new FileTable<OpenEntry>({ ports: this.ports, unstated: new UnstatedFile() })
            : terminalFiles(this.ports),
          subject: subject({
            pid: pid.number,
            credentials:
              recorded && ids.uid === undefined
                ? unknownCredentials({ whose: `process ${pid.number}`, sameIds })
                : credentials({ uid: 0, ...ids }),
          }),
          limits: recorded ? Limits.none(this.ports.journal) : new Limits(this.ports.journal),
        }),
      {
        ...(parent === undefined ? {} : { parent: parent.task.thread.group }),
        ...(number === undefined ? {} : { number }),
        ...(isNested === true ? { namespace: unstatedNamespace(namespace) } : {}),
      },
    );
    if (recorded) {
      thread.group.childrenUnstated = true;
      thread.group.subreaperUnstated = true;
    }
    return new Process(this, thread.pid.number);
  }

  /** The process or thread with a number, or undefined. */
  find(number: number): Process | undefined {
    return this.machine.processes.find(number)?.thread === undefined
      ? undefined
      : new Process(this, number);
  }

  /** The numbers of all threads and zombies, ascending. */
  get pids(): readonly number[] {
    return [...this.machine.processes.pids.keys()].sort((a, b) => a - b);
  }

  /** The stack of policies, commoncap included; assign another at any time. */
  get policies(): readonly Policy[] {
    return this.accessControl.policies;
  }

  set policies(policies: readonly Policy[]) {
    this.accessControl.policies = policies;
  }

  /** What was done so far, counted as the kernel would have done it. */
  get work(): Work {
    return readWork(this.machine);
  }

  /** Runs an action, returns its value, and takes every change back. */
  attempt<T>(action: () => T): T {
    return this.ports.journal.attempt(() => {
      noteWork(this.machine);
      return action();
    });
  }

  /** Runs an action as an attempt, and tells every check that it made, in Linux' order. */
  explain<T>(action: () => T): Explanation<T> {
    return explain(this, action);
  }

  /** The whole state as a plain value. */
  snapshot(): KernelSnapshot {
    const { access } = this.machine;
    const policies = access instanceof AccessControl ? access.policies : [];
    return structuredCopy({
      profile: this.profile.name,
      machine: takeSnapshot(this.machine, CLASSES, this.externals(this.machine)),
      policies: policies.map((policy) => ({ name: policy.name, state: policy.state?.() })),
    });
  }

  /** Takes the state of a snapshot; handles to processes stay good by their numbers. */
  restore(snapshot: KernelSnapshot): void {
    if (snapshot.profile !== this.profile.name) {
      throw new RangeError(
        `expected a snapshot of profile ${this.profile.name}, got one of ${snapshot.profile}`,
      );
    }
    const machine = restoreSnapshot(
      snapshot.machine,
      CLASSES,
      this.externals(this.machine),
    ) as Machine;
    this.machine = machine;
    for (const policy of this.machine.access instanceof AccessControl
      ? this.machine.access.policies
      : []) {
      const saved = snapshot.policies.find(({ name }) => name === policy.name);
      const state = policy.state?.();
      if (saved?.state === undefined || state === undefined) continue;
      for (const key of Object.keys(state)) Reflect.deleteProperty(state, key);
      Object.assign(state, structuredCopy(saved.state));
    }
  }

  private get accessControl(): AccessControl {
    const { access } = this.machine;
    if (access instanceof AccessControl) return access;
    throw new TypeError("this kernel was given a rule of its own: it has no stack of policies");
  }

  private usualAccess(policies: readonly Policy[] | undefined): AccessControl {
    const { settings, security } = this.profile;
    const scope = settings.ptraceScope;
    const usual = scope === null ? [commoncap()] : [commoncap(), yama({ scope })];
    return new AccessControl({
      features: security,
      policies: policies ?? usual,
      ports: this.ports,
      settings: { suidDumpable: settings.suidDumpable },
    });
  }

  /** What a snapshot names and does not hold. */
  private externals(machine: Machine): ReadonlyMap<string, object> {
    return new Map<string, object>([
      ["ports", this.ports],
      ["checks", this.ports.checks],
      ["journal", this.ports.journal],
      ["choices", this.ports.choices],
      ["profile", this.profile],
      ["features", this.profile.mm],
      ["access", machine.access],
      ["initialUserNamespace", initialUserNamespace],
      ["vector", machine.vector],
    ]);
  }
}

/** The table of a process that a shell started: standard input, output and error. */
function terminalFiles(ports: Ports): FileTable<OpenEntry> {
  const files = new FileTable<OpenEntry>({ ports });
  const terminal = new OpenFile(new Inode(), {
    flags: O.O_RDWR | O.O_LARGEFILE,
    path: "/dev/tty",
    mappable: false,
  });
  for (const fd of [0, 1, 2]) files.set(fd, { file: terminal, closeOnExec: false });
  return files;
}

/** A deep copy of plain data, without a global that only some hosts have. */
function structuredCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => structuredCopy(element)) as T;
  if (ArrayBuffer.isView(value)) return (value as unknown as Uint8Array).slice() as unknown as T;
  if (value instanceof Map) {
    return new Map([...value].map(([k, v]) => [structuredCopy(k), structuredCopy(v)])) as T;
  }
  if (value instanceof Set)
    return new Set([...value].map((element) => structuredCopy(element))) as T;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, structuredCopy(v as unknown)]),
  ) as T;
}

function unstatedNamespace(around: PidNamespace<Task>): PidNamespace<Task> {
  const namespace = new PidNamespace<Task>(around);
  namespace.firstUnstated = true;
  return namespace;
}
