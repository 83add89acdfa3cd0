import { Inode, OpenFile } from "@kadvise/files";
import { FileTable } from "@kadvise/pidfd";
import { Checks, Journal, USUAL, type Choices, type Ports } from "@kadvise/ports";
import { profile, type Settings } from "@kadvise/releases";
import {
  AccessControl,
  commoncap,
  credentials,
  subject,
  type AccessDecision,
  type CredentialOptions,
  type Policy,
} from "@kadvise/security";
import { O, type Abi } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import { callDecoded, type DecodedArgument, type DecodedOutcome } from "../decoded.ts";
import { Limits } from "../limits.ts";
import { Machine } from "../machine.ts";
import { freshMemory } from "../process/execve.ts";
import { Registers } from "../registers.ts";
import { runCall, SYSTEM_CALLS } from "../table.ts";
import { Task, type OpenEntry } from "../task.ts";

/** How a test's machine is made. */
export interface TestMachineOptions {
  readonly release?: string;
  readonly settings?: Partial<Settings>;
  readonly policies?: readonly Policy[];
  readonly access?: AccessDecision;
  readonly choices?: Choices;
}

/** How a test's process is made: root with every capability, unless told otherwise. */
export interface TestTaskOptions extends Partial<CredentialOptions> {
  readonly parent?: Task;
  readonly isKernelThread?: boolean;
}

/** A machine with tasks on it, for tests: calls enter by registers or decoded. */
export class TestMachine {
  readonly machine: Machine;
  readonly ports: Ports;

  constructor(options: TestMachineOptions = {}) {
    const resolved = profile(options.release ?? "6.12", {
      assume: "all",
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
    this.ports = {
      choices: options.choices ?? USUAL,
      checks: new Checks(),
      journal: new Journal(),
    };
    this.machine = new Machine({
      profile: resolved,
      ports: this.ports,
      access:
        options.access ??
        new AccessControl({
          features: resolved.security,
          policies: options.policies ?? [commoncap()],
          ports: this.ports,
          settings: { suidDumpable: resolved.settings.suidDumpable },
        }),
    });
  }

  /** A process out of nothing: no memory is mapped, descriptors 0 to 2 are a terminal. */
  spawn(options: TestTaskOptions = {}): Task {
    const { machine, ports } = this;
    const { parent, isKernelThread = false, ...ids } = options;
    const files = new FileTable<OpenEntry>({ ports });
    const terminal = new OpenFile(new Inode(), {
      flags: O.O_RDWR | O.O_LARGEFILE,
      path: "/dev/tty",
      mappable: false,
    });
    for (const fd of [0, 1, 2]) files.set(fd, { file: terminal, closeOnExec: false });
    return machine.processes.spawn(
      (pid) =>
        new Task({
          machine,
          pid,
          name: "test",
          mm: isKernelThread ? undefined : freshMemory({ machine }),
          files,
          subject: subject({
            pid: pid.number,
            credentials: credentials({ uid: 0, ...ids }),
            isKernelThread,
          }),
          limits: new Limits(ports.journal),
        }),
      parent === undefined ? {} : { parent: parent.thread.group },
    ).payload;
  }

  /** The task behind a number. */
  task(number: number): Task {
    const task = this.machine.processes.find(number)?.thread?.payload;
    if (task === undefined) throw new RangeError(`no task ${number}`);
    return task;
  }
}

/** A call as a program makes it: register values; pointers lead into the task's own pages. */
export function call(
  task: Task,
  name: string,
  ...registers: readonly (number | bigint)[]
): Outcome {
  return enterBy("x86-64", task, name, registers);
}

/** The same by the 32-bit gate. */
export function call32(
  task: Task,
  name: string,
  ...registers: readonly (number | bigint)[]
): Outcome {
  return enterBy("i386", task, name, registers);
}

/** The same call by the other door: decoded arguments, structures laid over the memory. */
export function decoded(
  task: Task,
  name: string,
  ...args: readonly DecodedArgument[]
): DecodedOutcome {
  return callDecoded(task, "x86-64", SYSTEM_CALLS.get(name)!, args);
}

/** The number that a call answered, or the name of the error with the id of its reason. */
export function said(outcome: Outcome): number | string {
  return outcome.ok ? outcome.value : `${outcome.code} ${outcome.reason.id}`;
}

function enterBy(
  abi: Abi,
  task: Task,
  name: string,
  values: readonly (number | bigint)[],
): Outcome {
  const registers = new Registers(...values);
  if (abi === "i386") registers.narrow();
  return runCall(task, abi, SYSTEM_CALLS.get(name)!, registers);
}
