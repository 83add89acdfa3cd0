import { success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { numberFor } from "./numbering.ts";

/** getpid(2): the number of the process, whichever thread asks. */
export const getpid: SystemCall = {
  name: "getpid",
  parameters: [],
  returns: "pid",
  run: (task) => success(numberFor(task, task.thread.group.pid)),
};

/** gettid(2): the number of the thread. */
export const gettid: SystemCall = {
  name: "gettid",
  parameters: [],
  returns: "pid",
  run: (task) => success(numberFor(task, task.pid)),
};

/** set_tid_address(2): returns the number of the thread. */
export const setTidAddress: SystemCall = {
  name: "set_tid_address",
  parameters: [parameter("tidptr", "pointer")],
  returns: "pid",
  run: (task) => success(numberFor(task, task.pid)),
};

/** getppid(2): the parent's number, 0 where that is in a pid namespace around the caller's; whoever
 * outlives its parent gets another. */
export const getppid: SystemCall = {
  name: "getppid",
  parameters: [],
  returns: "pid",
  run(task) {
    const { parent } = task.thread.group;
    if (parent !== undefined) return success(numberFor(task, parent.pid));
    if (task.pid.namespace.level > 0 && !task.machine.recorded) return success(0);
    return success(
      task.machine.ports.choices.choose<number>({
        id: "getppid/unstated",
        usual: 1,
        allows: (answer) => Number.isInteger(answer) && answer >= 0,
        describe: () => "the number of a parent outside the record",
        fromResult: (value) => value,
      }),
    );
  },
};
