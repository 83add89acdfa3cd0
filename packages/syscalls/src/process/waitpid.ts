import type { SystemCall } from "../call.ts";
import { wait4 } from "./wait4.ts";

/** i386's waitpid(2): wait4 that tells nothing of what the child used. Linux: kernel/exit.c waitpid */
export const waitpid: SystemCall = {
  ...wait4,
  name: "waitpid",
  parameters: wait4.parameters.slice(0, 3),
  run(task, registers) {
    registers.setHalves(3, 0, 0);
    return wait4.run(task, registers);
  },
};
