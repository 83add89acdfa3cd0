import { Reasons } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyIn, wordAt } from "../copyUser.ts";
import { parameter } from "../signature.ts";
import { pollFiles } from "./poll.ts";

const entries = {
  "ppoll/bad-time": {
    errno: "EINVAL",
    text: "the time is negative, or has a thousand million nanoseconds or more",
    linux: "fs/select.c poll_select_set_timeout",
    since: "2.6.16",
    remedy: "pass a time as clocks give it, or NULL to wait for good",
    compares: ["nanoseconds"],
  },
  "ppoll/mask-size": {
    errno: "EINVAL",
    text: "a signal mask has 8 bytes",
    linux: "kernel/signal.c set_user_sigmask",
    since: "2.6.16",
    remedy: "pass the size that the kernel's masks have",
    compares: ["bytes"],
  },
} as const;

/** ppoll's own reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const MASK_BYTES = 8;
const SECOND = 1_000_000_000;

/**
 * ppoll(2): poll with a time in nanoseconds and a signal mask; arm64 has no other. The time is looked
 * at first, then the mask, then the descriptors. Linux: fs/select.c ppoll
 */
export const ppoll: SystemCall = {
  name: "ppoll",
  parameters: [
    parameter("ufds", { structure: "pollfd", direction: "inout", count: "nfds" }),
    parameter("nfds", "uint"),
    parameter("tsp", "pointer"),
    parameter("sigmask", "pointer"),
    parameter("sigsetsize", "size"),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const narrow = task.abi === "i386";
    const hasTime = !registers.isZero(2);
    if (hasTime) {
      const time = copyIn(task, registers, 2, narrow ? 8 : 16);
      if ("ok" in time) return time;
      const [sign, nanoseconds] = narrow
        ? [wordAt(time, 0), wordAt(time, 4)]
        : [wordAt(time, 4), wordAt(time, 8)];
      const isLong = !narrow && wordAt(time, 12) !== 0;
      if ((sign | 0) < 0 || isLong || nanoseconds >= SECOND)
        return reasons.refuse(checks, "ppoll/bad-time", nanoseconds);
    }
    if (!registers.isZero(3)) {
      const size = registers.low(4);
      if (size !== MASK_BYTES || registers.high(4) !== 0)
        return reasons.refuse(checks, "ppoll/mask-size", size);
      const mask = copyIn(task, registers, 3, MASK_BYTES);
      if ("ok" in mask) return mask;
    }
    return pollFiles(task, registers, { isEndless: !hasTime, restart: "without-handler" });
  },
};
