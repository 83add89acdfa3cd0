import { Reasons, type Refusal } from "@kadvise/uapi";
import { copyIn, copyInText, longAt, wordAt } from "../copyUser.ts";
import { Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
  "execve/word-too-long": {
    errno: "E2BIG",
    text: "an argument or a word of the environment is longer than 128 KiB",
    linux: "fs/exec.c copy_strings",
    since: "2.6.23",
    remedy: "pass it by a file or a pipe",
  },
} as const;

/** The reasons of a program's arguments and environment. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** A word with its NUL may be so long. Linux: include/uapi/linux/binfmts.h MAX_ARG_STRLEN */
const MAX_WORD_BYTES = 131_072;

/**
 * Whether a program's arguments and environment can be read: both lists, then every word from the
 * last one on. Of a recorded program it shows what they are. Linux: fs/exec.c count, copy_strings
 */
export function checkWords(
  task: Task,
  registers: Registers,
  argv: number,
  envp: number,
): Refusal | undefined {
  if (task.machine.recorded) return undefined;
  const lists: (readonly bigint[])[] = [];
  for (const list of [argv, envp]) {
    const pointers = pointersOf(task, registers, list);
    if ("ok" in pointers) return pointers;
    lists.push(pointers);
  }
  for (const pointer of lists.flat().reverse()) {
    const word = copyInText(task, new Registers(pointer), 0, MAX_WORD_BYTES);
    if ("ok" in word) return word;
    if (word.length === MAX_WORD_BYTES)
      return reasons.refuse(task.machine.ports.checks, "execve/word-too-long");
  }
  return undefined;
}

/** The pointers of a list up to the NULL at its end; NULL is an empty list. */
function pointersOf(task: Task, registers: Registers, list: number): readonly bigint[] | Refusal {
  const bytes = task.abi === "i386" ? 4 : 8;
  const pointers: bigint[] = [];
  if (registers.isZero(list)) return pointers;
  for (let at = registers.big(list); ; at += BigInt(bytes)) {
    const read = copyIn(task, new Registers(at), 0, bytes);
    if ("ok" in read) return read;
    const pointer = bytes === 4 ? wordAt(read, 0) : longAt(read, 0);
    if (pointer === 0) return pointers;
    pointers.push(BigInt(pointer));
  }
}
