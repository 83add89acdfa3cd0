import { pidfdStatusFlags } from "@kadvise/pidfd";
import { F, FD_CLOEXEC, O, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { addSeals, getSeals } from "./seals.ts";
import { isBeyondUnstated } from "./unstatedLimit.ts";
import type { OpenEntry, Task } from "../task.ts";

const entries = {
  "fcntl/unknown-command": {
    errno: "EINVAL",
    text: "fcntl knows no such command for this file",
    linux: "fs/fcntl.c do_fcntl",
    since: "2.6",
    remedy: "pass a command that the release has",
    compares: ["command"],
  },
  "fcntl/path-only": {
    errno: "EBADF",
    text: "the descriptor was opened with O_PATH: only the number itself can be looked at",
    linux: "fs/fcntl.c check_fcntl_cmd",
    since: "2.6.39",
    remedy: "open the file without O_PATH",
    compares: ["command"],
  },
  "fcntl/not-owner": {
    errno: "EPERM",
    text: "O_NOATIME needs the file's owner or CAP_FOWNER",
    linux: "fs/fcntl.c setfl",
    since: "2.6.8",
    remedy: "leave out O_NOATIME",
    compares: ["flags"],
  },
  "fcntl/no-direct": {
    errno: "EINVAL",
    text: "the file does not take O_DIRECT",
    linux: "fs/fcntl.c setfl",
    since: "2.6",
    remedy: "leave out O_DIRECT",
    compares: ["flags"],
  },
  "fcntl/number-too-large": {
    errno: "EINVAL",
    text: "the lowest number asked for is not below RLIMIT_NOFILE",
    linux: "fs/file.c f_dupfd",
    since: "2.6",
    remedy: "ask for a smaller number",
    compares: ["fd", "limit"],
  },
} as const;

/** fcntl's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** fcntl(2): the commands that concern descriptors. Linux: fs/fcntl.c do_fcntl */
export const fcntl: SystemCall = {
  name: "fcntl",
  parameters: [parameter("fd", "fd"), parameter("cmd", { names: F }), parameter("arg", "ulong")],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const fd = registers.int(0);
    const command = registers.int(1);
    const slot = task.files.require(fd);
    if (!slot.ok) return slot;
    const { file, closeOnExec } = slot.value;
    if (file.kind === "file" && file.isPath && !ON_PATHS.has(command)) {
      return reasons.refuse(checks, "fcntl/path-only", command);
    }
    switch (command) {
      case F.F_DUPFD:
      case F.F_DUPFD_CLOEXEC: {
        const start = registers.low(2);
        const limit = task.limits.soft("RLIMIT_NOFILE");
        if (start >= limit || isBeyondUnstated(task, start))
          return reasons.refuse(checks, "fcntl/number-too-large", start, String(limit));
        return task.files.open(file, command === F.F_DUPFD_CLOEXEC, limit, start);
      }
      case F.F_GETFD:
        return success(
          task.files.isUnstated(fd) ? shownMark(task, fd) : closeOnExec ? FD_CLOEXEC : 0,
        );
      case F.F_SETFD:
        task.files.set(fd, { file, closeOnExec: (registers.low(2) & FD_CLOEXEC) !== 0 });
        return success(0);
      case F.F_GETFL:
        return statusFlags(task, fd, file);
      case F.F_SETFL:
        return setStatusFlags(task, file, registers.low(2));
      case F.F_GET_SEALS:
        if (file.kind === "file") return getSeals(task, file);
        return reasons.refuse(checks, "fcntl/unknown-command", command);
      case F.F_ADD_SEALS:
        if (file.kind === "file") return addSeals(task, file, registers.low(2));
        return reasons.refuse(checks, "fcntl/unknown-command", command);
      default:
        return reasons.refuse(checks, "fcntl/unknown-command", command);
    }
  },
};

/** What may be asked of a descriptor that was opened with O_PATH. Linux: check_fcntl_cmd */
const ON_PATHS: ReadonlySet<number> = new Set([
  F.F_DUPFD,
  F.F_DUPFD_CLOEXEC,
  F.F_GETFD,
  F.F_SETFD,
  F.F_GETFL,
]);

/** O_ASYNC. Linux: include/uapi/asm-generic/fcntl.h */
const FASYNC = 0o20000;

/** What F_SETFL can change; the rest it leaves out. Linux: fs/fcntl.c SETFL_MASK */
const CHANGEABLE: number = O.O_APPEND | O.O_NONBLOCK | O.O_NOATIME | O.O_DIRECT | FASYNC;

/**
 * F_SETFL: the flags belong to the open file, so that every copy of the descriptor has them.
 */
function setStatusFlags(task: Task, file: OpenEntry, flags: number): Outcome {
  const { journal } = task.machine.ports;
  const refusal = refuseNew(task, file, flags);
  if (refusal !== undefined) return refusal;
  if (file.kind === "pidfd") {
    journal.save(file, "nonblock");
    journal.save(file, "statusFlags");
    file.nonblock = (flags & O.O_NONBLOCK) !== 0;
    file.statusFlags = flags & CHANGEABLE & ~O.O_NONBLOCK;
  } else if (file.kind === "file") {
    journal.save(file, "flags");
    file.flags = (file.flags & ~CHANGEABLE) | (flags & CHANGEABLE);
  }
  return success(0);
}

/**
 * O_DIRECT is the file system's to allow, O_NOATIME the owner's: of a recorded file nobody knows
 * either. Linux: fs/fcntl.c setfl
 */
function refuseNew(task: Task, file: OpenEntry, flags: number): Refusal | undefined {
  const { machine } = task;
  if (!machine.recorded) return undefined;
  const before = file.kind === "file" ? file.flags : 0;
  for (const [flag, id] of [
    [O.O_NOATIME, "fcntl/not-owner"],
    [O.O_DIRECT, "fcntl/no-direct"],
  ] as const) {
    if ((flags & ~before & flag) === 0) continue;
    const allowed = machine.ports.choices.choose<boolean>({
      id,
      usual: true,
      allows: () => true,
      describe: () => `whether the file takes ${flag === O.O_DIRECT ? "O_DIRECT" : "O_NOATIME"}`,
      alternatives: [true, false],
    });
    if (!allowed) return reasons.refuse(machine.ports.checks, id, flags);
  }
  return undefined;
}

/** What of open's flags stays on the file. Linux: fs/open.c do_dentry_open, build_open_flags */
const PATH_FLAGS: number = O.O_PATH | O.O_DIRECTORY | O.O_NOFOLLOW;
const ONLY_AT_OPEN: number = O.O_CREAT | O.O_EXCL | O.O_NOCTTY | O.O_TRUNC | O.O_CLOEXEC;

/** F_GETFD of a descriptor that was open before anybody watched. */
function shownMark(task: Task, fd: number): number {
  return task.machine.ports.choices.choose<number>({
    id: "fd/close-on-exec",
    usual: 0,
    allows: (mark) => mark === 0 || mark === FD_CLOEXEC,
    describe: () => `whether descriptor ${fd} is closed at execve`,
    fromResult: (value) => value,
  });
}

/** F_GETFL: how the file was opened; a pidfd is O_RDWR with its own two flags. */
function statusFlags(task: Task, fd: number, file: OpenEntry): Outcome {
  switch (file.kind) {
    case "pidfd":
      return success(pidfdStatusFlags(file));
    case "file":
      return success(file.flags & (file.isPath ? PATH_FLAGS : ~ONLY_AT_OPEN));
    case "unstated":
      return success(
        task.machine.ports.choices.choose<number>({
          id: "fd/status-flags",
          usual: O.O_RDWR,
          allows: (flags) => Number.isInteger(flags) && flags >= 0,
          describe: () => `how descriptor ${fd} was opened`,
          fromResult: (value) => value,
        }),
      );
  }
}
