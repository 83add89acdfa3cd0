import { findZombie, type ExitStatus, type ThreadGroup, type WaitFor } from "@kadvise/pidfd";
import { isUnknownId } from "@kadvise/security";
import { P, Reasons, type Refusal, success, WAIT } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { commonReasons } from "../commonReasons.ts";
import { copyOut, putInt, wordAt, words } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "wait/options": {
    errno: "EINVAL",
    text: "unknown options, or none of WEXITED, WSTOPPED and WCONTINUED",
    linux: "kernel/exit.c kernel_wait4, kernel_waitid_prepare",
    since: "2.6",
    remedy: "pass WEXITED for waitid",
    compares: ["options"],
  },
  "waitid/bad-id": {
    errno: "EINVAL",
    text: "the kind of id is unknown, or the id is not of that kind",
    linux: "kernel/exit.c kernel_waitid_prepare",
    since: "2.6",
    remedy: "pass P_ALL, P_PID, P_PGID or P_PIDFD with a fitting id",
    compares: ["type", "id"],
  },
  "waitid/bad-pidfd": {
    errno: "EBADF",
    text: "the descriptor is no pidfd",
    linux: "kernel/exit.c kernel_waitid_prepare",
    since: "5.4",
    remedy: "pass an open pidfd",
    compares: ["pidfd"],
  },
  "waitid/nonblocking": {
    errno: "EAGAIN",
    text: "the pidfd is non-blocking and its process still lives",
    linux: "kernel/exit.c kernel_waitid",
    since: "5.10",
    remedy: "poll the pidfd first, or open it without PIDFD_NONBLOCK",
    compares: ["pidfd"],
  },
} as const;

/** The reasons of wait4 and waitid. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const WAIT4_OPTIONS: number =
  WAIT.WNOHANG | WAIT.WUNTRACED | WAIT.WCONTINUED | WAIT.__WNOTHREAD | WAIT.__WCLONE | WAIT.__WALL;
const WAITID_OPTIONS: number =
  WAIT.WNOHANG |
  WAIT.WNOWAIT |
  WAIT.WEXITED |
  WAIT.WSTOPPED |
  WAIT.WCONTINUED |
  WAIT.__WNOTHREAD |
  WAIT.__WCLONE |
  WAIT.__WALL;

/** wait4(2): a child that ended, its number and its status. Linux: kernel/exit.c kernel_wait4 */
export const wait4: SystemCall = {
  name: "wait4",
  parameters: [
    parameter("pid", "pid"),
    parameter("wstatus", { structure: "wait-status", direction: "out" }),
    parameter("options", { flags: WAIT }),
    parameter("rusage", { structure: "rusage", direction: "out" }),
  ],
  returns: "pid",
  run(task, registers) {
    const { machine } = task;
    const options = registers.low(2);
    if ((options & ~WAIT4_OPTIONS) !== 0)
      return reasons.refuse(machine.ports.checks, "wait/options", options);
    const pid = registers.int(0);
    const { group } = task.thread;
    const found = findZombie(machine.processes, group, {
      ...(pid > 0 ? { number: pid } : {}),
      ...(pid < -1 ? { ofGroup: `process group ${-pid}` } : {}),
      ...(pid === 0 ? { ofGroup: "the caller's process group" } : {}),
      kinds: kindsOf(options),
    });
    if (found === "none-ready") {
      askForStops(task, options);
      return (options & WAIT.WNOHANG) !== 0 ? success(0) : sleeping(task);
    }
    if ("ok" in found) return found;
    const { number } = found.pid;
    const status = statusWord(found.exitStatus);
    machine.processes.reap(found);
    if (!registers.isZero(1)) {
      const refusal = putInt(task, registers, 1, status);
      if (refusal !== undefined) return refusal;
    }
    if (!registers.isZero(3)) {
      const refusal = copyOut(task, registers, 3, new Uint8Array(144));
      if (refusal !== undefined) return refusal;
    }
    return success(number);
  },
};

const SIGINFO_BYTES = 128;
const SIGINFO_PID = 16;
const SIGINFO_UID = 20;
const SIGCHLD = 17;
const CLD_EXITED = 1;
const CLD_KILLED = 2;
const CLD_DUMPED = 3;

/** waitid(2). Linux: kernel/exit.c kernel_waitid */
export const waitid: SystemCall = {
  name: "waitid",
  parameters: [
    parameter("idtype", { names: P }),
    parameter("id", "int"),
    parameter("infop", { structure: "siginfo", direction: "out" }),
    parameter("options", { flags: WAIT }),
    parameter("rusage", { structure: "rusage", direction: "out" }),
  ],
  run(task, registers) {
    const { machine } = task;
    const { checks } = machine.ports;
    const options = registers.low(3);
    const wanted = options & (WAIT.WEXITED | WAIT.WSTOPPED | WAIT.WCONTINUED);
    if ((options & ~WAITID_OPTIONS) !== 0 || wanted === 0)
      return reasons.refuse(checks, "wait/options", options);
    const which = waitidTarget(task, registers);
    if ("ok" in which) return which;
    const found = findZombie(machine.processes, task.thread.group, {
      ...which.wait,
      kinds: kindsOf(options),
      shownIn: { output: "infop", fromOutput: (bytes) => wordAt(bytes, SIGINFO_PID) },
    });
    if (found !== "none-ready" && "ok" in found) return found;
    const ready = found !== "none-ready" && (options & WAIT.WEXITED) !== 0;
    if (!ready) {
      askForStops(task, options);
      if ((options & WAIT.WNOHANG) !== 0)
        return writeInfo(task, registers, new Uint8Array(SIGINFO_BYTES));
      return which.nonblock
        ? reasons.refuse(checks, "waitid/nonblocking", registers.int(1))
        : sleeping(task);
    }
    const { exitStatus, pid } = found;
    const killed = exitStatus !== undefined && exitStatus.signal !== 0;
    const code = !killed ? CLD_EXITED : exitStatus.coreDumped ? CLD_DUMPED : CLD_KILLED;
    const status = killed ? exitStatus.signal : (exitStatus?.code ?? 0);
    const uid = shownUid(task, found);
    const info = new Uint8Array(SIGINFO_BYTES);
    info.set(words(SIGCHLD, 0, code, 0, pid.number, uid, status));
    if ((options & WAIT.WNOWAIT) === 0) machine.processes.reap(found);
    return writeInfo(task, registers, info);
  },
};

/**
 * The child's real user, as waitid writes it. Of a recorded program it may never have been told.
 */
function shownUid(task: Task, child: ThreadGroup<Task>): number {
  const uid = child.leader?.payload.subject.credentials.uid ?? 0;
  if (!isUnknownId(uid)) return uid;
  return task.machine.ports.choices.choose<number>({
    id: "waitid/uid",
    usual: 0,
    allows: (answer) => Number.isInteger(answer),
    describe: () => `the user of process ${child.pid.number}`,
    output: "infop",
    fromOutput: (bytes) => wordAt(bytes, SIGINFO_UID),
  });
}

function waitidTarget(
  task: Task,
  registers: Registers,
): { readonly wait: WaitFor<Task>; readonly nonblock: boolean } | Refusal {
  const { checks } = task.machine.ports;
  const type = registers.int(0);
  const id = registers.int(1);
  const plain = { nonblock: false };
  if (type === P.P_ALL) return { ...plain, wait: {} };
  if (type === P.P_PGID) {
    if (id < 0) return reasons.refuse(checks, "waitid/bad-id", type, id);
    const ofGroup = id === 0 ? "the caller's process group" : `process group ${id}`;
    return { ...plain, wait: { ofGroup } };
  }
  if (type === P.P_PID)
    return id > 0
      ? { ...plain, wait: { number: id } }
      : reasons.refuse(checks, "waitid/bad-id", type, id);
  if (type !== P.P_PIDFD || id < 0) return reasons.refuse(checks, "waitid/bad-id", type, id);
  const file = task.files.get(id)?.file;
  if (file?.kind !== "pidfd") return reasons.refuse(checks, "waitid/bad-pidfd", id);
  // A reaped process has no group any more; then no child fits, and the answer is ECHILD.
  return { wait: { group: file.pid.group, number: file.pid.number }, nonblock: file.nonblock };
}

function writeInfo(task: Task, registers: Registers, info: Uint8Array): Outcome {
  if (registers.isZero(2)) return success(0);
  return copyOut(task, registers, 2, info) ?? success(0);
}

/** Stops and continuations are not followed: of a recorded program there may have been one. */
function askForStops(task: Task, options: number): void {
  const { machine } = task;
  if (!machine.recorded || (options & (WAIT.WUNTRACED | WAIT.WCONTINUED)) === 0) return;
  const { choices } = machine.ports;
  const stopped = choices.choose<boolean>({
    id: "wait/stopped-child",
    usual: false,
    allows: () => true,
    describe: () => "whether a child was stopped or continued",
    alternatives: [false, true],
  });
  if (!stopped) return;
  choices.choose<never>({
    id: "wait/stopped-child",
    usual: undefined as never,
    allows: () => false,
    describe: () => "which child was stopped or continued, and how",
  });
}

/**
 * Nothing is ready, and in this world nobody else runs until the call returns: only a signal can
 * end the sleep.
 */
function sleeping(task: Task): Refusal {
  return commonReasons.refuse(task.machine.ports.checks, "syscall/interrupted");
}

function kindsOf(options: number): "all" | "clone" | "plain" {
  if ((options & WAIT.__WALL) !== 0) return "all";
  return (options & WAIT.__WCLONE) !== 0 ? "clone" : "plain";
}

/** The status as wait writes it. */
export function statusWord(status: ExitStatus | undefined): number {
  if (status === undefined) return 0;
  return status.signal === 0 ? status.code << 8 : status.signal | (status.coreDumped ? 0x80 : 0);
}
