import type { Inode } from "@kadvise/files";
import { Kernel } from "@kadvise/kernel";
import type { Profile } from "@kadvise/releases";
import {
  callByNumber,
  enter,
  execProgram,
  KTHREADD,
  neverReturns,
  onlyChecked,
  openProgram,
  Registers,
  spawnKernelThread,
  type Outcome,
  type Task,
} from "@kadvise/syscalls";
import { ERRNO, type Abi } from "@kadvise/uapi";
import { DATA_ADDRESS } from "../program/layout.ts";
import type {
  Actor,
  ExecOperation,
  Operand,
  Operation,
  Program,
  ReadOperation,
  RepeatOperation,
} from "../program/program.ts";
import type { OperationResult } from "../program/result.ts";
import { IMAGES } from "../target/images.ts";
import type { TargetFacts } from "../target/target.ts";
import { loadFrom, storeTo, touchAt } from "./accessMemory.ts";
import { KnownPages } from "./knownPages.ts";
import { observedField } from "./observedField.ts";
import { observedFile } from "./observedFile.ts";
import { ProgramChoices } from "./programChoices.ts";
import { refusedFile } from "./refusedFile.ts";
import { fillSpace } from "./startSpace.ts";
import { settleTask } from "./startTask.ts";
import { repeatCalls } from "./repeatCalls.ts";
import { writtenFile } from "./writtenFile.ts";

const UNMODELLED: OperationResult = Object.freeze({ state: "unmodelled", value: 0n });
const ABSENT: OperationResult = Object.freeze({ state: "absent", value: 0n });
/** A file below /proc that names its process by number. */
const NUMBERED = /^\/proc\/(\d+)\//;
/** The number of an actor that was never made: no process has it. NOBODY in protocol.h */
const NOBODY = 0x7fff_ffff;
/** Whether somebody has DAMON watch the machine. */
const DAMON = "/sys/kernel/mm/damon/admin/kdamonds/0/state";
/** A sleep that nobody ends. */
const SLEEPS: ReadonlySet<string> = new Set([
  ...["ERESTARTSYS", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK", "EINTR"],
]);

/** How a machine is made for one program. */
export interface MachineOptions {
  readonly facts: TargetFacts;
  readonly profile: Profile;
  readonly program: Program;
  /** The numbers of the first actors, or of the very first. */
  readonly pids?: readonly number[];
  readonly firstPid?: number;
}

/**
 * A machine of the model on which one program runs: its processes begin as the agent's own were
 * seen to begin, and do what the agent would do.
 */
export class ModelMachine {
  readonly kernel: Kernel;
  readonly choices: ProgramChoices = new ProgramChoices();
  private readonly facts: TargetFacts;
  private readonly program: Program;
  private readonly files: Map<string, Inode> = new Map();
  private readonly known: KnownPages;
  private readonly supervisor: Task;
  private readonly actors: Map<number, Task> = new Map();
  /** Who was made by vfork last, by its maker. */
  private readonly borrowers: Map<Task, Task> = new Map();
  /** What each operation returned so far. */
  readonly results: OperationResult[] = [];
  /** The numbers of all actors that ever were. */
  readonly pids: number[] = [];

  constructor(options: MachineOptions) {
    const { facts, profile, program, pids = [], firstPid } = options;
    this.facts = facts;
    this.program = program;
    this.kernel = new Kernel({ profile, choices: this.choices });
    const isWatched = facts.facts[DAMON]?.trim() === "on";
    this.known = new KnownPages([...facts.start.areas, ...facts.executed.areas], isWatched);
    const { supervisor } = facts.start;
    this.supervisor = this.kernel.spawn({
      pid: supervisor,
      name: facts.start.name ?? "agent",
    }).task;
    if (hasKernelThreads(facts)) spawnKernelThread(this.supervisor.machine, KTHREADD);
    fillSpace(this.supervisor.space, facts.start, this.files);
    settleTask(this.supervisor, facts.start);
    storeTo(this.supervisor, BigInt(DATA_ADDRESS), program.data);
    for (let actor = 0; actor < program.actors; actor++) {
      this.makeFirst(actor, pids[actor] ?? (actor === 0 ? firstPid : undefined));
    }
  }

  /** Performs the next operation. What it returned counts once {@link keep} was called. */
  perform(operation: Operation): OperationResult {
    const task = this.taskOf(operation.actor);
    if (task === undefined) return ABSENT;
    this.relocate(operation, task);
    return this.perform1(operation, task);
  }

  /** Goes on: the operation returned this. */
  keep(result: OperationResult): void {
    this.results.push(result);
  }

  /** The task of an actor that lives. */
  taskOf(actor: Actor): Task | undefined {
    const task = actor === "supervisor" ? this.supervisor : this.actors.get(actor);
    return task !== undefined && isAlive(task) ? task : undefined;
  }

  private perform1(operation: Operation, task: Task): OperationResult {
    switch (operation.kind) {
      case "call":
      case "exit":
        return this.call(operation, task);
      case "fork":
        return this.fork(operation, task);
      case "exec":
        return this.exec(operation.image, task, operation.at);
      case "load":
        return loadFrom(task, this.valueOf(operation.address), operation.bytes);
      case "store": {
        const from = BigInt(DATA_ADDRESS + operation.from);
        const data = loadFrom(this.supervisor, from, operation.bytes).payload ?? new Uint8Array();
        return storeTo(task, this.valueOf(operation.address), data);
      }
      case "touch": {
        const { count, strideBytes, access, byte = 1 } = operation;
        return touchAt(task, this.valueOf(operation.address), {
          ...{ count, byte },
          strideBytes: BigInt(strideBytes),
          isWrite: access === "write",
        });
      }
      case "read": {
        const of = this.readTask(operation);
        if (operation.shows !== undefined) return observedField(of, operation.shows) ?? UNMODELLED;
        const offset = this.valueOf(operation.offset ?? 0);
        const extent = { offset: Number(offset), bytes: operation.bytes };
        const path = operation.path.replace(NUMBERED, "/proc/%/");
        const refused = refusedFile(task, of, path);
        if (refused !== undefined) return refused;
        return observedFile(of, path, extent, this.known) ?? UNMODELLED;
      }
      case "write": {
        if (operation.actor !== "supervisor") return UNMODELLED;
        const of = this.knownTask(operation.of ?? "supervisor");
        return writtenFile(task, of, operation.path, operation.text) ?? UNMODELLED;
      }
      case "repeat":
        return this.repeat(operation, task);
      case "settle":
        return { state: "done", value: BigInt(this.stateOf(operation.of)) };
      case "fill":
        return { state: "done", value: 0n };
    }
  }

  private makeFirst(actor: number, pid: number | undefined): void {
    const { kernel, supervisor } = this;
    this.choices.begin({});
    this.choices.nextPid = pid;
    const child = kernel.find(supervisor.pid.number)?.fork();
    if (child?.ok !== true) throw new RangeError("the model refuses the first fork");
    const { task } = child.value;
    if (this.program.fresh === true) this.exec(this.facts.images["plain"] ?? "", task);
    this.actors.set(actor, task);
    this.pids[actor] = task.pid.number;
  }

  private call(
    operation: Operation & { readonly kind: "call" | "exit" },
    task: Task,
  ): OperationResult {
    const abi = this.abiOf(operation.gate);
    if (callByNumber(abi, operation.number) === undefined) return UNMODELLED;
    const registers = new Registers(...operation.args.map((value) => this.valueOf(value)));
    // An orphan is taken away at once: its number then leads to nothing.
    const { group } = task.pid;
    const outcome = enter(task, abi, operation.number, registers);
    if (operation.kind === "exit") return { state: "done", value: 0n };
    if (!isAlive(task)) return { state: "died", value: 0n, signal: group?.exitStatus?.signal ?? 0 };
    return resultOf(outcome);
  }

  private repeat(operation: RepeatOperation, task: Task): OperationResult {
    const from = BigInt(DATA_ADDRESS + operation.from);
    const bytes = this.program.data.length - operation.from;
    const { payload } = loadFrom(this.supervisor, from, bytes);
    if (payload === undefined) return UNMODELLED;
    const wentWell = repeatCalls(task, this.abiOf(operation.gate), payload);
    return { state: "done", value: BigInt(wentWell) };
  }

  private fork(operation: Operation & { readonly kind: "fork" }, task: Task): OperationResult {
    const { kernel } = this;
    const result = this.call({ ...operation, kind: "call" }, task);
    if (result.state !== "done" || result.value <= 0n) return result;
    const { processes } = kernel.machine;
    const child = processes.find(Number(result.value), task.pid.namespace)?.thread?.payload;
    if (child !== undefined) {
      this.actors.set(operation.child, child);
      if (operation.vfork === true) this.borrowers.set(task, child);
      this.pids[operation.child] = child.pid.number;
    }
    return result;
  }

  private exec(image: string, task: Task, at?: ExecOperation["at"]): OperationResult {
    const kind = Object.entries(this.facts.images).find(([, path]) => path === image)?.[0];
    const mode = kind === undefined ? undefined : IMAGES[kind];
    if (mode === undefined) return UNMODELLED;
    const answer = at === undefined ? undefined : this.openAt(image, task, at);
    if (answer !== undefined) return resultOf(answer);
    const { credentials } = task.subject;
    const outcome = execProgram(task, {
      owner: 0,
      group: 0,
      setUid: (mode & 0o4000) !== 0,
      setGid: (mode & 0o2000) !== 0,
      isReadable: (mode & 0o004) !== 0 || credentials.fsuid === 0,
    });
    if (!outcome.ok) return resultOf(outcome);
    this.kernel.ports.journal.save(task, "name");
    task.name = image.slice(image.lastIndexOf("/") + 1, image.lastIndexOf("/") + 16);
    fillSpace(task.space, this.facts.executed, this.files);
    return { state: "done", value: 0n };
  }

  /** What execveat answers where it executes nothing. */
  private openAt(
    path: string,
    task: Task,
    at: NonNullable<ExecOperation["at"]>,
  ): Outcome | undefined {
    const [dirfd = 0, flags = 0] = [at.dirfd, at.flags].map((one) =>
      Number(BigInt.asIntN(32, this.valueOf(one))),
    );
    const place = { dirfd, path, flags };
    return openProgram(task, place) ?? onlyChecked(task, place);
  }

  private relocate({ relocations = [] }: Operation, task: Task): void {
    for (const { offset, bytes, value } of relocations) {
      const data = new Uint8Array(8);
      new DataView(data.buffer).setBigUint64(0, this.valueOf(value), true);
      storeTo(task, BigInt(DATA_ADDRESS + offset), data.subarray(0, bytes));
    }
  }

  private valueOf(operand: Operand): bigint {
    if (typeof operand !== "object") return BigInt.asUintN(64, BigInt(operand));
    if ("data" in operand) return BigInt(DATA_ADDRESS + operand.data);
    const plus = BigInt(operand.plus ?? 0);
    const base =
      "pid" in operand
        ? BigInt(this.pidOf(operand.pid))
        : (this.results[operand.result]?.value ?? 0n);
    return BigInt.asUintN(64, base + plus);
  }

  private pidOf(actor: Actor): number {
    return actor === "supervisor" ? this.supervisor.pid.number : (this.pids[actor] ?? NOBODY);
  }

  /** Whose file is read: an actor's, or that of a process named by its number. */
  private readTask({ of, path }: ReadOperation): Task | undefined {
    const number = NUMBERED.exec(path)?.[1];
    if (number === undefined) return this.knownTask(of ?? "supervisor");
    return this.kernel.find(Number(number))?.task;
  }

  /** The task of an actor, dead or alive. */
  private knownTask(actor: Actor): Task | undefined {
    return actor === "supervisor" ? this.supervisor : this.actors.get(actor);
  }

  /** Its state's letter as /proc/PID/stat shows it; 0 once nothing is left of it. */
  private stateOf(actor: number): number {
    const task = this.knownTask(actor);
    if (task === undefined) return 0;
    if (isAlive(task)) {
      const isStopped = task.pid.group?.stopped === true;
      return (this.sleepsForChild(task) ? "D" : isStopped ? "T" : "S").charCodeAt(0);
    }
    return task.pid.thread?.payload === task ? "Z".charCodeAt(0) : 0;
  }

  /** A maker by vfork sleeps until its child gives the memory back. */
  private sleepsForChild(task: Task): boolean {
    const child = this.borrowers.get(task);
    return child !== undefined && isAlive(child) && child.mm === task.mm;
  }

  private abiOf(gate: "native" | "i386" = "native"): Abi {
    return gate === "i386" ? "i386" : this.facts.abi;
  }
}

/** In a pid namespace of its own an agent sees no kernel threads, and number 2 is another's. */
function hasKernelThreads({ facts, start }: TargetFacts): boolean {
  return start.supervisor < KTHREADD && facts["/proc/2/comm"] === "kthreadd";
}

function isAlive(task: Task): boolean {
  const { thread } = task.pid;
  return thread?.payload === task && thread.alive && thread.group.state === "alive";
}

function resultOf(outcome: Outcome): OperationResult {
  if (outcome.ok) {
    if (neverReturns(outcome)) return { state: "done", value: 0n };
    const { stopped } = outcome;
    return {
      state: "done",
      value: BigInt.asIntN(64, BigInt(outcome.value)),
      ...(stopped === undefined ? {} : { refusal: stopped }),
    };
  }
  if (SLEEPS.has(outcome.code)) return { state: "hung", value: 0n, refusal: outcome };
  return { state: "done", value: BigInt(-ERRNO[outcome.code]), refusal: outcome };
}
