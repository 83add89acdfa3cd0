import { Inode, OpenFile } from "@kadvise/files";
import type { Settings } from "@kadvise/releases";
import { ALL_CAPABILITIES } from "@kadvise/security";
import { CAP, CLONE, F_SEAL, O, SIG, type Abi } from "@kadvise/uapi";
import { neverReturns, type Outcome } from "../call.ts";
import { exitTask } from "../process/exit.ts";
import { Registers } from "../registers.ts";
import { runCall, SYSTEM_CALLS } from "../table.ts";
import type { Task } from "../task.ts";
import { TestMachine } from "./machine.ts";

/**
 * Plays a program of a recording on the model, and tells what came of it in the recorder's words.
 * The language is described at the head of recorder.c.
 */
export function play(program: string, kernel: string): readonly Answer[] {
  const player = new Player(kernel);
  for (const joined of program.split(";").flatMap(unfold)) {
    for (const statement of joined.split("&")) player.play(statement, joined);
  }
  return player.answers;
}

/** What a statement came to. */
export interface Answer {
  readonly statement: string;
  readonly text: string;
}

/** A statement with each of its values: the last braces go round fastest. */
export function unfold(statement: string): string[] {
  const open = statement.indexOf("{");
  if (open < 0) return [statement];
  const shut = statement.indexOf("}", open);
  return statement
    .slice(open + 1, shut)
    .split(",")
    .flatMap((value) => unfold(statement.slice(0, open) + value + statement.slice(shut + 1)));
}

/** `EINVAL*3` for three of the same. */
export function unfoldRuns(outcome: string): string[] {
  return outcome.split(", ").flatMap((part) => {
    const [, text = part, times = "1"] = /^(.*)\*(\d+)$/.exec(part) ?? [];
    return Array.from({ length: Number(times) }, () => text);
  });
}

/** The machine that runs the tests' host kernel gives root less than everything. */
const HOST = "6.18.44";

function settingsOf(kernel: string): Partial<Settings> {
  if (kernel === HOST) return { memoryFailure: false, swap: false, thpEnabled: "madvise" };
  const old = kernel.startsWith("5.") || kernel.startsWith("6.1.");
  return {
    memoryFailure: !old,
    multiGenLru: !old,
    swap: false,
    thpEnabled: "always",
    commitPages: 240_000,
  };
}

const PID_CALLS: ReadonlySet<string> = new Set([
  "wait4",
  "getpid",
  "gettid",
  "getppid",
  "set_tid_address",
]);
/** Calls of which the recorder tells small numbers as they are: those in a pid namespace. */
const NUMBERED: ReadonlyMap<string, string> = new Map([
  ["own", "getpid"],
  ["ownthread", "gettid"],
  ["ownparent", "getppid"],
  ["waitfor", "wait4"],
]);
const LARGEST_SMALL = 9;
const FORKS: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork"]);
const ADDRESS_CALLS: ReadonlySet<string> = new Set(["mmap", "mmap2", "brk"]);
const THREAD: number =
  CLONE.CLONE_VM |
  CLONE.CLONE_FS |
  CLONE.CLONE_FILES |
  CLONE.CLONE_SIGHAND |
  CLONE.CLONE_THREAD |
  CLONE.CLONE_SYSVSEM;

class Player {
  readonly answers: Answer[] = [];
  private statement = "";
  private readonly test: TestMachine;
  private readonly actors: Map<string, Task> = new Map();
  /** The numbers that their makers were told. */
  private readonly numbers: Map<string, number> = new Map();
  private readonly variables: Map<string, bigint> = new Map();
  private readonly ids: Parameters<TestMachine["spawn"]>[0];
  private readonly kernelThread: Task;

  constructor(kernel: string) {
    this.test = new TestMachine({ release: kernel, settings: settingsOf(kernel) });
    const { lo, hi } = ALL_CAPABILITIES;
    const withoutResource = { lo: lo & ~(1 << CAP.CAP_SYS_RESOURCE), hi };
    this.ids = kernel === HOST ? { capabilities: withoutResource, bounding: withoutResource } : {};
    this.kernelThread = this.test.spawn({ isKernelThread: true });
    this.add("a", this.test.spawn(this.ids));
  }

  private add(name: string, task: Task, number = task.pid.number): void {
    this.actors.set(name, task);
    this.numbers.set(name, number);
  }

  play(statement: string, joined: string): void {
    this.statement = joined.trim();
    const [head = "", ...words] = statement.split(" ").filter((word) => word !== "");
    if (head === "") return;
    let name = head;
    let abi: Abi = "x86-64";
    let who = "a";
    for (let prefix; (prefix = /^(\w+):/.exec(name)?.[1]) !== undefined;) {
      if (prefix === "32") abi = "i386";
      else who = prefix;
      name = name.slice(prefix.length + 1);
    }
    const variable = /^(\w+)=/.exec(name)?.[1];
    if (variable !== undefined) name = name.slice(variable.length + 1);
    if (this.playSpecial(name, who, words)) return;
    const task = this.actors.get(who)!;
    const values = words.map((word) => this.value(word));
    const registers = new Registers(...values);
    if (abi === "i386") registers.narrow();
    const outcome = runCall(
      task,
      abi,
      SYSTEM_CALLS.get(name === "fcntl64" ? "fcntl" : (NUMBERED.get(name) ?? name))!,
      registers,
    );
    if (neverReturns(outcome)) return;
    if (FORKS.has(name) && outcome.ok) {
      exitTask(this.madeBy(task, outcome.value), { code: 0, signal: 0, coreDumped: false });
    }
    if (variable !== undefined) this.variables.set(variable, registerOf(outcome));
    this.note(this.answer(name, outcome));
  }

  private note(text: string): void {
    this.answers.push({ statement: this.statement, text });
  }

  private playSpecial(name: string, who: string, words: readonly string[]): boolean {
    const task = this.actors.get(who)!;
    const [first = "", second = "", third = ""] = words;
    switch (name) {
      case "spawn":
        this.clone(task, first, SIG.SIGCHLD);
        return true;
      case "thread":
        this.clone(task, first, THREAD);
        return true;
      case "vm":
        this.clone(task, first, CLONE.CLONE_VM | SIG.SIGCHLD);
        return true;
      case "sib":
        this.add(first, this.test.spawn(this.ids));
        return true;
      case "put":
      case "put4":
        this.put(task, name === "put" ? 8 : 4, words);
        return true;
      case "get":
      case "get4":
        this.note(
          this.get(task, name === "get" ? 8 : 4, first, Number(second))
            .map((word) => word.toString(16))
            .join("."),
        );
        return true;
      case "pidat":
        this.note(this.nameOf(Number(this.get(task, 4, first, 1)[0])));
        return true;
      case "maps":
        this.note(mapsWithin(task, this.value(first), this.value(second)));
        return true;
      case "file":
        this.open(task, Number(first), second, Number(third));
        this.note(String(Number(first)));
        return true;
      case "exec":
        this.note(
          this.answer(name, runCall(task, "x86-64", SYSTEM_CALLS.get("execve")!, new Registers())),
        );
        this.numbers.set(who, task.pid.number);
        return true;
      case "signal":
        if (Number(first) === SIG.SIGCHLD) task.thread.group.ignoresChildren = true;
        this.note("0");
        return true;
      default:
        return false;
    }
  }

  private clone(task: Task, name: string, flags: number): void {
    const made = runCall(task, "x86-64", SYSTEM_CALLS.get("clone")!, new Registers(flags));
    if (!made.ok) throw new Error(`${name}: ${made.reason.text}`);
    this.add(name, this.madeBy(task, made.value), made.value);
  }

  /** The task that another has made, by the number that it got in that one's pid namespace. */
  private madeBy({ machine, pid }: Task, number: number): Task {
    return machine.processes.find(number, pid.namespace)!.thread!.payload;
  }

  private open(task: Task, fd: number, kind: string, flags: number): void {
    const sealable = kind === "memfdx";
    const inode =
      kind === "dir"
        ? new Inode({ kind: "special" })
        : new Inode({
            kind: "shmem",
            sizeBytes: 0x4000,
            mode: 0o777,
            seals: sealable ? 0 : F_SEAL.F_SEAL_SEAL,
          });
    const file = new OpenFile(inode, {
      flags: flags | O.O_LARGEFILE,
      path: "/memfd:m",
      mappable: kind !== "dir",
    });
    task.files.set(fd, { file, closeOnExec: false });
  }

  private put(task: Task, bytes: 4 | 8, words: readonly string[]): void {
    const values = words.map((word) => this.value(word));
    const [address = 0n, ...rest] = values;
    const data = new DataView(new ArrayBuffer(rest.length * bytes));
    rest.forEach((value, i) => {
      if (bytes === 8) data.setBigUint64(i * 8, BigInt.asUintN(64, value), true);
      else data.setUint32(i * 4, Number(BigInt.asUintN(32, value)), true);
    });
    const written = task.space.write(
      Number(address >> 12n),
      new Uint8Array(data.buffer),
      Number(address & 0xfffn),
    );
    if (!written.ok) throw new Error(`put ${words.join(" ")}: ${written.reason.text}`);
  }

  private get(task: Task, bytes: 4 | 8, address: string, count: number): bigint[] {
    const at = this.value(address);
    const read = task.space.read(Number(at >> 12n), count * bytes, Number(at & 0xfffn));
    if (!read.ok) throw new Error(`get ${address}: ${read.reason.text}`);
    const data = new DataView(read.value.buffer);
    return Array.from({ length: count }, (_, i) =>
      bytes === 8 ? data.getBigUint64(i * 8, true) : BigInt(data.getUint32(i * 4, true)),
    );
  }

  private value(word: string): bigint {
    if (word === "@k") return BigInt(this.kernelThread.pid.number);
    if (word.startsWith("@")) return BigInt(this.numbers.get(word.slice(1))!);
    const [, name, more] = /^\$(\w+)(?:\+(.*))?$/.exec(word) ?? [];
    if (name === undefined) return word.startsWith("-0x") ? -BigInt(word.slice(1)) : BigInt(word);
    return this.variables.get(name)! + BigInt(more ?? 0);
  }

  private answer(name: string, outcome: Outcome): string {
    if (!outcome.ok) {
      return outcome.reason.id.startsWith("syscall/interrupted") ? "sleeps" : outcome.code;
    }
    const { value } = outcome;
    if (FORKS.has(name)) return "pid";
    if (PID_CALLS.has(name) || (NUMBERED.has(name) && value > LARGEST_SMALL))
      return this.nameOf(value);
    return ADDRESS_CALLS.has(name) ? this.nameAddress(value) : String(value);
  }

  private nameOf(pid: number): string {
    if (pid === 0) return "0";
    for (const [name, number] of this.numbers) if (number === pid) return `@${name}`;
    for (const [name, value] of this.variables) if (Number(value) === pid) return `$${name}`;
    return "other";
  }

  private nameAddress(address: number): string {
    let text = address < 0x5000_0000 ? `0x${address.toString(16)}` : "addr";
    for (const [name, value] of this.variables) {
      const beyond = address - Number(value);
      if (beyond >= 0 && beyond < 1 << 24) text = `$${name}+0x${beyond.toString(16)}`;
    }
    return text;
  }
}

function registerOf(outcome: Outcome): bigint {
  return outcome.ok ? BigInt(outcome.value) : -BigInt(outcome.errno);
}

function mapsWithin(task: Task, low: bigint, high: bigint): string {
  const lines = task.space
    .maps()
    .split("\n")
    .flatMap((line) => {
      const [, from, to, protection] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
      if (from === undefined || to === undefined) return [];
      const overlaps = BigInt(`0x${from}`) < high && BigInt(`0x${to}`) > low;
      return overlaps ? [`${from}-${to}:${protection}`] : [];
    });
  return lines.length === 0 ? "none" : lines.join(" ");
}
