import { SYSCALL_NUMBERS, type Abi } from "@kadvise/uapi";
import type { Outcome } from "./call.ts";
import type { Task } from "./task.ts";

/**
 * What a filter answers in the kernel's place; nothing if it lets the call through, or nobody
 * filters. It hears the number that the gate got: before the table is looked up, so that it answers
 * calls which this kernel lacks, too.
 *
 * Linux: syscall_trace_enter, kernel/entry/common.c; __secure_computing, kernel/seccomp.c
 */
export function filterAnswer(
  task: Task,
  abi: Abi,
  name: string | undefined,
  number: number | undefined,
): Outcome | undefined {
  const { access } = task.machine;
  if (access.hearsCalls === false) return undefined;
  const heard = access.syscall(
    Object.freeze({
      subject: task.subject,
      name: name ?? nameOf(abi, number),
      // A call that has no number at this gate comes from a decoded record alone.
      number: number ?? SYSCALL_NUMBERS[name ?? ""]?.[abi] ?? -1,
    }),
  );
  return heard.ok ? undefined : heard;
}

/** The name of a call that is not modelled; strace's way of writing it if nobody knows one. */
function nameOf(abi: Abi, number = -1): string {
  for (const [name, numbers] of Object.entries(SYSCALL_NUMBERS))
    if (numbers[abi] === number) return name;
  return `syscall_0x${(number >>> 0).toString(16)}`;
}
