import { AddressSpace } from "@kadvise/mm-core";
import { integerOf, type CallEvent, type Value } from "@kadvise/strace";
import type { Task } from "@kadvise/syscalls";
import { F, MADV, P } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import { isKnownCall, makesDescriptors } from "./effects.ts";
import { hasFlag } from "./flagArgument.ts";
import { plainName } from "./scope.ts";
import { viewOwner } from "./views/viewPath.ts";
import type { World } from "./world.ts";

/**
 * What a call reads or changes of the state that threads and processes share: of a range of bytes
 * of an address space (or of numbers of a descriptor table, or of process numbers) some aspects.
 */
export interface Touch {
  readonly what: object | "pids";
  readonly start: number;
  readonly end: number;
  /** Bits of {@link ASPECT}. */
  readonly reads: number;
  readonly writes: number;
}

/** What of a process a call looks at or changes: whether it lives, and who it is. */
const OF_PROCESS = { life: 1, identity: 2, everything: 3 } as const;

/** What of a range a call looks at or changes: calls that share no aspect may change places. */
const ASPECT = { exists: 1, rights: 2, locked: 4, advice: 8 } as const;
const EVERY_ASPECT = 15;

/** Whether a call may change who its caller is. */
export function changesIdentity(name: string): boolean {
  return IDENTITY.test(name) || name.startsWith("exec");
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const ALL: Range = { start: 0, end: Number.POSITIVE_INFINITY };
const PAGE = 4096;

/**
 * Calls of the caller's own memory whose first arguments are address and length: [reads, writes].
 */
const OWN_RANGE: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["munmap", [0, EVERY_ASPECT]],
  ["mprotect", [ASPECT.exists, ASPECT.rights]],
  ["pkey_mprotect", [ASPECT.exists, ASPECT.rights]],
  ["mlock", [ASPECT.exists | ASPECT.rights, ASPECT.locked]],
  ["mlock2", [ASPECT.exists | ASPECT.rights, ASPECT.locked]],
  ["munlock", [ASPECT.exists, ASPECT.locked]],
  ["mseal", [ASPECT.exists, EVERY_ASPECT]],
  ["mincore", [ASPECT.exists, 0]],
  ["msync", [ASPECT.exists | ASPECT.locked, 0]],
]);

/** Calls that may change any of the caller's memory. */
const OWN_MEMORY: ReadonlySet<string> = new Set([
  ...["mremap", "map_shadow_stack", "mlockall", "munlockall", "shmat", "shmdt", "remap_file_pages"],
  ...["execve", "execveat"],
]);
const FORKS: ReadonlySet<string> = new Set(["fork", "vfork", "clone", "clone3"]);
/** Calls that change who the caller is. */
const IDENTITY = /^(set(re|res|fs)?[ug]id|setgroups|capset|unshare|setns|prctl)$/;
const SIGNALS = /^(t?g?kill|tkill|rt_(tg)?sigqueueinfo)$/;

/** Advice that changes nothing that another call could notice. */
const QUIET: ReadonlySet<number> = new Set([
  ...[MADV.MADV_NORMAL, MADV.MADV_RANDOM, MADV.MADV_SEQUENTIAL, MADV.MADV_WILLNEED],
  ...[MADV.MADV_COLD, MADV.MADV_PAGEOUT, MADV.MADV_COLLAPSE],
  ...[MADV.MADV_DONTNEED, MADV.MADV_DONTNEED_LOCKED, MADV.MADV_FREE],
]);
const POPULATES: ReadonlySet<number> = new Set([MADV.MADV_POPULATE_READ, MADV.MADV_POPULATE_WRITE]);

/** What of the touches concerns memory. */
export function memoryOf(touches: readonly Touch[]): readonly Touch[] {
  return touches.filter(({ what }) => what instanceof AddressSpace);
}

/** Whether the order of two calls could show. */
export function collide(a: readonly Touch[], b: readonly Touch[]): boolean {
  return a.some((x) => b.some((y) => meet(x, y)));
}

function meet(x: Touch, y: Touch): boolean {
  if (x.what !== y.what || x.start >= y.end || y.start >= x.end) return false;
  return (x.writes & (y.reads | y.writes)) !== 0 || (y.writes & x.reads) !== 0;
}

/** What a call touches in a world. */
export function touchesIn(world: World, number: number, event: CallEvent): readonly Touch[] {
  const task = world.process(number)?.task;
  return task === undefined ? [] : touchesOf(task, event);
}

/** What a call touches, in the world where its thread is this task. */
function touchesOf(task: Task, event: CallEvent): readonly Touch[] {
  const name = plainName(event.name);
  const own = OWN_RANGE.get(name);
  if (own !== undefined) return [memory(task.mm, firstRange(event), own[0], own[1])].flat();
  if (name === "process_madvise") return vectorTouches(task, event);
  if (FORKS.has(name)) return forkTouches(task, event);
  if (name === "madvise") {
    const [reads, writes] = adviceAspects(event, 2);
    return memory(task.mm, firstRange(event), reads, writes);
  }
  if (name === "mmap" || name === "mmap2") return mmapTouches(task, event);
  if (name === "brk") return memory(task.mm, heapOf(task, event), 0, EVERY_ASPECT);
  if (OWN_MEMORY.has(name)) {
    const touches = memory(task.mm, ALL, 0, EVERY_ASPECT);
    return name.startsWith("exec") ? [...touches, ...execTouches(task)] : touches;
  }
  if (IDENTITY.test(name)) return pid(task.pid.number, OF_PROCESS.identity);
  if (name === "read" || name === "pread64") return viewTouches(task, event);
  if (SIGNALS.test(name)) return pid(numberOf(event, 0), OF_PROCESS.life);
  if (name === "pidfd_send_signal") return pidfdTouches(task, event, OF_PROCESS.life);
  if (name === "wait4" || name === "waitid") return waitTouches(task, event);
  return descriptorTouches(task, event, name) ?? unknownTouches(task, event);
}

/** What a read of maps or smaps looks at. */
function viewTouches(task: Task, event: CallEvent): Touch[] {
  const file = task.files.peek(numberOf(event, 0) ?? -1)?.file;
  const owner = file?.kind === "file" ? viewOwner(file.name) : undefined;
  if (owner === undefined) return [];
  return memory(task.machine.processes.find(owner)?.thread?.payload.mm, ALL, EVERY_ASPECT, 0);
}

function memory(
  mm: AddressSpace | undefined,
  range: Range,
  reads: number,
  writes: number,
): Touch[] {
  return mm === undefined ? [] : [{ what: mm, ...range, reads, writes }];
}

function descriptor(task: Task, fd: number | undefined, writes: boolean): Touch[] {
  if (fd === undefined || fd < 0) return [];
  return [{ what: task.files, start: fd, end: fd + 1, reads: 1, writes: writes ? 1 : 0 }];
}

/** The lowest free number depends on every one below it; which it will be may not be told. */
function newDescriptor(task: Task, fd: number | undefined): Touch[] {
  if (fd === undefined) return [{ what: task.files, ...ALL, reads: 1, writes: 1 }];
  const below = { what: task.files, start: 0, end: fd + 1, reads: 1, writes: 0 };
  return [below, ...descriptor(task, fd, true)];
}

/** Bits of {@link OF_PROCESS}. A number of zero and below means several processes. */
function pid(
  number: number | undefined,
  writes: number,
  reads: number = OF_PROCESS.everything,
): Touch[] {
  const range = number === undefined || number <= 0 ? ALL : { start: number, end: number + 1 };
  return [{ what: "pids", ...range, reads, writes }];
}

/** An execve may change who a process is, and ends its other threads. */
function execTouches(task: Task): Touch[] {
  const isAlone = task.thread.group.threads.length === 1;
  return pid(task.pid.number, isAlone ? OF_PROCESS.identity : OF_PROCESS.everything);
}

function mmapTouches(task: Task, event: CallEvent): Touch[] {
  const result = resultOf(event);
  const range = rangeOf(result ?? numberOf(event, 0), numberOf(event, 1));
  const writes = result === undefined ? 0 : EVERY_ASPECT;
  return [
    ...memory(task.mm, range, ASPECT.exists, writes),
    ...descriptor(task, numberOf(event, 4), false),
  ];
}

function forkTouches(task: Task, event: CallEvent): Touch[] {
  const has = (flag: string): boolean => hasFlag(event, flag);
  const copies = !has("CLONE_VM") && plainName(event.name) !== "vfork";
  return [
    ...(copies ? memory(task.mm, ALL, EVERY_ASPECT, 0) : []),
    ...(has("CLONE_FILES") ? [] : [{ what: task.files, ...ALL, reads: 1, writes: 0 }]),
    ...(has("CLONE_PIDFD") ? newDescriptor(task, undefined) : []),
    ...(resultOf(event) === undefined ? [] : pid(resultOf(event), OF_PROCESS.everything)),
  ];
}

function vectorTouches(task: Task, event: CallEvent): Touch[] {
  const fd = numberOf(event, 0);
  const target = targetOf(task, fd);
  const [reads, writes] = adviceAspects(event, 3);
  return [
    ...descriptor(task, fd, false),
    ...(target === undefined ? [] : pid(target.pid.number, 0)),
    ...vectorRanges(event).flatMap((range) => memory(target?.mm, range, reads, writes)),
  ];
}

/** The pidfd itself, and whom it names: if that is not known, anybody. */
function pidfdTouches(task: Task, event: CallEvent, writes: number): Touch[] {
  const fd = numberOf(event, 0);
  return [...descriptor(task, fd, false), ...pid(targetOf(task, fd)?.pid.number, writes)];
}

/** The process that a wait reported. */
export function waitedFor(event: CallEvent): number | undefined {
  const result = resultOf(event);
  const name = plainName(event.name);
  if (name === "wait4" || name === "waitpid") return result;
  const info = name === "waitid" && result !== undefined ? event.args[2]?.value : undefined;
  return info === undefined ? undefined : fieldOf(info, "si_pid");
}

/** A wait takes away the zombie that it reports, unless told to leave it. */
function waitTouches(task: Task, event: CallEvent): Touch[] {
  const result = resultOf(event);
  const { life } = OF_PROCESS;
  if (plainName(event.name) === "wait4") return result === undefined ? [] : pid(result, life, life);
  const what = numberOf(event, 0) === P.P_PIDFD ? descriptor(task, numberOf(event, 1), false) : [];
  if (result === undefined) return what;
  return [...what, ...pid(waitedFor(event), hasFlag(event, "WNOWAIT") ? 0 : life, life)];
}

const DUPLICATES: ReadonlySet<number> = new Set([F.F_DUPFD, F.F_DUPFD_CLOEXEC]);
const SETS_FLAGS: ReadonlySet<number> = new Set([F.F_SETFD, F.F_SETFL]);

function descriptorTouches(task: Task, event: CallEvent, name: string): Touch[] | undefined {
  const result = resultOf(event);
  const first = numberOf(event, 0);
  switch (name) {
    case "close":
      return descriptor(task, first, true);
    case "fcntl":
      return DUPLICATES.has(numberOf(event, 1) ?? -1)
        ? newDescriptor(task, result)
        : descriptor(task, first, SETS_FLAGS.has(numberOf(event, 1) ?? -1));
    case "dup":
      return newDescriptor(task, result);
    case "dup2":
    case "dup3":
      return [...descriptor(task, first, false), ...descriptor(task, numberOf(event, 1), true)];
    case "pidfd_open":
      return [...newDescriptor(task, result), ...pid(first, 0, OF_PROCESS.life)];
    case "pidfd_getfd": {
      const target = targetOf(task, first);
      const copied = target === undefined ? [] : descriptor(target, numberOf(event, 1), false);
      return [...newDescriptor(task, result), ...pidfdTouches(task, event, 0), ...copied];
    }
    case "pipe":
    case "pipe2":
    case "socketpair":
    case "close_range":
      return newDescriptor(task, undefined);
    case "ioctl":
      return result === undefined || result <= 0 ? undefined : newDescriptor(task, result);
    default:
      return makesDescriptors(name) ? newDescriptor(task, result) : undefined;
  }
}

/** A call of which nothing is known may do anything to its own process. */
function unknownTouches(task: Task, event: CallEvent): Touch[] {
  if (isKnownCall(event.name)) return [];
  return [
    ...memory(task.mm, ALL, 0, EVERY_ASPECT),
    ...newDescriptor(task, undefined),
    ...pid(task.pid.number, OF_PROCESS.everything),
  ];
}

function adviceAspects(event: CallEvent, i: number): readonly [number, number] {
  const advice = numberOf(event, i) ?? -1;
  if (QUIET.has(advice)) return [ASPECT.exists | ASPECT.locked | ASPECT.advice, 0];
  if (POPULATES.has(advice)) return [ASPECT.exists | ASPECT.rights | ASPECT.advice, 0];
  return [EVERY_ASPECT, ASPECT.advice];
}

function heapOf({ mm }: Task, event: CallEvent): Range {
  const low = mm === undefined || Number.isNaN(mm.startBreak) ? 0 : mm.startBreak;
  return { start: low, end: Math.max(resultOf(event) ?? 0, mm?.break ?? 0, low) + PAGE };
}

function firstRange(event: CallEvent): Range {
  return rangeOf(numberOf(event, 0), numberOf(event, 1));
}

/** In whole pages. */
function rangeOf(at: number | undefined, length: number | undefined): Range {
  if (at === undefined || length === undefined) return ALL;
  return {
    start: Math.floor(at / PAGE) * PAGE,
    end: (Math.floor((at + Math.max(length, 1) - 1) / PAGE) + 1) * PAGE,
  };
}

/** Whom a pidfd names; a number that stands for oneself is negative. */
function targetOf(task: Task, fd: number | undefined): Task | undefined {
  if (fd === undefined || fd < 0) return task;
  const file = task.files.peek(fd)?.file;
  return file?.kind === "pidfd" ? file.pid.thread?.payload : undefined;
}

/** The process that the pidfd of a call names, as far as that is known. */
export function targetIn(
  world: World,
  number: number,
  event: CallEvent,
): Task["thread"]["group"] | undefined {
  const task = world.process(number)?.task;
  return task === undefined ? undefined : targetOf(task, numberOf(event, 0))?.thread.group;
}

/** The ranges of a logged vector; everything, where the log leaves some out. */
export function vectorRanges(event: CallEvent): readonly Range[] {
  const vector = event.args[1]?.value;
  if (vector?.kind !== "array") return [];
  const ranges = vector.items.map((item) =>
    rangeOf(fieldOf(item, "iov_base"), fieldOf(item, "iov_len")),
  );
  return vector.cut ? [...ranges, ALL] : ranges;
}

function fieldOf(item: Value, name: string): number | undefined {
  if (item.kind !== "struct") return undefined;
  const field = item.fields.find((candidate) => candidate.name === name);
  const number = field === undefined ? undefined : integerOf(field.value, constant);
  return number === undefined ? undefined : Number(number);
}

function resultOf(event: CallEvent): number | undefined {
  const { value, error } = event.result;
  return value === undefined || error !== undefined ? undefined : Number(value);
}

export function numberOf(event: CallEvent, i: number): number | undefined {
  const value = event.args[i]?.value;
  const number = value === undefined ? undefined : integerOf(value, constant);
  return number === undefined ? undefined : Number(number);
}
