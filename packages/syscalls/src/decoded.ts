import { IOVEC_64, IOVEC_COMPAT, type Abi } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "./call.ts";
import { Registers } from "./registers.ts";
import type { NameTable, Parameter } from "./signature.ts";
import { runCall } from "./table.ts";
import type { Task } from "./task.ts";
import { DecodedMemory } from "./userMemory.ts";

/** A range as people write it. */
export interface Range {
  readonly base: number | bigint;
  readonly length: number | bigint;
}

/**
 * An argument as a log or a typed call shows it: a number, names of constants
 * (`"PROT_READ|PROT_WRITE"`), the bytes of a structure, a vector of ranges, or null.
 */
export type DecodedArgument =
  number | bigint | string | Uint8Array | LinkedBytes | readonly Range[] | CutRanges | null;

/** A structure in which pointers stand, with what each of them leads to: clone3's set_tid. */
export interface LinkedBytes {
  readonly bytes: Uint8Array;
  readonly pointers: readonly { readonly offset: number; readonly leadsTo: Uint8Array }[];
}

/** A vector of which only the beginning is shown: the call's count tells how many there are. */
export interface CutRanges {
  readonly shown: readonly Range[];
}

/** What a decoded call answered, and what it wrote through its pointers, by parameter. */
export interface DecodedOutcome {
  readonly outcome: Outcome;
  readonly outputs: readonly (Uint8Array | undefined)[];
}

/**
 * The second door: runs a call with decoded arguments. Structures are laid over the caller's
 * memory, so that the body reads and writes them as it would the caller's own.
 */
export function callDecoded(
  task: Task,
  abi: Abi,
  call: SystemCall,
  args: readonly DecodedArgument[],
): DecodedOutcome {
  const registers = new Registers();
  if (!args.some(isStructure)) {
    for (const [i, argument] of args.entries()) {
      registers.set(i, scalar(argument, call.parameters[i]));
    }
    if (abi === "i386") registers.narrow();
    return { outcome: runCall(task, abi, call, registers), outputs: NO_OUTPUTS };
  }
  const overlay = new DecodedMemory(task.memory, task.machine.memory.pageBytes);
  const placed: (number | undefined)[] = [];
  for (const [i, argument] of args.entries()) {
    const parameter = call.parameters[i];
    const bytes = isLinked(argument)
      ? link(argument, overlay)
      : structureBytes(argument, parameter, abi);
    if (bytes === undefined) registers.set(i, scalar(argument, parameter));
    else {
      placed[i] = overlay.place(bytes, isCut(argument) ? () => askForRest(task) : undefined);
      registers.set(i, overlay.address(placed[i]));
    }
  }
  if (abi === "i386") narrowScalars(registers, placed, args.length);
  const { memory } = task;
  // An execve within notes the overlay as what was before it: what lies beneath is noted first.
  task.machine.ports.journal.save(task, "memory");
  task.memory = overlay;
  try {
    const outcome = runCall(task, abi, call, registers);
    return {
      outcome,
      outputs: placed.map((n) => (n === undefined ? undefined : overlay.bytes(n))),
    };
  } finally {
    if (task.memory === overlay) task.memory = memory;
  }
}

const NO_OUTPUTS: readonly undefined[] = [];

/** Whether an argument may need a place in memory: most calls have numbers alone. */
function isStructure(argument: DecodedArgument): boolean {
  return typeof argument === "string" || (typeof argument === "object" && argument !== null);
}

/**
 * A 32-bit caller's registers have no upper halves; the addresses of laid-over structures are ours
 * and keep theirs.
 */
function narrowScalars(
  registers: Registers,
  placed: readonly (number | undefined)[],
  count: number,
): void {
  for (let i = 0; i < count; i++)
    if (placed[i] === undefined) registers.setHalves(i, registers.low(i), 0);
}

/** The vector as the caller would have laid it out in memory. */
export function rangeBytes(ranges: readonly Range[], abi: Abi): Uint8Array {
  const layout = abi === "i386" ? IOVEC_COMPAT : IOVEC_64;
  const bytes = new Uint8Array(ranges.length * layout.bytes);
  const view = new DataView(bytes.buffer);
  for (const [i, { base, length }] of ranges.entries()) {
    const at = i * layout.bytes;
    if (layout.fieldBytes === 4) {
      view.setUint32(at + layout.baseOffset, Number(BigInt.asUintN(32, BigInt(base))), true);
      view.setUint32(at + layout.lengthOffset, Number(BigInt.asUintN(32, BigInt(length))), true);
    } else {
      view.setBigUint64(at + layout.baseOffset, BigInt.asUintN(64, BigInt(base)), true);
      view.setBigUint64(at + layout.lengthOffset, BigInt.asUintN(64, BigInt(length)), true);
    }
  }
  return bytes;
}

function structureBytes(
  argument: DecodedArgument,
  parameter: Parameter | undefined,
  abi: Abi,
): Uint8Array | undefined {
  if (argument instanceof Uint8Array) return argument;
  if (Array.isArray(argument)) return rangeBytes(argument as readonly Range[], abi);
  if (isCut(argument)) return rangeBytes(argument.shown, abi);
  if (typeof argument === "string" && parameter?.kind === "text") {
    return Uint8Array.from([...argument, "\0"].map((character) => character.charCodeAt(0) & 0xff));
  }
  return undefined;
}

/** Places what a structure's pointers lead to, and fills them in. */
function link({ bytes, pointers }: LinkedBytes, overlay: DecodedMemory): Uint8Array {
  const linked = bytes.slice();
  const view = new DataView(linked.buffer);
  for (const { offset, leadsTo } of pointers)
    view.setBigUint64(offset, overlay.address(overlay.place(leadsTo)), true);
  return linked;
}

function scalar(argument: DecodedArgument, parameter: Parameter | undefined): number | bigint {
  if (typeof argument === "number" || typeof argument === "bigint") return argument;
  if (argument === null) return 0;
  const kind = parameter?.kind;
  if (typeof argument === "string" && typeof kind === "object") {
    if ("names" in kind) return named(argument, kind.names, parameter!.name);
    if ("flags" in kind) {
      return argument
        .split("|")
        .reduce((bits, word) => (bits | named(word.trim(), kind.flags, parameter!.name)) >>> 0, 0);
    }
  }
  const got = typeof argument === "string" ? `"${argument}"` : "a structure";
  throw new TypeError(`expected a number for ${parameter?.name ?? "an argument"}, got ${got}`);
}

function named(word: string, names: NameTable, parameter: string): number {
  const number = names[word];
  if (number !== undefined) return number;
  const first = Object.keys(names)[0] ?? "a number";
  throw new TypeError(`expected a name such as ${first} for ${parameter}, got "${word}"`);
}

function isLinked(argument: DecodedArgument): argument is LinkedBytes {
  return typeof argument === "object" && argument !== null && "pointers" in argument;
}

function isCut(argument: DecodedArgument): argument is CutRanges {
  return typeof argument === "object" && argument !== null && "shown" in argument;
}

/** What a record leaves out is sound, or nobody can say what the call makes of it. */
function askForRest({ machine }: Task): void {
  const { choices } = machine.ports;
  const isSound = choices.choose<boolean>({
    id: "vector/left-out",
    usual: true,
    allows: () => true,
    describe: () => "whether the ranges that the record leaves out can be read and advised",
    alternatives: [true, false],
  });
  if (isSound) return;
  choices.choose<never>({
    id: "vector/left-out",
    usual: undefined as never,
    allows: () => false,
    describe: () => "the ranges that the record leaves out",
  });
}
