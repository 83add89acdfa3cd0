import { CLONE, success } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import { putInt } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";
import { numberFor } from "./numbering.ts";
import { cloneTask, type CloneRequest } from "./cloneTask.ts";

/** Where the caller wants to be told what: numbers of registers that hold pointers. */
export interface ClonePointers {
  readonly registers: Registers;
  readonly pidfd: number;
  readonly parentTid: number;
  readonly childTid: number;
}

/**
 * Makes the task, and tells its descriptor and its number where the caller asked for them.
 *
 * A descriptor that cannot be told is an error, and there is no child then; numbers are told as far
 * as that goes. Linux: kernel/fork.c copy_process, kernel_clone; kernel/sched/core.c schedule_tail
 */
export function cloneFor(
  task: Task,
  request: CloneRequest & { readonly pointers?: ClonePointers },
): Outcome {
  const { journal } = task.machine.ports;
  const mark = journal.begin();
  const made = cloneTask(task, request);
  if (!made.ok) {
    journal.undo(mark);
    return made;
  }
  const { task: child, pidfd } = made.value;
  const number = numberFor(task, child.pid);
  const { pointers } = request;
  if (pidfd !== undefined && pointers !== undefined) {
    const refusal = putInt(task, pointers.registers, pointers.pidfd, pidfd);
    if (refusal !== undefined) {
      journal.undo(mark);
      return refusal;
    }
  }
  journal.keep(mark);
  if (pointers !== undefined) tellNumbers(task, child, request.flags, pointers);
  return success(number);
}

/** put_user's answer is ignored for both. A recorded child's memory tells nothing of it. */
function tellNumbers(task: Task, child: Task, flags: number, pointers: ClonePointers): void {
  const { registers } = pointers;
  if ((flags & CLONE.CLONE_PARENT_SETTID) !== 0) {
    putInt(task, registers, pointers.parentTid, numberFor(task, child.pid));
  }
  if ((flags & CLONE.CLONE_CHILD_SETTID) !== 0 && !task.machine.recorded) {
    putInt(child, registers, pointers.childTid, numberFor(child, child.pid));
  }
}
