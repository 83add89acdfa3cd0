import { PAYLOAD_BYTES } from "./layout.ts";
import type { Program } from "./program.ts";
import { PROGRAM_RESULTS_HEADER_BYTES, RESULT_BYTES } from "./wire.ts";

/** The bytes that a program's results take at most. */
export function mostResultBytes(program: Program): number {
  let payload = 0;
  for (const operation of program.operations) {
    if (operation.kind === "load" || operation.kind === "read") {
      payload += Math.ceil(operation.bytes / 8) * 8;
    }
  }
  return (
    PROGRAM_RESULTS_HEADER_BYTES +
    program.operations.length * RESULT_BYTES +
    Math.min(payload, PAYLOAD_BYTES)
  );
}
