import type { CallResult } from "@kadvise/strace";
import type { SystemCall } from "@kadvise/syscalls";
import type { Judgement } from "./verdict.ts";

/** The log shows the child before the call that made it: its lines are not in their order. */
export const CHILD_CAME_FIRST: Judgement = {
  verdict: "undetermined",
  allowed: [],
  reason: {
    id: "judge/child-came-first",
    text: "the child had lines before the call that made it",
  },
  needs: ["log/order-of-lines"],
};
/** A call that starts again says nothing of what it would have done. */
export const INTERRUPTED: Judgement = {
  verdict: "undetermined",
  allowed: [],
  reason: { id: "judge/interrupted", text: "a signal was pending: the call starts again" },
  needs: ["signal/pending"],
};

/** The last line of a log that stops in the midst of it. */
export const CUT_LINE: Judgement = {
  verdict: "undetermined",
  allowed: [],
  reason: { id: "judge/cut-line", text: "the log stops here, and may lack the end of the result" },
  needs: ["log/end-of-line"],
};

/** exit and exit_group. */
export function neverReturns(result: CallResult): Judgement {
  return {
    verdict: result.unknown ? "exact" : "deviation",
    allowed: ["?"],
    reason: { id: "judge/never-returns", text: "the call never returns" },
    needs: [],
  };
}

/** A call that could not be run: one that is not modelled, or of which the log shows too little. */
export function notDecoded(name: string, call: SystemCall | undefined): Judgement {
  const [id, text, need] =
    call === undefined
      ? ["judge/not-modelled", `${name} is not modelled`, `model/${name}`]
      : [
          "judge/arguments-not-shown",
          `the log does not show every argument of ${name} in a form that can be used`,
          "log/arguments",
        ];
  return { verdict: "undetermined", allowed: [], reason: { id, text }, needs: [need] };
}

/** The number of a process that was not known before: any is right. */
export function anyPid(judgement: Judgement): Judgement {
  const { verdict, reason, needs } = judgement;
  if (verdict !== "exact") return judgement;
  return { verdict: "constrained", allowed: ["the number of the process"], reason, needs };
}

/**
 * Calls that start again when a signal is pending: fork's family, and advice that unmerges or
 * guards pages. Linux: kernel/fork.c copy_process, mm/ksm.c unmerge_ksm_pages, mm/madvise.c
 * madvise_guard_install
 */
const MAY_RESTART: ReadonlySet<string> = new Set([
  ...["clone", "clone3", "fork", "vfork", "madvise", "process_madvise"],
]);
const RESTARTS = /^ERESTART/;

/** Whether a call may start again when a signal is pending. */
export function mayRestart(name: string): boolean {
  return MAY_RESTART.has(name);
}

/** Whether a call only says that it starts again. */
export function startsAgain(name: string, error: string | undefined): boolean {
  return RESTARTS.test(error ?? "") && MAY_RESTART.has(name);
}
