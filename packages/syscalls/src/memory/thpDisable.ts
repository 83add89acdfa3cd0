import { Reasons, success } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";
import { askStated } from "./stated.ts";

const entries = {
  "prctl/thp-disable-arguments": {
    errno: "EINVAL",
    text: "PR_SET_THP_DISABLE and PR_GET_THP_DISABLE want zeros for the arguments that they do not use",
    linux: "kernel/sys.c prctl_set_thp_disable, prctl_get_thp_disable",
    since: "3.15",
    remedy: "pass zeros",
  },
  "prctl/thp-disable-flags": {
    errno: "EINVAL",
    text: "PR_THP_DISABLE_EXCEPT_ADVISED alone, since 6.18, and only to disable",
    linux: "kernel/sys.c prctl_set_thp_disable",
    since: "6.18",
    remedy: "pass no flags",
    compares: ["flags"],
  },
} as const;

/** The reasons of PR_SET_THP_DISABLE and PR_GET_THP_DISABLE. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const EXCEPT_ADVISED = 2;

/** PR_SET_THP_DISABLE: the process gets no transparent huge pages. Since 3.15. */
export function setThpDisable(task: Task, registers: Registers): Outcome {
  const { ports, profile } = task.machine;
  const { checks, journal } = ports;
  const hasFlags = profile.mm.thpDisableFlags;
  if (![hasFlags ? 3 : 2, 3, 4].every((i) => registers.isZero(i)))
    return reasons.refuse(checks, "prctl/thp-disable-arguments");
  const disables = !registers.isZero(1);
  const flags = registers.low(2);
  const isKnown = registers.high(2) === 0 && (flags & ~EXCEPT_ADVISED) === 0;
  if (!isKnown || (flags !== 0 && !disables))
    return reasons.refuse(checks, "prctl/thp-disable-flags", registers.hex(2));
  const mm = task.space;
  journal.save(mm, "hugeDisabled");
  mm.hugeDisabled = disables ? (flags === 0 ? 1 : 3) : 0;
  return success(0);
}

/** PR_GET_THP_DISABLE: 0, 1, or 3 where advised areas are excepted. */
export function getThpDisable(task: Task, registers: Registers): Outcome {
  const { checks } = task.machine.ports;
  if (![1, 2, 3, 4].every((i) => registers.isZero(i)))
    return reasons.refuse(checks, "prctl/thp-disable-arguments");
  return success(askStated(task, "thp-disable", task.space.hugeDisabled, [0, 1, 3]));
}
