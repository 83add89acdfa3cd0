import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { readSiginfo } from "./readSiginfo.ts";
import { checkSender } from "./signalInfo.ts";
import { checkPositive, sendToThread } from "./tgkill.ts";

/**
 * rt_tgsigqueueinfo(2): a signal for one thread of a process, with a siginfo of the caller's own.
 * Linux: kernel/signal.c rt_tgsigqueueinfo, do_rt_tgsigqueueinfo
 */
export const rtTgsigqueueinfo: SystemCall = {
  name: "rt_tgsigqueueinfo",
  parameters: [
    parameter("tgid", "pid"),
    parameter("tid", "pid"),
    parameter("sig", "signal"),
    parameter("info", { structure: "siginfo", direction: "in" }),
  ],
  run(task, registers) {
    const [tgid, tid, signal] = [registers.int(0), registers.int(1), registers.int(2)];
    const info = readSiginfo(task, registers, 3, signal);
    if ("ok" in info) return info;
    return (
      checkPositive(task, tgid, tid) ??
      checkSender(task, info.code, tid) ??
      sendToThread(task, tgid, tid, signal)
    );
  },
};
