import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { reasons, signalProcess } from "./kill.ts";
import { readSiginfo } from "./readSiginfo.ts";
import { checkSender } from "./signalInfo.ts";

/**
 * rt_sigqueueinfo(2): a signal for a process, with a siginfo of the caller's own. The siginfo is
 * read first, then it is asked who may write such a one, then who is meant. Linux: kernel/signal.c
 * rt_sigqueueinfo, do_rt_sigqueueinfo
 */
export const rtSigqueueinfo: SystemCall = {
  name: "rt_sigqueueinfo",
  parameters: [
    parameter("tgid", "pid"),
    parameter("sig", "signal"),
    parameter("info", { structure: "siginfo", direction: "in" }),
  ],
  run(task, registers) {
    const pid = registers.int(0);
    const signal = registers.int(1);
    const info = readSiginfo(task, registers, 2, signal);
    if ("ok" in info) return info;
    const forged = checkSender(task, info.code, pid);
    if (forged !== undefined) return forged;
    // No number stands for a group here.
    if (pid <= 0) return reasons.refuse(task.machine.ports.checks, "kill/no-process", pid);
    return signalProcess(task, pid, signal);
  },
};
