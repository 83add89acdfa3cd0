import type { Task } from "@kadvise/syscalls";
import type { OperationResult } from "../program/result.ts";

/**
 * A file below /proc/PID as the model has it, or undefined for one that it does not model.
 *
 * Of whoever has no memory any more, maps is empty. Linux: fs/proc/task_mmu.c proc_maps_open
 */
export function observedFile(
  task: Task | undefined,
  path: string,
  offset: number,
  bytes: number,
): OperationResult | undefined {
  if (path !== "/proc/%/maps" || task === undefined) return undefined;
  if (task.pid.thread === undefined) return { state: "done", value: -2n };
  const text = task.mm?.maps() ?? "";
  const payload = Buffer.from(text.slice(offset, offset + bytes), "latin1");
  return {
    state: "done",
    value: BigInt(payload.length),
    ...(payload.length === 0 ? {} : { payload }),
  };
}
