import { MAX_ACTORS } from "./layout.ts";
import type { OperationResult, ProgramResult } from "./result.ts";
import { ENDS, PROGRAM_RESULTS_HEADER_BYTES, RESULT_BYTES, STATES } from "./wire.ts";

/** Reads the results of the programs that one frame holds. */
export function* decodeResults(frame: Uint8Array): Generator<ProgramResult, void, void> {
  for (let at = 0; at < frame.length;) {
    const view = new DataView(frame.buffer, frame.byteOffset + at);
    const bytes = view.getUint32(0, true);
    if (bytes < PROGRAM_RESULTS_HEADER_BYTES || at + bytes > frame.length) {
      throw new RangeError(`expected the results of a program, got ${bytes} bytes`);
    }
    yield decodeProgramResults(frame.subarray(at, at + bytes), view);
    at += bytes;
  }
}

function decodeProgramResults(bytes: Uint8Array, view: DataView): ProgramResult {
  const end = ENDS[view.getUint32(4, true)];
  if (end === undefined) throw new RangeError("expected how the program ended");
  const count = view.getUint32(8, true);
  const pids: number[] = [];
  for (let i = 0; i < MAX_ACTORS; i++) pids.push(view.getInt32(16 + i * 4, true));
  while (pids.at(-1) === 0) pids.pop();
  const payloadAt = PROGRAM_RESULTS_HEADER_BYTES + count * RESULT_BYTES;
  const operations: OperationResult[] = [];
  for (let i = 0; i < count; i++) {
    operations.push(
      decodeResult(view, PROGRAM_RESULTS_HEADER_BYTES + i * RESULT_BYTES, bytes, payloadAt),
    );
  }
  return { end, operations, pids };
}

function decodeResult(
  view: DataView,
  at: number,
  bytes: Uint8Array,
  payloadAt: number,
): OperationResult {
  const state = STATES[view.getUint8(at)] ?? "not-reached";
  const value = view.getBigInt64(at + 16, true);
  const signal = view.getUint8(at + 1);
  const payloadBytes = view.getUint32(at + 8, true);
  const nanoseconds = view.getUint32(at + 12, true);
  if (state === "done" && payloadBytes === 0 && nanoseconds === 0) return { state, value };
  const from = payloadAt + view.getUint32(at + 4, true);
  return {
    state,
    value,
    ...(signal === 0 ? {} : { signal }),
    ...(state === "faulted"
      ? { code: view.getInt16(at + 2, true), address: view.getBigUint64(at + 24, true) }
      : {}),
    ...(payloadBytes === 0 ? {} : { payload: bytes.slice(from, from + payloadBytes) }),
    ...(nanoseconds === 0 ? {} : { nanoseconds }),
  };
}
