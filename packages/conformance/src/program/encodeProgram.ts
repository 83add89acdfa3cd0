import { DATA_BYTES, MAX_ACTORS, MAX_OPERATIONS, MAX_RELOCATIONS } from "./layout.ts";
import type { Actor, Operand, Operation, Program, Relocation } from "./program.ts";
import {
  FLAG,
  GATE,
  HOW,
  OPERATION_BYTES,
  OPERATION_KIND,
  PROGRAM_HEADER_BYTES,
  RELOCATION_BYTES,
  SUPERVISOR,
} from "./wire.ts";

/**
 * A program as the agent takes it. Paths and texts of its operations are laid behind its data.
 *
 * @throws RangeError for a program that is too large, or names what comes later
 */
export function encodeProgram(program: Program): Uint8Array {
  return new ProgramEncoder(program).encode();
}

class ProgramEncoder {
  private readonly program: Program;
  private readonly relocations: readonly Relocation[];
  private readonly texts: string[] = [];
  private textBytes = 0;

  constructor(program: Program) {
    this.program = program;
    this.relocations = program.operations.flatMap(({ relocations = [] }) => relocations);
  }

  encode(): Uint8Array {
    const { operations, data, actors, fresh } = this.program;
    const { relocations } = this;
    requireAtMost(operations.length, MAX_OPERATIONS, "operations");
    requireAtMost(relocations.length, MAX_RELOCATIONS, "relocations");
    requireAtMost(actors, MAX_ACTORS, "actors");
    const relocationsAt = PROGRAM_HEADER_BYTES + operations.length * OPERATION_BYTES;
    const dataAt = relocationsAt + relocations.length * RELOCATION_BYTES;
    const room = dataAt + data.length + longestTexts(operations);
    const view = new DataView(new ArrayBuffer(roundUp(room, 8)));
    let relocation = 0;
    for (const [i, operation] of operations.entries()) {
      const at = PROGRAM_HEADER_BYTES + i * OPERATION_BYTES;
      this.encodeOperation(view, at, operation, i);
      const count = operation.relocations?.length ?? 0;
      view.setUint16(at + 76, count, true);
      view.setUint16(at + 78, count === 0 ? 0 : relocation, true);
      for (const one of operation.relocations ?? []) {
        encodeRelocation(view, relocationsAt + relocation++ * RELOCATION_BYTES, one, i);
      }
    }
    const dataBytes = data.length + this.textBytes;
    requireAtMost(dataBytes, DATA_BYTES, "bytes of data");
    const bytes = new Uint8Array(view.buffer, 0, roundUp(dataAt + dataBytes, 8));
    bytes.set(data, dataAt);
    this.layTexts(bytes, dataAt + data.length);
    const header = [bytes.length, actors, operations.length, relocations.length, dataBytes];
    for (const [i, word] of [...header, fresh === true ? 1 : 0].entries()) {
      view.setUint32(i * 4, word, true);
    }
    return bytes;
  }

  private encodeOperation(view: DataView, at: number, operation: Operation, index: number): void {
    view.setUint8(at, OPERATION_KIND[operation.kind]);
    view.setUint8(at + 1, actorNumber(operation.actor));
    view.setUint8(at + 3, actorNumber(otherActor(operation)));
    if ("gate" in operation) view.setUint8(at + 2, GATE[operation.gate ?? "native"]);
    if ("number" in operation) view.setUint32(at + 4, operation.number, true);
    view.setUint8(at + 62, flagsOf(operation));
    const operands = this.operandsOf(operation);
    requireAtMost(operands.length, 6, "arguments of a call");
    for (const [i, operand] of operands.entries()) {
      const { how, of, value } = encodeOperand(operand, index);
      view.setBigUint64(at + 8 + i * 8, value, true);
      view.setUint8(at + 56 + i, how);
      view.setUint16(at + 64 + i * 2, of, true);
    }
  }

  private operandsOf(operation: Operation): readonly Operand[] {
    switch (operation.kind) {
      case "call":
      case "fork":
      case "exit":
        return operation.args;
      case "exec":
        return operation.at === undefined
          ? [this.text(operation.image)]
          : [this.text(operation.image), 1, operation.at.dirfd, operation.at.flags];
      case "load":
        return [operation.address, operation.bytes];
      case "store":
        return [operation.address, operation.from, operation.bytes];
      case "touch": {
        const { address, count, strideBytes, access, byte = 1 } = operation;
        return [address, count, strideBytes, access === "write" ? 1 : 0, byte];
      }
      case "read":
        return [this.text(operation.path), operation.offset ?? 0, operation.bytes];
      case "write":
        return [this.text(operation.path), this.text(operation.text), operation.text.length];
      case "repeat":
        return [operation.from];
      case "settle":
      case "fill":
        return [];
    }
  }

  /** Where a text lies in the data block; equal ones lie there once. */
  private text(text: string): number {
    let offset = this.program.data.length;
    for (const known of this.texts) {
      if (known === text) return offset;
      offset += known.length + 1;
    }
    this.texts.push(text);
    this.textBytes += text.length + 1;
    return offset;
  }

  private layTexts(bytes: Uint8Array, start: number): void {
    let at = start;
    for (const text of this.texts) {
      for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
      bytes[at++] = 0;
    }
  }
}

function encodeRelocation(view: DataView, at: number, one: Relocation, index: number): void {
  const { how, of, value } = encodeOperand(one.value, index);
  requireAtMost(one.offset + one.bytes, DATA_BYTES, "bytes of data");
  view.setUint32(at, one.offset, true);
  view.setUint8(at + 4, one.bytes);
  view.setUint8(at + 5, how);
  view.setUint16(at + 6, of, true);
  view.setBigUint64(at + 8, value, true);
}

function encodeOperand(
  operand: Operand,
  index: number,
): { readonly how: number; readonly of: number; readonly value: bigint } {
  if (typeof operand === "number" || typeof operand === "bigint") {
    return { how: HOW.literal, of: 0, value: BigInt.asUintN(64, BigInt(operand)) };
  }
  if ("data" in operand) return { how: HOW.data, of: 0, value: BigInt(operand.data) };
  const value = BigInt.asUintN(64, BigInt(operand.plus ?? 0));
  if ("pid" in operand) return { how: HOW.pid, of: actorNumber(operand.pid), value };
  if (operand.result >= index) {
    throw new RangeError(`operation ${index} wants the result of operation ${operand.result}`);
  }
  return { how: HOW.result, of: operand.result, value };
}

function otherActor(operation: Operation): Actor {
  switch (operation.kind) {
    case "fork":
      return operation.child;
    case "settle":
      return operation.of;
    case "read":
    case "write":
      return operation.of ?? "supervisor";
    default:
      return "supervisor";
  }
}

function flagsOf(operation: Operation): number {
  const timed = "timed" in operation && operation.timed === true ? FLAG.timed : 0;
  if (operation.kind !== "fork") return timed;
  return (
    timed |
    (operation.vfork === true ? FLAG.vfork : 0) |
    (operation.sibling === true ? FLAG.sibling : 0)
  );
}

function actorNumber(actor: Actor): number {
  if (actor === "supervisor") return SUPERVISOR;
  if (Number.isInteger(actor) && actor >= 0 && actor < MAX_ACTORS) return actor;
  throw new RangeError(`expected an actor from 0 to ${MAX_ACTORS - 1}, got ${actor}`);
}

/** The most that the texts of the operations take. */
function longestTexts(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) {
    if (operation.kind === "exec") bytes += operation.image.length + 1;
    if (operation.kind === "read") bytes += operation.path.length + 1;
    if (operation.kind === "write") bytes += operation.path.length + operation.text.length + 2;
  }
  return bytes;
}

function requireAtMost(count: number, most: number, what: string): void {
  if (count > most)
    throw new RangeError(`a program has at most ${most} ${what}, this one ${count}`);
}

function roundUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
