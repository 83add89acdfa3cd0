import { integerOf, type Value } from "@kadvise/strace";
import { constant } from "./constants.ts";
import { NotShown } from "./notShown.ts";

/**
 * Fields of struct clone_args, 8 bytes each, in order. `child_tid` and `parent_tid` are pointers.
 */
const FIELDS = [
  "flags",
  "pidfd",
  "child_tid",
  "parent_tid",
  "exit_signal",
  "stack",
  "stack_size",
  "tls",
  "set_tid",
  "set_tid_size",
  "cgroup",
] as const;

/** Of a newer structure than strace knows, so many bytes are taken to be there: it shows no zeros. */
const MOST_BYTES = 256;

/**
 * clone3's structure as the log shows it. A pointer that is shown by what it points to stands for
 * some address. What strace does not know is shown as bytes: `/* bytes 88..95 *\/ "\x01\x00"`.
 */
export function cloneArgsBytes(value: Value): Uint8Array {
  const bytes = new Uint8Array(MOST_BYTES);
  if (value.kind !== "struct") return bytes;
  const more = value.bare.find(({ kind }) => kind === "string");
  if (more?.kind === "string") {
    const shown = Array.from(more.text, (character) => character.charCodeAt(0));
    bytes.set(shown.slice(0, MOST_BYTES - FIELDS.length * 8), FIELDS.length * 8);
  }
  const view = new DataView(bytes.buffer);
  for (const [i, name] of FIELDS.entries()) {
    const field = value.fields.find((candidate) => candidate.name === name);
    if (field === undefined) continue;
    const number = integerOf(field.value, constant);
    if (number === undefined && name === "flags") throw new NotShown("clone3: its flags");
    view.setBigUint64(i * 8, number === undefined ? 0n : BigInt.asUintN(64, BigInt(number)), true);
  }
  return bytes;
}
