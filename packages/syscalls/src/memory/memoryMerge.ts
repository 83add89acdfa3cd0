import { Reasons, success } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";
import { askStated } from "./stated.ts";

const entries = {
  "prctl/memory-merge-arguments": {
    errno: "EINVAL",
    text: "PR_SET_MEMORY_MERGE and PR_GET_MEMORY_MERGE want zeros for the arguments that they do not use",
    linux: "kernel/sys.c prctl",
    since: "6.4",
    remedy: "pass zeros",
  },
} as const;

/** The reasons of PR_SET_MEMORY_MERGE and PR_GET_MEMORY_MERGE. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * PR_SET_MEMORY_MERGE: all memory of the process is as if it were advised MADV_MERGEABLE, now and
 * later. Since 6.4, with CONFIG_KSM. Linux: mm/ksm.c ksm_enable_merge_any
 */
export function setMemoryMerge(task: Task, registers: Registers): Outcome {
  if (![2, 3, 4].every((i) => registers.isZero(i)))
    return reasons.refuse(task.machine.ports.checks, "prctl/memory-merge-arguments");
  task.space.setMergeAny(!registers.isZero(1));
  return success(0);
}

/** PR_GET_MEMORY_MERGE: 1 where it is so. */
export function getMemoryMerge(task: Task, registers: Registers): Outcome {
  if (![1, 2, 3, 4].every((i) => registers.isZero(i)))
    return reasons.refuse(task.machine.ports.checks, "prctl/memory-merge-arguments");
  return success(askStated(task, "memory-merge", task.space.mergeAny ? 1 : 0, [0, 1]));
}
