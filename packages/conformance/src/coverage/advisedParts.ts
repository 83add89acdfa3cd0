import type { AddressSpace } from "@kadvise/mm-core";
import { callByNumber, type Task } from "@kadvise/syscalls";
import type { Abi } from "@kadvise/uapi";
import type { ModelMachine } from "../model/modelMachine.ts";
import type { CallOperation, Operand, Operation, Program } from "../program/program.ts";
import { kindsOf, type AreaKind } from "./areaKinds.ts";

/** A stretch of a range that is about to be advised: of one area, or of none. */
export interface AdvisedPart {
  /** The number of its range in the vector. */
  readonly range: number;
  /** The first address of its area (of a hole: of the part), and the one behind the part. */
  readonly from: number;
  readonly to: number;
  readonly kinds: readonly AreaKind[];
}

/** What an advice is about to meet. */
export interface Advised {
  readonly advice: number;
  /** Whether it is another process' memory. */
  readonly remote: boolean;
  readonly parts: readonly AdvisedPart[];
}

/** Nobody can have memory from here on; up there every range is one hole. */
const USER_BITS = 57;
/** A range over many areas says nothing new after so many. */
const MOST_PARTS = 64;

/**
 * What a call of madvise or process_madvise is about to meet, as the model has it before the call.
 * Undefined for any other operation, and where the target or its vector are none.
 */
export function advisedParts(
  machine: ModelMachine,
  program: Program,
  operation: Operation,
  native: Abi,
): Advised | undefined {
  if (operation.kind !== "call") return undefined;
  const call = callByNumber(operation.gate === "i386" ? "i386" : native, operation.number);
  const caller = machine.taskOf(operation.actor);
  if (caller === undefined) return undefined;
  const value = (operand: Operand | undefined): bigint => valueOf(machine, operand);
  const [first, second, third, fourth] = operation.args;
  if (call?.name === "madvise") {
    const range = { base: value(first), length: value(second) };
    return meet(caller.mm, caller, Number(BigInt.asIntN(32, value(third))), [range]);
  }
  if (call?.name !== "process_madvise") return undefined;
  const target = targetOf(caller, Number(BigInt.asIntN(32, value(first))));
  const ranges = vectorOf(machine, program, operation, Number(value(third)));
  return meet(target, caller, Number(BigInt.asIntN(32, value(fourth))), ranges);
}

function meet(
  mm: AddressSpace | undefined,
  caller: Task,
  advice: number,
  ranges: readonly { readonly base: bigint; readonly length: bigint }[],
): Advised | undefined {
  if (mm === undefined) return undefined;
  const parts = ranges.flatMap(({ base, length }, i) =>
    base >> BigInt(USER_BITS) === 0n && length >> BigInt(USER_BITS) === 0n
      ? partsOf(mm, i, Number(base), Number(length))
      : [],
  );
  return { advice, remote: mm !== caller.mm, parts };
}

function partsOf(mm: AddressSpace, range: number, base: number, length: number): AdvisedPart[] {
  const { areas, memory } = mm;
  const { pageBytes } = memory;
  const end = Math.ceil((base + length) / pageBytes);
  const parts: AdvisedPart[] = [];
  const add = (from: number, to: number, kinds: readonly AreaKind[]): void =>
    void parts.push({ range, from: from * pageBytes, to: to * pageBytes, kinds });
  for (let page = Math.floor(base / pageBytes); page < end && parts.length < MOST_PARTS;) {
    const area = areas.find(page);
    const start = area < 0 ? end : Math.min(end, areas.start[area]);
    if (start > page) add(page, start, ["hole"]);
    if (area < 0 || start >= end) break;
    const from = Math.max(page, start);
    const to = Math.min(end, areas.end[area]);
    add(areas.start[area], to, kindsOf(mm, area, from, to));
    page = to;
  }
  return parts;
}

/** The memory behind a pidfd, without asking whether anybody may. */
function targetOf(caller: Task, number: number): AddressSpace | undefined {
  // PIDFD_SELF_THREAD and PIDFD_SELF_THREAD_GROUP: include/uapi/linux/pidfd.h, 6.15
  if (number === -10_000 || number === -20_000) return caller.mm;
  const file = number < 0 ? undefined : caller.files.get(number)?.file;
  return file?.kind === "pidfd" ? file.pid.thread?.payload.mm : undefined;
}

/** A vector that lies in the program's data, addresses put in. */
function vectorOf(
  machine: ModelMachine,
  program: Program,
  operation: CallOperation,
  count: number,
): { readonly base: bigint; readonly length: bigint }[] {
  const vector = operation.args[1];
  if (typeof vector !== "object" || !("data" in vector) || count > 1024) return [];
  const wordBytes = operation.gate === "i386" ? 4 : 8;
  const data = program.data.slice(vector.data, vector.data + 2 * count * wordBytes);
  if (data.length < 2 * count * wordBytes) return [];
  const view = new DataView(data.buffer);
  for (const { offset, bytes, value } of operation.relocations ?? []) {
    const at = offset - vector.data;
    if (at < 0 || at + bytes > data.length) continue;
    const word = valueOf(machine, value);
    if (bytes === 4) view.setUint32(at, Number(BigInt.asUintN(32, word)), true);
    else view.setBigUint64(at, word, true);
  }
  const word = (i: number): bigint =>
    wordBytes === 4 ? BigInt(view.getUint32(i * 4, true)) : view.getBigUint64(i * 8, true);
  return Array.from({ length: count }, (_, i) => ({ base: word(2 * i), length: word(2 * i + 1) }));
}

function valueOf(machine: ModelMachine, operand: Operand | undefined): bigint {
  if (operand === undefined) return 0n;
  if (typeof operand !== "object") return BigInt.asUintN(64, BigInt(operand));
  if (!("result" in operand)) return 0n;
  const base = machine.results[operand.result]?.value ?? 0n;
  return BigInt.asUintN(64, base + BigInt(operand.plus ?? 0));
}
