import { Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

const entries = {
  "close_range/flags": {
    errno: "EINVAL",
    text: "a flag besides CLOSE_RANGE_UNSHARE and CLOSE_RANGE_CLOEXEC",
    linux: "fs/file.c close_range",
    since: "5.9",
    remedy: "pass known flags; CLOSE_RANGE_CLOEXEC exists since 5.11",
    compares: ["flags"],
  },
  "close_range/order": {
    errno: "EINVAL",
    text: "the first descriptor is above the last",
    linux: "fs/file.c close_range",
    since: "5.9",
    remedy: "give the smaller number first",
    compares: ["first", "last"],
  },
} as const;

/** close_range's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * close_range(2): closes every descriptor of a range, or marks them to be closed at exec. That some
 * are closed already is no error. Since 5.9. Linux: fs/file.c close_range
 */
export const closeRange: SystemCall = {
  name: "close_range",
  parameters: [
    parameter("first", "uint"),
    parameter("last", "uint"),
    parameter("flags", { flags: { CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC } }),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const [first, last, flags] = [registers.low(0), registers.low(1), registers.low(2)];
    const { closeRangeOnExec } = task.machine.profile.pidfd;
    const known = CLOSE_RANGE_UNSHARE | (closeRangeOnExec ? CLOSE_RANGE_CLOEXEC : 0);
    if ((flags & ~known) !== 0) return reasons.refuse(checks, "close_range/flags", flags);
    if (first > last) return reasons.refuse(checks, "close_range/order", first, last);
    if ((flags & CLOSE_RANGE_UNSHARE) !== 0) ownFiles(task);
    if ((flags & CLOSE_RANGE_CLOEXEC) !== 0) task.files.closeRangeOnExec(first, last);
    else task.files.closeRange(first, last);
    return success(0);
  },
};

/** Gives a task a descriptor table of its own, if it shares one. Linux: kernel/fork.c unshare_fd */
export function ownFiles(task: Task): void {
  if (task.files.users <= 1) return;
  const { journal } = task.machine.ports;
  journal.save(task.files, "users");
  task.files.users--;
  journal.save(task, "files");
  task.files = task.files.copy();
}
