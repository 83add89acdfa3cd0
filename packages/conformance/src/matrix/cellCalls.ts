import { KCMP, MADV, PTRACE, RLIMIT, SIG } from "@kadvise/uapi";
import type { Operand } from "../program/program.ts";
import type { ProgramBuilder } from "../program/programBuilder.ts";
import { PARTY_PAGE } from "./becomeParty.ts";

/** Who calls, and at whom it is aimed: an actor, or a process that is none of the program's. */
export interface Aim {
  readonly caller: number;
  readonly target: { readonly actor: number } | { readonly pid: number };
}

/** The columns of the matrix, in the order in which the calls are made. */
export const COLUMNS = [
  "pidfd_open",
  "process_madvise COLD",
  "process_madvise DONTNEED",
  "process_vm_readv",
  "pidfd_getfd",
  "kcmp",
  "prlimit64",
  "kill 0",
  "kill SIGCONT",
  "pidfd_send_signal",
  "read maps",
  "process_mrelease",
  "ptrace SEIZE",
] as const;

/** One column's name. */
export type Column = (typeof COLUMNS)[number];

const RANGE_BYTES = 4096;
const READ_BYTES = 8;
const LIMIT_BYTES = 16;

/** Adds the calls of one pair; the number of each one's operation, by column. */
export function addCells(p: ProgramBuilder, aim: Aim): ReadonlyMap<Column, number> {
  const { caller, target } = aim;
  const pid: Operand = "actor" in target ? { pid: target.actor } : target.pid;
  const range = p.vector([{ base: PARTY_PAGE, length: RANGE_BYTES }]);
  const remote = p.vector([{ base: PARTY_PAGE, length: READ_BYTES }]);
  const local = p.vector([{ base: { data: p.reserve(READ_BYTES) }, length: READ_BYTES }]);
  const limit = { data: p.reserve(LIMIT_BYTES) };
  const open = p.call(caller, "pidfd_open", [pid, 0]);
  const pidfd = { result: open };
  const advise = (advice: number): number =>
    p.call(caller, "process_madvise", [pidfd, { data: range.offset }, 1, advice, 0]);
  const read = [{ data: local.offset }, 1, { data: remote.offset }, 1, 0];
  return new Map<Column, number>([
    ["pidfd_open", open],
    ["process_madvise COLD", advise(MADV.MADV_COLD)],
    ["process_madvise DONTNEED", advise(MADV.MADV_DONTNEED)],
    [
      "process_vm_readv",
      p.call(caller, "process_vm_readv", [pid, ...read], { relocations: local.relocations }),
    ],
    ["pidfd_getfd", p.call(caller, "pidfd_getfd", [pidfd, 0, 0])],
    ["kcmp", p.call(caller, "kcmp", [{ pid: caller }, pid, KCMP.KCMP_VM, 0, 0])],
    ["prlimit64", p.call(caller, "prlimit64", [pid, RLIMIT.RLIMIT_NOFILE, 0, limit])],
    ["kill 0", p.call(caller, "kill", [pid, 0])],
    ["kill SIGCONT", p.call(caller, "kill", [pid, SIG.SIGCONT])],
    ["pidfd_send_signal", p.call(caller, "pidfd_send_signal", [pidfd, 0, 0, 0])],
    ["read maps", readMaps(p, aim)],
    ["process_mrelease", p.call(caller, "process_mrelease", [pidfd, 0])],
    ["ptrace SEIZE", p.call(caller, "ptrace", [PTRACE.PTRACE_SEIZE, pid, 0, 0])],
  ]);
}

function readMaps(p: ProgramBuilder, { caller, target }: Aim): number {
  const of = "actor" in target ? { of: target.actor } : {};
  const path = "actor" in target ? "/proc/%/maps" : `/proc/${target.pid}/maps`;
  return p.add({ kind: "read", actor: caller, path, ...of, bytes: 1 });
}
