import type { AddressSpace } from "@kadvise/mm-core";
import type { Thread } from "@kadvise/pidfd";
import { Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { commonReasons } from "../commonReasons.ts";
import { importVector } from "../importVector.ts";
import { mmAccess } from "../mmAccess.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import type { Vector } from "../vector.ts";
import { findPid } from "./numbering.ts";
import { remoteRanges, type RemoteRange } from "./remoteRanges.ts";

const entries = {
  "process_vm/flags": {
    errno: "EINVAL",
    text: "flags must be 0: none is defined",
    passes: "the flags are 0",
    linux: "mm/process_vm_access.c process_vm_rw",
    since: "3.2",
    remedy: "pass 0: there are no flags",
    compares: ["flags"],
  },
  "process_vm/no-process": {
    errno: "ESRCH",
    text: "no process has this number",
    passes: "a process has this number",
    linux: "mm/process_vm_access.c process_vm_rw_core",
    since: "3.2",
    remedy: "name a living process",
    compares: ["pid"],
  },
  "process_vm/denied": {
    errno: "EPERM",
    text: "the caller may not attach to the process",
    passes: "the caller may attach to the process",
    linux: "mm/process_vm_access.c process_vm_rw_core",
    since: "3.2",
    remedy: "see the refusal of the ptrace access check that this one stands on",
    compares: ["pid"],
  },
} as const;

/** The reasons of process_vm_readv and process_vm_writev. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const PARAMETERS: SystemCall["parameters"] = [
  parameter("pid", "pid"),
  parameter("local_iov", { ranges: "liovcnt" }),
  parameter("liovcnt", "size"),
  parameter("remote_iov", { ranges: "riovcnt" }),
  parameter("riovcnt", "size"),
  parameter("flags", "ulong"),
];

/** Copies bytes from the other process to the caller, or back. */
interface Copy {
  /** How the other's pages are pinned before. */
  readonly access: "read" | "write";
  piece(task: Task, mm: AddressSpace, piece: Piece): boolean;
}

/** Bytes that lie within one page on either side. */
interface Piece {
  readonly remotePage: number;
  readonly remoteOffset: number;
  readonly localPage: number;
  readonly localOffset: number;
  readonly bytes: number;
}

/**
 * process_vm_readv(2): reads another process' memory into one's own. Since 3.2.
 *
 * Asks whether the caller may *attach* (PTRACE_MODE_ATTACH_REALCREDS), and makes EPERM of EACCES.
 * Returns the bytes that were copied before the first that could not be. Linux:
 * mm/process_vm_access.c process_vm_rw
 */
export const processVmReadv: SystemCall = {
  name: "process_vm_readv",
  parameters: PARAMETERS,
  run: (task, registers) => transfer(task, registers, { access: "read", piece: readPiece }),
};

/** process_vm_writev(2): the other way. Linux: mm/process_vm_access.c process_vm_rw */
export const processVmWritev: SystemCall = {
  name: "process_vm_writev",
  parameters: PARAMETERS,
  run: (task, registers) => transfer(task, registers, { access: "write", piece: writePiece }),
};

function transfer(task: Task, registers: Registers, copy: Copy): Outcome {
  const { machine } = task;
  const { checks } = machine.ports;
  if (!registers.isZero(5)) return reasons.refuse(checks, "process_vm/flags", registers.hex(5));
  reasons.passed(checks, "process_vm/flags", "0x0");
  const local = machine.vector;
  const first = importVector(task, registers, 1, 2, local);
  if (first !== undefined) return first;
  if (local.totalBytes === 0) return success(0);
  const remote = remoteRanges(task, registers, 3, 4);
  if ("ok" in remote) return remote;
  if (!remote.some(({ bytes }) => bytes > 0)) return success(0);
  const pid = registers.int(0);
  const target = findPid(task, pid)?.thread;
  if (target === undefined) return reasons.refuse(checks, "process_vm/no-process", pid);
  reasons.passed(checks, "process_vm/no-process", pid);
  const mm = memoryOf(task, target);
  if ("ok" in mm) return mm;
  return copyAll(task, mm, local, remote, copy);
}

function memoryOf(task: Task, target: Thread<Task>): AddressSpace | Refusal {
  const { checks } = task.machine.ports;
  const mm = mmAccess(task, target, "PTRACE_MODE_ATTACH_REALCREDS");
  const isDenied = "ok" in mm && mm.code === "EACCES";
  if (isDenied) return reasons.refuseBecause(checks, "process_vm/denied", mm, target.pid.number);
  if (!("ok" in mm)) reasons.passed(checks, "process_vm/denied", target.pid.number);
  return mm;
}

function copyAll(
  task: Task,
  mm: AddressSpace,
  local: Vector,
  remote: readonly RemoteRange[],
  copy: Copy,
): Outcome {
  const { pageBytes } = task.machine.memory;
  let done = 0;
  let segment = 0;
  let within = 0;
  for (const { page, offset, bytes: asked } of remote) {
    if (asked === 0) continue;
    if (local.totalBytes === done) return success(done);
    const bytes = Math.min(asked, pinned(task, mm, page, offset + asked, copy) - offset);
    for (let at = 0; at < bytes;) {
      while (segment < local.count && within === local.lengthBytes[segment]) {
        segment++;
        within = 0;
      }
      if (segment === local.count) return success(done);
      const from = offset + at;
      const to = local.baseOffset[segment] + within;
      const length = Math.min(
        bytes - at,
        local.lengthBytes[segment] - within,
        pageBytes - (from % pageBytes),
        pageBytes - (to % pageBytes),
      );
      const isCopied = copy.piece(task, mm, {
        remotePage: page + Math.floor(from / pageBytes),
        remoteOffset: from % pageBytes,
        localPage: local.basePage[segment] + Math.floor(to / pageBytes),
        localOffset: to % pageBytes,
        bytes: length,
      });
      if (!isCopied) return done > 0 ? success(done) : fault(task, page, from);
      done += length;
      at += length;
      within += length;
    }
    if (bytes < asked) return done > 0 ? success(done) : fault(task, page, offset);
  }
  return success(done);
}

/**
 * Brings all pages of a range in, whatever there is to copy, up to the first that cannot be; the
 * bytes from the first page's beginning. Linux: mm/process_vm_access.c process_vm_rw_single_vec,
 * which pins 1024 pages at a time
 */
function pinned(
  { actor }: Task,
  mm: AddressSpace,
  page: number,
  bytes: number,
  { access }: Copy,
): number {
  const { pageBytes } = mm.memory;
  let at = page;
  const end = Math.min(page + Math.ceil(bytes / pageBytes), mm.layout.limit);
  while (at < end && mm.pin(at, access, actor).ok) at++;
  return (at - page) * pageBytes;
}

function fault(task: Task, page: number, offset: number): Refusal {
  const { ports, memory } = task.machine;
  const address = BigInt(page) * BigInt(memory.pageBytes) + BigInt(offset);
  return commonReasons.refuse(ports.checks, "syscall/fault", `0x${address.toString(16)}`);
}

function readPiece(task: Task, mm: AddressSpace, piece: Piece): boolean {
  if (piece.remotePage >= mm.layout.limit) return false;
  const read = mm.read(piece.remotePage, piece.bytes, piece.remoteOffset, "pinned");
  return read.ok && task.memory.write(piece.localPage, piece.localOffset, read.value);
}

function writePiece(task: Task, mm: AddressSpace, piece: Piece): boolean {
  if (piece.remotePage >= mm.layout.limit) return false;
  const bytes = new Uint8Array(piece.bytes);
  const read = task.memory.read(piece.localPage, piece.localOffset, bytes);
  return (
    read === bytes.length && mm.write(piece.remotePage, bytes, piece.remoteOffset, "pinned").ok
  );
}
