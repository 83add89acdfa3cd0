import type { Refusal, Result } from "@kadvise/uapi";
import type { Task } from "@kadvise/syscalls";
import type { OperationResult } from "../program/result.ts";

/** The signals behind a refused access, with their si_code. Linux: arch/x86/mm/fault.c */
const SIGNALS: { readonly [reason: string]: { readonly signal: number; readonly code: number } } = {
  "access/no-area": { signal: 11, code: 1 },
  "access/protection": { signal: 11, code: 2 },
  "access/protection-key": { signal: 11, code: 4 },
  "access/guard": { signal: 11, code: 1 },
  "access/beyond-end": { signal: 7, code: 2 },
  "access/no-huge-page": { signal: 7, code: 2 },
  "access/huge-page-lost": { signal: 7, code: 2 },
};
const OTHERWISE = { signal: 11, code: 1 };

/** An address that is none at all raises a general protection fault, which names no address. */
const NO_ADDRESS = { signal: 11, code: 128, address: 0n };

/** Reads memory byte by byte in effect, page by page in fact; what was read is the payload. */
export function loadFrom(task: Task, address: bigint, bytes: number): OperationResult {
  const payload = new Uint8Array(bytes);
  const result = access(task, address, bytes, (page, offset, at, length) => {
    const piece = task.space.read(page, length, offset, task.actor);
    if (piece.ok) payload.set(piece.value, at);
    return piece;
  });
  const read = Number(result.value);
  return read === 0 ? result : { ...result, payload: payload.slice(0, read) };
}

/** Writes memory. */
export function storeTo(task: Task, address: bigint, data: Uint8Array): OperationResult {
  return access(task, address, data.length, (page, offset, at, length) =>
    task.space.write(page, data.subarray(at, at + length), offset, task.actor),
  );
}

/** How pages are touched. */
export interface Touch {
  readonly count: number;
  readonly strideBytes: bigint;
  readonly isWrite: boolean;
  readonly byte: number;
}

/** Touches one byte each stride. */
export function touchAt(task: Task, address: bigint, touch: Touch): OperationResult {
  const { count, isWrite } = touch;
  const { pageBytes } = task.machine.memory;
  const byte = Uint8Array.of(touch.byte);
  const stride = Number(touch.strideBytes);
  const stridePages = Math.floor(stride / pageBytes);
  const strideRest = stride - stridePages * pageBytes;
  let { page, offset } = placeOf(task, address);
  for (let done = 0; done < count; done++) {
    const isUser = page < task.space.layout.limit;
    const touched = !isUser
      ? undefined
      : isWrite
        ? task.space.write(page, byte, offset, task.actor)
        : task.space.touch(page, "read", task.actor);
    if (touched?.ok !== true) {
      const at = BigInt.asUintN(64, address + BigInt(done) * touch.strideBytes);
      return { ...faulted(task, at, 0, touched), value: BigInt(done) };
    }
    page += stridePages;
    offset += strideRest;
    if (offset >= pageBytes) {
      page++;
      offset -= pageBytes;
    }
  }
  return { state: "done", value: BigInt(count) };
}

/** Page indices are exact as numbers, whatever the address. */
function placeOf(task: Task, address: bigint): { page: number; offset: number } {
  const { pageShift, pageBytes } = task.machine.memory;
  return {
    page: Number(address >> BigInt(pageShift)),
    offset: Number(address & BigInt(pageBytes - 1)),
  };
}

function access(
  task: Task,
  address: bigint,
  bytes: number,
  piece: (page: number, offset: number, at: number, length: number) => Result<unknown>,
): OperationResult {
  const { pageBytes } = task.machine.memory;
  let { page, offset } = placeOf(task, address);
  for (let done = 0; done < bytes; page++, offset = 0) {
    const length = Math.min(pageBytes - offset, bytes - done);
    const isUser = page < task.space.layout.limit;
    const result = isUser ? piece(page, offset, done, length) : undefined;
    if (result?.ok !== true) {
      return faulted(task, BigInt.asUintN(64, address + BigInt(done)), done, result);
    }
    done += length;
  }
  return { state: "done", value: BigInt(bytes) };
}

function faulted(
  task: Task,
  at: bigint,
  done: number,
  refusal: Refusal | undefined,
): OperationResult {
  const value = BigInt(done);
  if (refusal === undefined) {
    const half = 2n ** BigInt(task.machine.profile.settings.userBits);
    const isCanonical = at < half || at >= 2n ** 64n - half;
    return isCanonical
      ? { state: "faulted", value, ...OTHERWISE, address: at }
      : { state: "faulted", value, ...NO_ADDRESS };
  }
  const { signal, code } = SIGNALS[refusal.reason.id] ?? OTHERWISE;
  return { state: "faulted", value, signal, code, address: at, refusal };
}
