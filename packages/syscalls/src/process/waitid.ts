import {
  findZombie,
  type EarlierChild,
  type ExitStatus,
  type ThreadGroup,
  type WaitFor,
} from "@kadvise/pidfd";
import { isUnknownId, shownId } from "@kadvise/security";
import { P, Reasons, type Refusal, success, WAIT } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyOut, putWord, wordAt } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { askUnstated } from "../resolveTarget.ts";
import { numberFor, requireNumbers } from "./numbering.ts";
import { childrenOf } from "./processGroups.ts";
import { interrupted, wakening } from "./sleep.ts";
import { endOf } from "./unwatchedEnd.ts";
import {
  askForStops,
  askForUnseenStops,
  CHOOSING,
  choiceOf,
  reasons as waitReasons,
} from "./waiting.ts";

const entries = {
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

/** The reasons of waitid. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const EVENTS: number = WAIT.WEXITED | WAIT.WSTOPPED | WAIT.WCONTINUED;
const OPTIONS: number = WAIT.WNOHANG | WAIT.WNOWAIT | EVENTS | CHOOSING;
const RUSAGE_BYTES = 144;
const SIGCHLD = 17;
const CLD_EXITED = 1;
const CLD_KILLED = 2;
const CLD_DUMPED = 3;

/**
 * struct siginfo on 64 bits: where waitid writes what. Linux: include/uapi/asm-generic/siginfo.h
 */
const SIGINFO = { signo: 0, errno: 4, code: 8, pid: 16, uid: 20, status: 24 } as const;
/** The same for a 32-bit caller: the numbers move up by the missing padding. */
const SIGINFO_COMPAT = { ...SIGINFO, pid: 12, uid: 16, status: 20 } as const;

/** What waitid tells of a child; all zero where there is nothing to tell. */
type Info = { readonly [field in keyof typeof SIGINFO]: number };
const NOTHING: Info = { signo: 0, errno: 0, code: 0, pid: 0, uid: 0, status: 0 };

/**
 * waitid(2): a child that ended, told in a siginfo.
 *
 * The siginfo is written whatever the answer is: an error leaves zeros in it, and a pointer that
 * cannot be written turns every answer into EFAULT. Linux: kernel/exit.c waitid, kernel_waitid
 */
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
    const options = registers.low(3);
    const found = findChild(task, registers, options);
    if (found === "nothing") return writeInfo(task, registers, NOTHING) ?? success(0);
    if (found === "asleep") return sleep(task, registers);
    if ("ok" in found) return writeInfo(task, registers, NOTHING) ?? found;
    const shown = { output: "infop", fromOutput: (bytes: Uint8Array) => endIn(task, bytes) };
    const info = infoOf(task, found, endOf(task, found, shown));
    if ((options & WAIT.WNOWAIT) === 0 && !("earlier" in found)) task.machine.processes.reap(found);
    const usage = new Uint8Array(RUSAGE_BYTES);
    const refusal = registers.isZero(4) ? undefined : copyOut(task, registers, 4, usage);
    return refusal ?? writeInfo(task, registers, info) ?? success(0);
  },
};

/** The child to tell of; a refusal; or that there is nothing to tell yet, and whether to wait. */
function findChild(
  task: Task,
  registers: Registers,
  options: number,
): ThreadGroup<Task> | EarlierChild | Refusal | "nothing" | "asleep" {
  const { machine } = task;
  const { checks } = machine.ports;
  if ((options & ~OPTIONS) !== 0 || (options & EVENTS) === 0) {
    return waitReasons.refuse(checks, "wait/options", options);
  }
  const which = waitidTarget(task, registers);
  if ("ok" in which) return which;
  requireNumbers(task);
  askForUnseenStops(task, options);
  const layout = layoutOf(task);
  const found = findZombie(machine.processes, task.thread.group, {
    namespace: task.pid.namespace,
    ...which.wait,
    ...choiceOf(task, options),
    exited: (options & WAIT.WEXITED) !== 0,
    shownIn: { output: "infop", fromOutput: (bytes) => wordAt(bytes, layout.pid) },
  });
  if (found !== "none-ready") return found;
  askForStops(task, options);
  if ((options & WAIT.WNOHANG) !== 0) return "nothing";
  return which.nonblock ? reasons.refuse(checks, "waitid/nonblocking", registers.int(1)) : "asleep";
}

/** A call that sleeps has written nothing yet; one that a signal ends writes, as with any error. */
function sleep(task: Task, registers: Registers): Outcome {
  const by = wakening(task);
  const unwritable = by === "nothing" ? undefined : writeInfo(task, registers, NOTHING);
  return unwritable ?? interrupted(task, "by-flag", by);
}

function layoutOf(task: Task): typeof SIGINFO | typeof SIGINFO_COMPAT {
  return task.abi === "i386" ? SIGINFO_COMPAT : SIGINFO;
}

function infoOf(
  task: Task,
  child: ThreadGroup<Task> | EarlierChild,
  end: ExitStatus | undefined,
): Info {
  const isKilled = end !== undefined && end.signal !== 0;
  const code = !isKilled ? CLD_EXITED : end.coreDumped ? CLD_DUMPED : CLD_KILLED;
  const status = isKilled ? end.signal : (end?.code ?? 0);
  const uid = shownUid(task, child);
  return { signo: SIGCHLD, errno: 0, code, pid: shownPid(task, child), uid, status };
}

function shownPid(task: Task, child: ThreadGroup<Task> | EarlierChild): number {
  if ("earlier" in child) return child.earlier;
  return numberFor(task, child.pid, {
    output: "infop",
    fromOutput: (bytes) => wordAt(bytes, layoutOf(task).pid),
  });
}

/** How a child ended, in the siginfo that waitid wrote. */
function endIn(task: Task, bytes: Uint8Array): ExitStatus {
  const layout = layoutOf(task);
  const status = wordAt(bytes, layout.status);
  const code = wordAt(bytes, layout.code);
  if (code === CLD_EXITED) return { code: status & 0xff, signal: 0, coreDumped: false };
  return { code: 0, signal: status, coreDumped: code === CLD_DUMPED };
}

/**
 * The child's real user, as waitid writes it. Of a recorded program it may never have been told.
 */
function shownUid(task: Task, child: ThreadGroup<Task> | EarlierChild): number {
  const isEarlier = "earlier" in child;
  const uid = isEarlier ? undefined : (child.leader?.payload.subject.credentials.uid ?? 0);
  if (uid !== undefined && !isUnknownId(uid))
    return shownId(task.subject.credentials.userNamespace, "uid", uid);
  return task.machine.ports.choices.choose<number>({
    id: "waitid/uid",
    usual: 0,
    allows: (answer) => Number.isInteger(answer),
    describe: () => `the user of process ${isEarlier ? child.earlier : child.pid.number}`,
    output: "infop",
    fromOutput: (bytes) => wordAt(bytes, layoutOf(task).uid),
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
    return { ...plain, wait: childrenOf(task, id) };
  }
  if (type === P.P_PID)
    return id > 0
      ? { ...plain, wait: { number: id } }
      : reasons.refuse(checks, "waitid/bad-id", type, id);
  if (type !== P.P_PIDFD || id < 0) return reasons.refuse(checks, "waitid/bad-id", type, id);
  const file = task.files.get(id)?.file;
  if (file?.kind === "unstated") askUnstated(task, id);
  if (file?.kind !== "pidfd") return reasons.refuse(checks, "waitid/bad-pidfd", id);
  const { group } = file.pid;
  // Whoever has the number of a reaped process now is not the one that is meant.
  return { wait: group === undefined ? { isGone: true } : { group }, nonblock: file.nonblock };
}

/** Field by field: what lies between them, and behind them, stays as it was. */
function writeInfo(task: Task, registers: Registers, info: Info): Outcome | undefined {
  if (registers.isZero(2)) return undefined;
  for (const [field, offset] of Object.entries(layoutOf(task))) {
    const refusal = putWord(task, registers, 2, offset, info[field as keyof Info]);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
