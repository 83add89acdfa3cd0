import { integerOf, type Value } from "@kadvise/strace";
import type { LinkedBytes } from "@kadvise/syscalls";
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

const SET_TID = FIELDS.indexOf("set_tid");

/** Of a newer structure than strace knows, so many bytes are taken to be there: it shows no zeros. */
const MOST_BYTES = 256;

/**
 * clone3's structure as the log shows it. A pointer that is shown by what it points to stands for
 * some address. What strace does not know is shown as bytes: `/* bytes 88..95 *\/ "\x01\x00"`.
 */
export function cloneArgsBytes(value: Value): Uint8Array | LinkedBytes {
  const bytes = new Uint8Array(MOST_BYTES);
  if (value.kind !== "struct") return bytes;
  const more = value.bare.find(({ kind }) => kind === "string");
  if (more?.kind === "string" && more.cut) throw new NotShown("clone3: the end of its structure");
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
  const numbers = setTidBytes(value.fields.find(({ name }) => name === "set_tid")?.value);
  if (numbers === undefined) return bytes;
  return { bytes, pointers: [{ offset: SET_TID * 8, leadsTo: numbers }] };
}

/** `set_tid=[1, 4711]`: the numbers that the log shows behind the pointer. */
function setTidBytes(value: Value | undefined): Uint8Array | undefined {
  if (value?.kind !== "array") return undefined;
  if (value.cut) throw new NotShown("clone3: its set_tid");
  return new Uint8Array(
    Int32Array.from(value.items, (item) => Number(integerOf(item, constant) ?? 0)).buffer,
  );
}
