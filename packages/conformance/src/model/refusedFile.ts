import { mmAccess, type Task } from "@kadvise/syscalls";
import { ERRNO } from "@kadvise/uapi";
import type { OperationResult } from "../program/result.ts";

const MAPS = "/proc/%/maps";

/**
 * What comes of it where a process may not open another's maps; undefined where it may, or where
 * the model does not know the file. Whoever has no memory has an empty file.
 *
 * Linux: fs/proc/task_mmu.c proc_maps_open, fs/proc/base.c proc_mem_open
 */
export function refusedFile(
  reader: Task,
  of: Task | undefined,
  path: string,
): OperationResult | undefined {
  const thread = of?.pid.thread;
  if (thread === undefined || path !== MAPS) return undefined;
  const mm = mmAccess(reader, thread, "PTRACE_MODE_READ_FSCREDS");
  if (!("ok" in mm) || mm.code === "ESRCH") return undefined;
  return { state: "done", value: BigInt(-ERRNO[mm.code]), refusal: mm };
}
