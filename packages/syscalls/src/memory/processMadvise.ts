import { takesWriteLock, type AddressSpace } from "@kadvise/mm-core";
import type { Thread } from "@kadvise/pidfd";
import { USUAL } from "@kadvise/ports";
import { MADV, maxRwCount, Reasons, type Refusal, SIG, success } from "@kadvise/uapi";
import { NEVER_RETURNS, type Outcome, type SystemCall } from "../call.ts";
import { importVector } from "../importVector.ts";
import { mmAccess } from "../mmAccess.ts";
import { exitProcess } from "../process/exit.ts";
import type { Registers } from "../registers.ts";
import { resolveTarget } from "../resolveTarget.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { adviseBytes, isKnownAdvice } from "./adviseBytes.ts";

const entries = {
  "process_madvise/flags": {
    errno: "EINVAL",
    text: "flags must be 0: none is defined",
    passes: "the flags are 0",
    linux: "mm/madvise.c process_madvise",
    since: "seed",
    remedy: "pass 0; only the low 32 bits are looked at",
    compares: ["flags"],
  },
  "process_madvise/advice-not-allowed": {
    errno: "EINVAL",
    text: "process_madvise does not take this advice on this release, not even for oneself",
    passes: "process_madvise takes this advice on this release",
    linux: "mm/madvise.c process_madvise_behavior_valid",
    since: "5.10",
    remedy: "use madvise, or 6.13 or newer for one's own memory",
    compares: ["advice", "allowed"],
  },
  "process_madvise/advice-not-allowed-remote": {
    errno: "EINVAL",
    text: "this advice may not be given to another process",
    passes: "the target is oneself, or this advice may be given to others",
    linux: "mm/madvise.c process_madvise_remote_valid",
    since: "seed",
    remedy: "only advice that loses nothing may be given to others",
    compares: ["advice", "allowed"],
  },
  "process_madvise/unknown-advice": {
    errno: "EINVAL",
    text: "this kernel, or its configuration, knows no such advice",
    passes: "the advice is one that this kernel knows",
    linux: "mm/madvise.c process_madvise",
    since: "7.2",
    remedy: "use an advice that the release has",
    compares: ["advice"],
  },
  "process_madvise/needs-cap-sys-nice": {
    errno: "EPERM",
    text: "the caller lacks CAP_SYS_NICE in the initial user namespace; before 6.12 oneself needed it too",
    passes: "the caller has CAP_SYS_NICE in the initial user namespace",
    linux: "mm/madvise.c process_madvise",
    since: "5.12",
    remedy: "gain CAP_SYS_NICE; for one's own memory use madvise, or 6.12 or newer",
    compares: ["pid"],
  },
  "process_madvise/remote-needs-cap-sys-nice": {
    errno: "EPERM",
    text: "the target is another process, and the caller lacks CAP_SYS_NICE in the initial user namespace",
    passes: "the target is oneself, or the caller has CAP_SYS_NICE in the initial user namespace",
    linux: "mm/madvise.c process_madvise",
    since: "6.12",
    remedy: "gain CAP_SYS_NICE",
    compares: ["pid"],
  },
  "process_madvise/killed": {
    errno: "EINTR",
    text: "a signal that ends the caller came before it had the lock: nobody sees this result",
    linux: "mm/madvise.c madvise_lock",
    since: "5.10",
    remedy: "ranges that were advised before stay advised",
    compares: ["range"],
  },
} as const;

/** process_madvise's own reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * process_madvise(2): advice for a vector of ranges of the process that a pidfd names. Since 5.10
 * (ENOSYS before).
 *
 * Returns the bytes of the ranges that were advised completely: raw lengths, not rounded to pages.
 * An error after some progress is hidden behind that count (5.18; before, the count was lost).
 * Which check speaks first depends on the release; see ProcessMadviseFeatures. Linux: mm/madvise.c
 * process_madvise
 */
export const processMadvise: SystemCall = {
  name: "process_madvise",
  parameters: [
    parameter("pidfd", "fd"),
    parameter("vec", { ranges: "vlen" }),
    parameter("vlen", "size"),
    parameter("advice", { names: MADV }),
    parameter("flags", "uint"),
  ],
  run(task, registers) {
    const { machine } = task;
    const features = machine.profile.processMadvise;
    const advice = registers.int(3);
    const first = features.importBeforeFlags
      ? (importVector(task, registers, 1, 2, machine.vector) ?? checkFlags(task, registers))
      : (checkFlags(task, registers) ?? importVector(task, registers, 1, 2, machine.vector));
    if (first !== undefined) return first;

    const target = resolveTarget(task, registers.int(0));
    if ("ok" in target) return target;
    const early = checkAdviceBeforeAccess(task, target, advice);
    if (early !== undefined) return early;
    const mm = mmAccess(task, target, features.accessMode);
    if ("ok" in mm) return mm;
    const late = checkAdviceAfterAccess(task, mm, advice) ?? checkSysNice(task, target, mm);
    if (late !== undefined) return late;
    return adviseVector(task, target, mm, advice);
  },
};

/** Only the low 32 bits are a parameter. */
function checkFlags(task: Task, registers: Registers): Refusal | undefined {
  const { checks } = task.machine.ports;
  const flags = registers.low(4);
  if (flags !== 0) return reasons.refuse(checks, "process_madvise/flags", flags);
  reasons.passed(checks, "process_madvise/flags", flags);
  return undefined;
}

function mayAdviseOthers(task: Task, advice: number): boolean {
  return advice >= 0 && task.machine.remoteAdvice[advice] === 1;
}

function allowedList(task: Task): string {
  return task.machine.profile.processMadvise.remoteAdvice.join(" ");
}

/** Up to 6.12 the list is asked before access; the seed asks it only of others. */
function checkAdviceBeforeAccess(
  task: Task,
  target: Thread<Task>,
  advice: number,
): Refusal | undefined {
  const { machine } = task;
  const { checks } = machine.ports;
  const { adviceCheck, own } = machine.profile.processMadvise;
  if (adviceCheck === "remote-after-access") return undefined;
  if (adviceCheck === "listed") {
    if (!mayAdviseOthers(task, advice)) {
      return reasons.refuse(
        checks,
        "process_madvise/advice-not-allowed",
        advice,
        allowedList(task),
      );
    }
    reasons.passed(checks, "process_madvise/advice-not-allowed", advice, "");
    return undefined;
  }
  const isOwn =
    own === "thread-group"
      ? target.group === task.thread.group
      : target.alive && target.payload.mm !== undefined && target.payload.mm === task.mm;
  if (isOwn) return undefined;
  return refuseRemoteAdvice(task, advice);
}

/**
 * From 6.13 on only others are restricted, and access is asked first; from 7.2 any advice must at
 * least exist.
 */
function checkAdviceAfterAccess(task: Task, mm: AddressSpace, advice: number): Refusal | undefined {
  const { machine } = task;
  const { checks } = machine.ports;
  const { adviceCheck, checksValidAdvice } = machine.profile.processMadvise;
  if (checksValidAdvice) {
    if (!isKnownAdvice(machine, advice))
      return reasons.refuse(checks, "process_madvise/unknown-advice", advice);
    reasons.passed(checks, "process_madvise/unknown-advice", advice);
  }
  return adviceCheck === "remote-after-access" && mm !== task.mm
    ? refuseRemoteAdvice(task, advice)
    : undefined;
}

function refuseRemoteAdvice(task: Task, advice: number): Refusal | undefined {
  const { checks } = task.machine.ports;
  if (!mayAdviseOthers(task, advice)) {
    return reasons.refuse(
      checks,
      "process_madvise/advice-not-allowed-remote",
      advice,
      allowedList(task),
    );
  }
  reasons.passed(checks, "process_madvise/advice-not-allowed-remote", advice, "");
  return undefined;
}

/**
 * Advice costs the target time, so influence on its scheduling is asked for. Linux:
 * capable(CAP_SYS_NICE), in the initial user namespace
 */
function checkSysNice(task: Task, target: Thread<Task>, mm: AddressSpace): Refusal | undefined {
  const { machine } = task;
  const { sysNice } = machine.profile.processMadvise;
  if (sysNice === "nobody" || (sysNice === "remote" && mm === task.mm)) return undefined;
  const id =
    sysNice === "remote"
      ? "process_madvise/remote-needs-cap-sys-nice"
      : "process_madvise/needs-cap-sys-nice";
  const allowed = machine.access.capable(task.subject, "CAP_SYS_NICE");
  if (!allowed.ok)
    return reasons.refuseBecause(machine.ports.checks, id, allowed, target.pid.number);
  reasons.passed(machine.ports.checks, id, target.pid.number);
  return undefined;
}

/** The loop over the ranges. Linux: mm/madvise.c vector_madvise */
function adviseVector(task: Task, target: Thread<Task>, mm: AddressSpace, advice: number): Outcome {
  const { machine } = task;
  const { processMadvise: features } = machine.profile;
  const { vector, memory } = machine;
  const { work, pageBytes } = memory;
  const locks = work.mmapLocks;
  const flushes = work.tlbFlushes;
  const skips = features.fatalTargetSkips && target.group.dying && isPassive(advice);
  const mayBeKilled = machine.ports.choices !== USUAL;
  let done = 0;
  let stopped: Refusal | undefined;
  for (let i = 0; done < vector.totalBytes; i++) {
    if (mayBeKilled && comesFatalSignal(task, i)) {
      stopped = failedLock(task, advice, i);
      if (stopped !== undefined) break;
    }
    const length = vector.lengthBytes[i];
    // A zero-length range in between was still looked at up to 5.13; later only one that stands
    // first.
    if (length === 0 && i > 0 && features.zeroLengthSegments === "leading") continue;
    if (!skips) {
      const pages = Math.ceil(length / pageBytes);
      stopped = adviseBytes(task, mm, vector.basePage[i], vector.baseOffset[i], pages, advice);
      if (stopped !== undefined) break;
    }
    done += length;
  }
  if (features.lock === "vector" && work.mmapLocks > locks) work.mmapLocks = locks + 1;
  if (features.flush === "vector" && drops(advice) && work.tlbFlushes > flushes)
    work.tlbFlushes = flushes + 1;
  if (mayBeKilled && task.actor.fatalSignalPending()) {
    exitProcess(task, { code: 0, signal: SIG.SIGKILL, coreDumped: false });
    return NEVER_RETURNS;
  }
  if (stopped === undefined) {
    return success(task.memory.leftOut === true ? done + leftOutBytes(task, done) : done);
  }
  if (features.partial === "errno" || done === 0) return stopped;
  return { ok: true, value: done, stopped };
}

/**
 * Whether a signal that ends the caller has come before range `i`: asked once a range, until one
 * has. Who made the call does not see what comes of it; who shares its memory, or is its target,
 * does.
 */
function comesFatalSignal({ machine, thread, actor }: Task, i: number): boolean {
  if (actor.fatalSignalPending()) return true;
  const { choices, journal } = machine.ports;
  const comes = choices.choose<boolean>({
    id: "signal/fatal",
    usual: false,
    allows: () => true,
    describe: () => `whether a signal ended the caller before range ${i} of its vector`,
  });
  if (!comes) return false;
  journal.save(thread.group, "dying");
  thread.group.dying = true;
  return true;
}

/**
 * Who waits for the write lock gives up when a fatal signal comes; from 6.15 on the lock of the
 * first range is kept. Linux: mm/madvise.c madvise_lock, mmap_write_lock_killable
 */
function failedLock({ machine }: Task, advice: number, i: number): Refusal | undefined {
  const waits = i === 0 || machine.profile.processMadvise.lock === "range";
  if (!waits || !takesWriteLock(advice)) return undefined;
  return reasons.refuse(machine.ports.checks, "process_madvise/killed", i);
}

/** What the ranges bring that the record of a call leaves out. */
function leftOutBytes({ machine }: Task, done: number): number {
  const most = maxRwCount(machine.memory.pageShift) - done;
  return machine.ports.choices.choose<number>({
    id: "vector/left-out-bytes",
    usual: 0,
    allows: (bytes) => Number.isInteger(bytes) && bytes >= 0 && bytes <= most,
    describe: () => `${done} bytes, and those of the ranges that the log leaves out`,
    fromResult: (value) => value - done,
  });
}

/** Advice that a fatal signal at the target makes pointless. */
function isPassive(advice: number): boolean {
  return advice === MADV.MADV_COLD || advice === MADV.MADV_PAGEOUT;
}

/**
 * Advice whose flushes newer kernels gather over the whole vector. Linux: mm/madvise.c
 * madvise_batch_tlb_flush
 */
function drops(advice: number): boolean {
  return (
    advice === MADV.MADV_DONTNEED ||
    advice === MADV.MADV_DONTNEED_LOCKED ||
    advice === MADV.MADV_FREE
  );
}
