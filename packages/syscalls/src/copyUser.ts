import type { Refusal } from "@kadvise/uapi";
import { commonReasons } from "./commonReasons.ts";
import type { Registers } from "./registers.ts";
import type { Task } from "./task.ts";

/** Reads a structure that a register points to; a refusal (EFAULT) if not all of it can be read. */
export function copyIn(
  task: Task,
  registers: Registers,
  i: number,
  bytes: number,
): Uint8Array | Refusal {
  const { pageShift } = task.machine.memory;
  const into = new Uint8Array(bytes);
  if (bytes === 0) return into;
  const read = task.memory.read(registers.page(i, pageShift), registers.offset(i, pageShift), into);
  return read === bytes ? into : userFault(task, registers, i);
}

/**
 * Reads text that a register points to, up to its NUL, or so many bytes where it has none by then. The
 * page behind is read only where it goes on there. Linux: mm/util.c strndup_user, strncpy_from_user
 */
export function copyInText(
  task: Task,
  registers: Registers,
  i: number,
  most: number,
): Uint8Array | Refusal {
  const { pageShift, pageBytes } = task.machine.memory;
  const first = registers.page(i, pageShift);
  const offset = registers.offset(i, pageShift);
  const bytes = new Uint8Array(most);
  for (let done = 0; done < most;) {
    const within = (offset + done) % pageBytes;
    const room = bytes.subarray(done, done + Math.min(most - done, pageBytes - within));
    const page = first + Math.floor((offset + done) / pageBytes);
    const read = task.memory.read(page, within, room);
    const end = room.subarray(0, read).indexOf(0);
    if (end >= 0) return bytes.subarray(0, done + end);
    if (read < room.length) return userFault(task, registers, i);
    done += read;
  }
  return bytes;
}

/** Writes a structure to where a register points; EFAULT if that cannot be written. */
export function copyOut(
  task: Task,
  registers: Registers,
  i: number,
  bytes: Uint8Array,
): Refusal | undefined {
  const { pageShift } = task.machine.memory;
  const page = registers.page(i, pageShift);
  const offset = registers.offset(i, pageShift);
  return task.memory.write(page, offset, bytes) ? undefined : userFault(task, registers, i);
}

/** Writes one 32-bit number to where a register points. */
export function putInt(
  task: Task,
  registers: Registers,
  i: number,
  value: number,
): Refusal | undefined {
  return copyOut(task, registers, i, words(value));
}

/** Writes one 32-bit number at an offset behind where a register points. */
export function putWord(
  task: Task,
  registers: Registers,
  i: number,
  offsetBytes: number,
  value: number,
): Refusal | undefined {
  return putBytes(task, registers, i, offsetBytes, words(value));
}

/** Writes bytes at an offset behind where a register points. */
export function putBytes(
  task: Task,
  registers: Registers,
  i: number,
  offsetBytes: number,
  bytes: Uint8Array,
): Refusal | undefined {
  const { pageShift } = task.machine.memory;
  const page = registers.page(i, pageShift);
  const offset = registers.offset(i, pageShift) + offsetBytes;
  return task.memory.write(page, offset, bytes) ? undefined : userFault(task, registers, i);
}

/** 32-bit numbers as bytes, little end first. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value >>> 0, true);
  return bytes;
}

/** The 32-bit number at an offset of a structure. */
export function wordAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

/** The 64-bit number at an offset of a structure, as a number: exact below 2^53. */
export function longAt(bytes: Uint8Array, offset: number): number {
  return wordAt(bytes, offset + 4) * 0x1_0000_0000 + wordAt(bytes, offset);
}

/** EFAULT for the pointer in a register. */
export function userFault(task: Task, registers: Registers, i: number): Refusal {
  return commonReasons.refuse(task.machine.ports.checks, "syscall/fault", registers.hex(i));
}
