import { prctl as securityPrctl } from "@kadvise/security";
import { PR, Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";

const entries = {
  "prctl/unknown-option": {
    errno: "EINVAL",
    text: "prctl knows no such option",
    linux: "kernel/sys.c prctl",
    since: "2.6",
    remedy: "pass an option that the release has",
    compares: ["option"],
  },
} as const;

/** prctl's own reasons; each option's are in the security package. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** Options that exist, change nothing that is modelled, and succeed. */
const HARMLESS: ReadonlySet<number> = new Set([PR.PR_SET_NAME, PR.PR_GET_NAME]);

/** prctl(2): the options that concern access and memory. Linux: kernel/sys.c */
export const prctl: SystemCall = {
  name: "prctl",
  parameters: [
    parameter("option", { names: PR }),
    parameter("arg2", "ulong"),
    parameter("arg3", "ulong"),
    parameter("arg4", "ulong"),
    parameter("arg5", "ulong"),
  ],
  run(task, registers) {
    const option = registers.int(0);
    const result = securityPrctl(task.machine.access, task.subject, {
      option,
      args: [registers.big(1), registers.big(2), registers.big(3), registers.big(4)],
      findTask: (pid) => task.machine.processes.find(pid)?.thread?.payload.subject,
    });
    if (result !== undefined) return result;
    if (HARMLESS.has(option)) return success(0);
    return reasons.refuse(task.machine.ports.checks, "prctl/unknown-option", option);
  },
};
