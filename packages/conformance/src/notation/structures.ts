import type { LinkedBytes, StructureName } from "@kadvise/syscalls";
import { integerOf, type Value } from "@kadvise/strace";
import { constant } from "./constants.ts";
import {
  capabilityDataBytes,
  capabilityHeaderBytes,
  matchesCapabilityData,
} from "./capabilityStructures.ts";
import { cloneArgsBytes } from "./cloneArgs.ts";
import { NotShown } from "./notShown.ts";
import { pidfdInfoBytes, pollBytes } from "./pidfdStructures.ts";
import { shmidBytes } from "./shmidStructure.ts";
import { matchesSiginfo, siginfoBytes } from "./siginfo.ts";
import { statusOf } from "./waitStatus.ts";

/**
 * The bytes that a structure had when the call was made, as the log shows them. @throws NotShown
 */
export function structureBytes(
  structure: StructureName,
  value: Value,
  count: number,
): Uint8Array | LinkedBytes {
  const shown = value.kind === "change" ? value.before : value;
  switch (structure) {
    case "int":
    case "uint":
      return new Uint8Array(4);
    case "bytes":
      return new Uint8Array(count);
    case "ids":
      return idBytes(shown, count);
    case "wait-status":
      return new Uint8Array(4);
    case "siginfo":
      return shown.kind === "struct" ? siginfoBytes(shown) : new Uint8Array(128);
    case "rusage":
      return new Uint8Array(144);
    case "rlimit":
      return limitBytes(shown);
    case "cap-header":
      return capabilityHeaderBytes(shown);
    case "cap-data":
      return capabilityDataBytes(shown);
    case "clone-args":
      return cloneArgsBytes(shown);
    case "pollfd":
      return pollBytes(shown, count);
    case "pidfd-info":
      return pidfdInfoBytes(shown);
    case "shmid-ds":
      return shmidBytes(shown);
    case "nodemask":
      return nodemaskBytes(shown, count);
  }
}

/**
 * Whether the bytes that a call wrote are what the log shows. Undefined where the log does not show
 * them (a pointer, a cut value, times).
 */
export function structureMatches(
  structure: StructureName,
  bytes: Uint8Array,
  value: Value,
): boolean | undefined {
  const shown = value.kind === "change" ? value.after : value;
  switch (structure) {
    case "int":
    case "uint": {
      const number = onlyNumber(shown);
      return number === undefined ? undefined : (Number(number) | 0) === (word(bytes, 0) | 0);
    }
    case "bytes": {
      const numbers = shownNumbers(shown);
      return numbers?.every((number, i) => (Number(number) & 1) === (bytes[i] & 1));
    }
    case "ids":
      return shownNumbers(shown)?.every((number, i) => Number(number) === word(bytes, i * 4));
    case "nodemask":
      return shownNumbers(shown)?.every((number, i) => BigInt(number) === longOf(bytes, i * 8));
    case "wait-status": {
      const status = statusOf(shown);
      return status === undefined ? undefined : status === word(bytes, 0);
    }
    case "siginfo":
      return matchesSiginfo(bytes, shown);
    case "cap-data":
      return matchesCapabilityData(bytes, shown);
    case "rusage":
    case "rlimit":
    case "cap-header":
    case "clone-args":
    case "pollfd":
    case "pidfd-info":
    case "shmid-ds":
      return undefined;
  }
}

/**
 * The bytes that the log shows for something that the call wrote to an output, where it shows them.
 */
export function shownBytes(value: Value, output: string): Uint8Array | undefined {
  if (value.kind === "struct") return siginfoBytes(value);
  if (output === "wstatus") {
    const status = statusOf(value);
    return status === undefined
      ? undefined
      : Uint8Array.of(status & 0xff, (status >> 8) & 0xff, 0, 0);
  }
  const numbers = shownNumbers(value.kind === "change" ? value.after : value);
  return numbers === undefined ? undefined : Uint8Array.from(numbers, Number);
}

/** The numbers of `[1, 0, 1]`; of a cut array those that are shown. */
function shownNumbers(value: Value): readonly (number | bigint)[] | undefined {
  if (value.kind !== "array") return undefined;
  const numbers = value.items.map((item) => integerOf(item, constant));
  return numbers.every((number) => number !== undefined) ? numbers : undefined;
}

function onlyNumber(value: Value): number | bigint | undefined {
  return shownNumbers(value)?.[0];
}

function idBytes(value: Value, count: number): Uint8Array {
  const numbers = shownNumbers(value) ?? [];
  const bytes = new Uint8Array(Math.max(count, numbers.length) * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, number] of numbers.entries()) view.setUint32(i * 4, Number(number) >>> 0, true);
  return bytes;
}

/** `[0x0000000000000001]`: longs of 64 nodes each; the length counts one bit too many. */
function nodemaskBytes(value: Value, bits: number): Uint8Array {
  const numbers = shownNumbers(value) ?? [];
  const bytes = new Uint8Array(Math.max(Math.ceil((bits - 1) / 64), numbers.length) * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, number] of numbers.entries()) {
    view.setBigUint64(i * 8, BigInt.asUintN(64, BigInt(number)), true);
  }
  return bytes;
}

function longOf(bytes: Uint8Array, offset: number): bigint | undefined {
  if (offset + 8 > bytes.length) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);
}

function limitBytes(value: Value): Uint8Array {
  const bytes = new Uint8Array(16);
  if (value.kind !== "struct" || value.fields.length === 0) return bytes;
  const view = new DataView(bytes.buffer);
  for (const [i, name] of ["rlim_cur", "rlim_max"].entries()) {
    const field = value.fields.find((candidate) => candidate.name === name);
    const number = field === undefined ? undefined : integerOf(field.value, constant);
    if (number === undefined) throw new NotShown(`the limit's ${name}`);
    view.setBigUint64(i * 8, BigInt.asUintN(64, BigInt(number)), true);
  }
  return bytes;
}

function word(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}
