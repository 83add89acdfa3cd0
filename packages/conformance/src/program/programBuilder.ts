import { IOVEC_64, IOVEC_COMPAT, SYSCALL_NUMBERS } from "@kadvise/uapi";
import { DATA_ADDRESS } from "./layout.ts";
import {
  always,
  encodeRepeat,
  REPEAT_BYTES,
  REPEATED_CALL_BYTES,
  SERIES_BYTES,
  type Series,
} from "./repeatedCalls.ts";
import type {
  Actor,
  Gate,
  Operand,
  Operation,
  Program,
  Relocation,
  ResultOperand,
} from "./program.ts";

/** One range of a vector. */
export interface RangeOperand {
  readonly base: Operand;
  readonly length: Operand;
}

/** How a call is made, besides its name and arguments. */
export interface CallOptions {
  readonly gate?: Gate;
  readonly relocations?: readonly Relocation[];
  readonly timed?: boolean;
}

/** How a fork-like call is made. */
export interface ForkOptions extends CallOptions {
  readonly vfork?: boolean;
  readonly sibling?: boolean;
}

/** One of some calls that take turns: registers that stay, or go on by rule. */
export interface TurnOptions {
  readonly name: string;
  readonly args: readonly (Operand | Series)[];
}

/** A piece of the data block, and what must be written into it before it is used. */
export interface DataPiece {
  readonly offset: number;
  readonly bytes: number;
  readonly relocations: readonly Relocation[];
}

/**
 * Puts a program together, operation by operation. Each method returns the operation's number,
 * under which later ones name its result.
 *
 * @example
 * const p = new ProgramBuilder({ actors: 1 });
 * const heap = p.call(0, "mmap", [0, 4096, 3, 0x22, -1, 0]);
 * p.call(0, "madvise", [{ result: heap }, 4096, 20]);
 * p.observe(0, "maps");
 * p.build();
 */
export class ProgramBuilder {
  readonly operations: Operation[] = [];
  private actorCount: number;
  private readonly firstActors: number;
  private readonly abi: "x86-64" | "arm64";
  private readonly fresh: boolean;
  private data: Uint8Array = new Uint8Array(256);
  private dataBytes = 0;

  constructor(
    options: {
      readonly actors?: number;
      readonly abi?: "x86-64" | "arm64";
      readonly fresh?: boolean;
    } = {},
  ) {
    this.firstActors = options.actors ?? 1;
    this.actorCount = this.firstActors;
    this.abi = options.abi ?? "x86-64";
    this.fresh = options.fresh ?? false;
  }

  /** Any operation. */
  add(operation: Operation): number {
    this.operations.push(operation);
    return this.operations.length - 1;
  }

  /** A system call by name or number. */
  call(
    actor: Actor,
    call: string | number,
    args: readonly Operand[] = [],
    options: CallOptions = {},
  ): number {
    return this.add({ kind: "call", actor, number: this.number(call, options), args, ...options });
  }

  /** A fork-like call; returns the new actor. The number of the operation is the last one. */
  fork(
    actor: number,
    call: string | number = "fork",
    args: readonly Operand[] = [],
    options: ForkOptions = {},
  ): number {
    const child = this.actorCount++;
    const number = this.number(call, options);
    const vfork = call === "vfork" ? { vfork: true } : {};
    this.add({ kind: "fork", actor, number, args, child, ...vfork, ...options });
    return child;
  }

  exit(actor: number, status: number, call = "exit_group"): number {
    return this.add({ kind: "exit", actor, number: this.number(call, {}), args: [status] });
  }

  load(actor: Actor, address: Operand, bytes: number): number {
    return this.add({ kind: "load", actor, address, bytes });
  }

  store(actor: Actor, address: Operand, bytes: Uint8Array): number {
    const { offset } = this.place(bytes);
    return this.add({ kind: "store", actor, address, from: offset, bytes: bytes.length });
  }

  /** Touches each of some pages. */
  touch(actor: Actor, address: Operand, pages: number, access: "read" | "write" = "write"): number {
    return this.add({ kind: "touch", actor, address, count: pages, strideBytes: 4096, access });
  }

  /** Calls that take turns, `count` times over. */
  repeat(actor: number, count: number, turns: readonly TurnOptions[], timed = false): number {
    const relocations: Relocation[] = [];
    const calls = turns.map(({ name, args }, i) => ({
      number: this.number(name, {}),
      registers: args.map((value, k) => {
        if (typeof value === "number" || typeof value === "bigint") return always(Number(value));
        if ("unit" in value) return value;
        const offset = REPEAT_BYTES + i * REPEATED_CALL_BYTES + 8 + k * SERIES_BYTES;
        relocations.push({ offset, bytes: 8, value });
        return always(0);
      }),
    }));
    const piece = this.place(encodeRepeat(count, calls), relocations);
    return this.add({
      ...{ kind: "repeat", actor, from: piece.offset, relocations: piece.relocations },
      ...(timed ? { timed } : {}),
    });
  }

  /** The addresses of a piece's elements, one after the other, for a call that is repeated. */
  seriesIn(piece: DataPiece, elementBytes: number, elements: number): Series {
    const base = DATA_ADDRESS + piece.offset;
    return { base, unit: elementBytes, step: 1, modulus: elements };
  }

  /** A whole file below /proc/PID of an actor. */
  observe(of: number, file: string, bytes = 0x10_0000): number {
    return this.add({ kind: "read", actor: "supervisor", path: `/proc/%/${file}`, of, bytes });
  }

  settle(of: number): number {
    return this.add({ kind: "settle", actor: "supervisor", of });
  }

  /** Lays bytes into the data block; the place is aligned to 16 bytes. */
  place(bytes: Uint8Array, relocations: readonly Relocation[] = []): DataPiece {
    const offset = this.reserve(bytes.length);
    this.data.set(bytes, offset);
    return {
      offset,
      bytes: bytes.length,
      relocations: relocations.map((one) => ({ ...one, offset: one.offset + offset })),
    };
  }

  /** Room in the data block for what a call writes. */
  reserve(bytes: number): number {
    const offset = this.dataBytes;
    this.dataBytes += Math.ceil(bytes / 16) * 16;
    if (this.dataBytes > this.data.length) {
      const larger = new Uint8Array(Math.max(this.dataBytes, this.data.length * 2));
      larger.set(this.data);
      this.data = larger;
    }
    return offset;
  }

  /** A vector of ranges, as a caller of the gate lays it out. */
  vector(ranges: readonly RangeOperand[], gate: Gate = "native"): DataPiece {
    const layout = gate === "i386" ? IOVEC_COMPAT : IOVEC_64;
    const bytes = new Uint8Array(ranges.length * layout.bytes);
    const view = new DataView(bytes.buffer);
    const relocations: Relocation[] = [];
    const field = (offset: number, value: Operand): void => {
      if (typeof value === "object") {
        relocations.push({ offset, bytes: layout.fieldBytes, value });
      } else if (layout.fieldBytes === 8) {
        view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
      } else view.setUint32(offset, Number(BigInt.asUintN(32, BigInt(value))), true);
    };
    for (const [i, { base, length }] of ranges.entries()) {
      field(i * layout.bytes + layout.baseOffset, base);
      field(i * layout.bytes + layout.lengthOffset, length);
    }
    return this.place(bytes, relocations);
  }

  build(): Program {
    return {
      actors: this.firstActors,
      operations: this.operations,
      data: this.data.slice(0, this.dataBytes),
      ...(this.fresh ? { fresh: true } : {}),
    };
  }

  private number(call: string | number, { gate }: CallOptions): number {
    if (typeof call === "number") return call;
    const abi = gate === "i386" ? "i386" : this.abi;
    const number = SYSCALL_NUMBERS[call]?.[abi];
    if (number === undefined || number === null) throw new TypeError(`${abi} has no call ${call}`);
    return number;
  }
}

/** What an operation returned, perhaps with something added. */
export function resultOf(operation: number, plus: number | bigint = 0): ResultOperand {
  return { result: operation, plus };
}
