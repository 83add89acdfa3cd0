import { MADV, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { adviseBytes } from "./adviseBytes.ts";

/** madvise(2): advice for one range of one's own memory. Linux: mm/madvise.c madvise */
export const madvise: SystemCall = {
  name: "madvise",
  parameters: [
    parameter("addr", "address"),
    parameter("length", "size"),
    parameter("advice", { names: MADV }),
  ],
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    const page = registers.page(0, pageShift);
    const offset = registers.offset(0, pageShift);
    const pages = registers.pagesUp(1, pageShift);
    return adviseBytes(task, task.space, page, offset, pages, registers.int(2)) ?? success(0);
  },
};
