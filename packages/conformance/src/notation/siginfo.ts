import { integerOf, type StructValue, type Value } from "@kadvise/strace";
import { constant } from "./constants.ts";

/**
 * Fields of waitid's siginfo that the model knows, and where they lie. Times are not among them.
 */
const FIELDS: readonly (readonly [string, number])[] = [
  ["si_signo", 0],
  ["si_code", 8],
  ["si_pid", 16],
  ["si_uid", 20],
  ["si_status", 24],
];

/** Whether waitid wrote what the log shows; undefined where it shows nothing. */
export function matchesSiginfo(bytes: Uint8Array, value: Value): boolean | undefined {
  if (value.kind !== "struct" || value.fields.length === 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return FIELDS.every(([name, offset]) => {
    const field = value.fields.find((candidate) => candidate.name === name);
    if (field === undefined) return true;
    const number = integerOf(field.value, constant);
    return number === undefined || Number(number) === view.getInt32(offset, true);
  });
}

/** The fields of siginfo that the log shows, as waitid lays them out. */
export function siginfoBytes(value: StructValue): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  for (const [name, offset] of FIELDS) {
    const field = value.fields.find((candidate) => candidate.name === name);
    const number = field === undefined ? undefined : integerOf(field.value, constant);
    if (number !== undefined)
      view.setInt32(offset, Number(BigInt.asIntN(32, BigInt(number))), true);
  }
  return bytes;
}
