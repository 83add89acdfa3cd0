import { pidfdReadiness } from "@kadvise/pidfd";
import { POLL, Reasons, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyIn, putBytes, wordAt } from "../copyUser.ts";
import { interrupted, wakening, type RestartRule } from "../process/sleep.ts";
import { askUnstated } from "../resolveTarget.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "poll/too-many": {
    errno: "EINVAL",
    text: "more descriptors than RLIMIT_NOFILE allows",
    linux: "fs/select.c do_sys_poll",
    since: "2.6",
    remedy: "pass fewer, or raise RLIMIT_NOFILE",
    compares: ["count", "limit"],
  },
} as const;

/** poll's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** struct pollfd: the descriptor, what is asked, what is told. */
const POLLFD_BYTES = 8;
const EVENTS = 4;
const REVENTS = 6;

/** What is told although nobody asked. */
const ALWAYS: number = POLL.POLLERR | POLL.POLLHUP;
/** What every file tells that knows nothing better. Linux: include/linux/poll.h DEFAULT_POLLMASK */
const DEFAULT: number = POLL.POLLIN | POLL.POLLOUT | POLL.POLLRDNORM | POLL.POLLWRNORM;

/**
 * poll(2): a pidfd can be read once its process has ended. Negative descriptors are passed over, a
 * closed one is POLLNVAL. Linux: fs/select.c do_sys_poll, do_pollfd
 */
export const poll: SystemCall = {
  name: "poll",
  parameters: [
    parameter("ufds", { structure: "pollfd", direction: "inout", count: "nfds" }),
    parameter("nfds", "uint"),
    parameter("timeout", "int"),
  ],
  run(task, registers) {
    return pollFiles(task, registers, { isEndless: registers.int(2) < 0, restart: "with-rest" });
  },
};

/** How to wait for an event. */
export interface PollWait {
  /** Whether no time ends it. */
  readonly isEndless: boolean;
  /** What follows where a signal comes first. */
  readonly restart: RestartRule;
}

/** What poll and ppoll do behind their times. Linux: fs/select.c do_sys_poll */
export function pollFiles(task: Task, registers: Registers, wait: PollWait): Outcome {
  const count = registers.low(1);
  const limit = task.limits.soft("RLIMIT_NOFILE");
  if (count > limit)
    return reasons.refuse(task.machine.ports.checks, "poll/too-many", count, String(limit));
  const asked = copyIn(task, registers, 0, count * POLLFD_BYTES);
  if ("ok" in asked) return asked;
  const told = Array.from({ length: count }, (_, i) => {
    const events = wordAt(asked, i * POLLFD_BYTES + EVENTS) & 0xffff;
    const fd = wordAt(asked, i * POLLFD_BYTES) | 0;
    return fd < 0 ? 0 : readiness(task, fd) & (events | ALWAYS | POLL.POLLNVAL);
  });
  const ready = told.filter((events) => events !== 0).length;
  // Nobody else runs meanwhile: what is not ready now is not ready when the time is over. Who does
  // not wait at all looks for a signal, too.
  const by = ready === 0 ? wakening(task) : "nothing";
  if (ready === 0 && by === "nothing" && wait.isEndless) return interrupted(task, wait.restart, by);
  for (const [i, events] of told.entries()) {
    const bytes = Uint8Array.of(events & 0xff, events >> 8);
    const refusal = putBytes(task, registers, 0, i * POLLFD_BYTES + REVENTS, bytes);
    if (refusal !== undefined) return refusal;
  }
  return by === "nothing" ? success(ready) : interrupted(task, wait.restart, by);
}

function readiness(task: Task, fd: number): number {
  const file = task.files.get(fd)?.file;
  if (file === undefined) return POLL.POLLNVAL;
  switch (file.kind) {
    case "pidfd":
      return pidfdReadiness(file, task.machine.profile.pidfd);
    case "file":
      return file.isPath ? POLL.POLLNVAL : DEFAULT;
    case "unstated":
      askUnstated(task, fd);
      return DEFAULT;
  }
}
