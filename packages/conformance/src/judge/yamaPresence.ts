import type { CallEvent } from "@kadvise/strace";
import { PR } from "@kadvise/uapi";
import { hasFlag } from "./flagArgument.ts";
import { numberOf } from "./touch.ts";
import type { Judgement } from "./verdict.ts";
import type { Worlds } from "./worlds.ts";

/**
 * Whether Yama is built in, where nobody said so: the first PR_SET_PTRACER tells. Without Yama that
 * is no option of prctl. Linux: security/yama/yama_lsm.c yama_task_prctl
 */
export class YamaPresence {
  private isOpen: boolean;

  constructor(isOpen: boolean) {
    this.isOpen = isOpen;
  }

  /** What to say of a call that tells; undefined for any other, and once it is known. */
  judge(event: CallEvent, worlds: Worlds): Judgement | undefined {
    const { name, result } = event;
    if (!this.isOpen || name !== "prctl" || !asksForTracer(event)) return undefined;
    if (result.error === undefined) {
      this.isOpen = false;
      return OPEN;
    }
    if (result.error !== "EINVAL") return undefined;
    // A process that is not there is refused with the same error.
    if (numberOf(event, 1) === 0 || hasFlag(event, "PR_SET_PTRACER_ANY")) {
      this.isOpen = false;
      worlds.everyWorld((world) => {
        world.leaveYamaOut();
      });
    }
    return OPEN;
  }
}

function asksForTracer(event: CallEvent): boolean {
  return event.args[0]?.text === "PR_SET_PTRACER" || numberOf(event, 0) === PR.PR_SET_PTRACER;
}

const OPEN: Judgement = {
  verdict: "undetermined",
  allowed: ["0", "-1 EINVAL (Invalid argument)"],
  reason: { id: "judge/yama-unstated", text: "not known: whether the kernel has Yama" },
  needs: ["setting/ptraceScope"],
};
