import { success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";

/** close(2). A pidfd's process does not notice. Linux: fs/open.c close */
export const close: SystemCall = {
  name: "close",
  parameters: [parameter("fd", "fd")],
  run(task, registers) {
    const closed = task.files.close(registers.int(0));
    return closed.ok ? success(0) : closed;
  },
};
