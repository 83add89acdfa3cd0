import { Inode, OpenFile } from "@kadvise/files";
import { O, Reasons, type Refusal, UFFD_USER_MODE_ONLY } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "userfaultfd/not-permitted": {
    errno: "EPERM",
    text: "faults of the kernel itself may be handled by who has CAP_SYS_PTRACE alone, while vm.unprivileged_userfaultfd is 0, as it is since 5.11 unless it is set",
    passes: "the caller may handle the kernel's faults, or asks for its own alone",
    linux: "fs/userfaultfd.c userfaultfd_syscall_allowed",
    since: "5.2",
    remedy:
      "pass UFFD_USER_MODE_ONLY (5.11), gain CAP_SYS_PTRACE, or set vm.unprivileged_userfaultfd",
    compares: ["flags"],
  },
  "userfaultfd/flags": {
    errno: "EINVAL",
    text: "a flag that this release does not know",
    linux: "fs/userfaultfd.c new_userfaultfd",
    since: "4.3",
    remedy: "pass O_CLOEXEC, O_NONBLOCK, UFFD_USER_MODE_ONLY (5.11)",
    compares: ["flags"],
  },
} as const;

/** userfaultfd's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const SHARED_FLAGS: number = O.O_CLOEXEC | O.O_NONBLOCK;

/**
 * userfaultfd(2): the descriptor alone; what is registered with it is not modelled. Who may have one
 * is asked before which flags there are. Linux: fs/userfaultfd.c userfaultfd, new_userfaultfd
 */
export const userfaultfd: SystemCall = {
  name: "userfaultfd",
  parameters: [
    parameter("flags", {
      flags: { O_CLOEXEC: O.O_CLOEXEC, O_NONBLOCK: O.O_NONBLOCK, UFFD_USER_MODE_ONLY },
      unknown: "UFFD_???",
    }),
  ],
  returns: "fd",
  run(task, registers) {
    const { machine } = task;
    const { checks } = machine.ports;
    const { userfaultfdNeedsPtrace } = machine.profile.mm;
    const flags = registers.low(0);
    const isOwnOnly = userfaultfdNeedsPtrace && (flags & UFFD_USER_MODE_ONLY) !== 0;
    const objection = isOwnOnly ? undefined : objectionTo(task);
    if (objection !== undefined)
      return reasons.refuseBecause(checks, "userfaultfd/not-permitted", objection, flags);
    reasons.passed(checks, "userfaultfd/not-permitted", flags);
    const known = SHARED_FLAGS | (userfaultfdNeedsPtrace ? UFFD_USER_MODE_ONLY : 0);
    if ((flags & ~known) !== 0) return reasons.refuse(checks, "userfaultfd/flags", flags);
    const file = new OpenFile(new Inode({ kind: "special", mode: 0o600 }), {
      flags:
        (machine.profile.mm.userfaultfdReadOnly ? O.O_RDONLY : O.O_RDWR) | (flags & O.O_NONBLOCK),
      path: "anon_inode:[userfaultfd]",
      mappable: false,
    });
    const closesOnExec = (flags & O.O_CLOEXEC) !== 0;
    return task.files.open(file, closesOnExec, task.limits.soft("RLIMIT_NOFILE"));
  },
};

/**
 * Why a task may not see to the kernel's faults. The setting comes first in Linux; where nobody
 * stated it, who has the capability need not know it.
 */
function objectionTo({ machine, subject }: Task): Refusal | undefined {
  const { settings } = machine.memory;
  const isOpen = settings.open.has("unprivilegedUserfaultfd");
  if (!isOpen && settings.values.unprivilegedUserfaultfd) return undefined;
  const may = machine.access.capable(subject, "CAP_SYS_PTRACE");
  return may.ok || settings.get("unprivilegedUserfaultfd") ? undefined : may;
}
