import { MADV, PR } from "@kadvise/uapi";
import { ProgramBuilder } from "../program/programBuilder.ts";
import type { Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";

/** Files that hold a kernel's settings. */
export const SETTING_FILES = [
  "/proc/2/comm",
  "/proc/meminfo",
  "/proc/swaps",
  "/proc/cmdline",
  "/proc/sys/fs/suid_dumpable",
  "/proc/sys/kernel/cap_last_cap",
  "/proc/sys/kernel/pid_max",
  "/proc/sys/kernel/randomize_va_space",
  "/proc/sys/kernel/yama/ptrace_scope",
  "/proc/sys/user/max_user_namespaces",
  "/proc/sys/vm/admin_reserve_kbytes",
  "/proc/sys/vm/legacy_va_layout",
  "/proc/sys/vm/max_map_count",
  "/proc/sys/vm/mmap_min_addr",
  "/proc/sys/vm/nr_hugepages",
  "/proc/sys/vm/nr_overcommit_hugepages",
  "/proc/sys/vm/overcommit_memory",
  "/proc/sys/vm/overcommit_ratio",
  "/proc/sys/vm/swappiness",
  "/proc/sys/vm/unprivileged_userfaultfd",
  "/proc/sys/vm/user_reserve_kbytes",
  "/sys/kernel/mm/damon/admin/kdamonds/0/state",
  "/sys/kernel/mm/ksm/run",
  "/sys/kernel/mm/lru_gen/enabled",
  "/sys/kernel/mm/transparent_hugepage/defrag",
  "/sys/kernel/mm/transparent_hugepage/enabled",
  "/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none",
  "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
  "/sys/kernel/mm/transparent_hugepage/use_zero_page",
  "/sys/kernel/security/lsm",
] as const;

/** The files below /proc/PID that tell how an actor begins. */
export const ACTOR_FILES = ["smaps", "stat", "status", "limits"] as const;

/** What is asked of an actor. */
export type Question =
  | "dumpable"
  | "securebits"
  | "adviceKnown"
  | "ksm"
  | "thp"
  | "memoryFailure"
  | "anonName"
  | "shadowStack"
  | "lowHint"
  | "highHint";

/** The calls by which an actor is asked; each answer is the value that came back. */
const QUESTIONS: { readonly [question in Question]: readonly [string, ...number[]] } = {
  dumpable: ["prctl", PR.PR_GET_DUMPABLE],
  securebits: ["prctl", PR.PR_GET_SECUREBITS],
  /** Without a length, advice only says whether it is known. */
  adviceKnown: ["madvise", 0, 0, MADV.MADV_NORMAL],
  ksm: ["madvise", 0, 0, MADV.MADV_MERGEABLE],
  thp: ["madvise", 0, 0, MADV.MADV_HUGEPAGE],
  memoryFailure: ["madvise", 0, 0, MADV.MADV_HWPOISON],
  /** An empty range with a name: EINVAL where areas have none. PR_SET_VMA_ANON_NAME is 0. */
  anonName: ["prctl", PR.PR_SET_VMA, 0, 0x1_0000, 0, 0],
  /** A flag that no architecture knows. */
  shadowStack: ["map_shadow_stack", 0, 0, 4],
  /** Where a hint that is too low goes; a hint above the usual 47 bits. */
  lowHint: ["mmap", 0x1000, 0x1000, 0, 0x22, -1, 0],
  highHint: ["mmap", 2 ** 50, 0x1000, 0, 0x22, -1, 0],
};

/** What the program of facts came to, by what was asked. */
export interface FactsRead {
  readonly files: ReadonlyMap<string, string>;
  readonly start: ReadonlyMap<string, string>;
  readonly executed: ReadonlyMap<string, string>;
  readonly answers: ReadonlyMap<Question, bigint>;
}

const LONGEST_FILE = 0x4_0000;

/** The program that asks a target about itself: settings, how actors begin, and after an execve. */
export function factsProgram(abi: "x86-64" | "arm64", image: string): Program {
  const p = new ProgramBuilder({ actors: 1, abi });
  const look = (): void => {
    for (const file of ACTOR_FILES) p.observe(0, file, LONGEST_FILE);
  };
  look();
  for (const path of SETTING_FILES) {
    p.add({ kind: "read", actor: "supervisor", path, bytes: LONGEST_FILE });
  }
  for (const [call, ...args] of Object.values(QUESTIONS)) p.call(0, call, args);
  p.add({ kind: "exec", actor: 0, image });
  look();
  return p.build();
}

/** Reads the answers of {@link factsProgram}. */
export function readFacts(result: ProgramResult): FactsRead {
  let next = 0;
  const texts = (names: readonly string[]): ReadonlyMap<string, string> =>
    new Map(
      names.flatMap((name): [string, string][] => {
        const { value, payload } = result.operations[next++];
        return value < 0n ? [] : [[name, Buffer.from(payload ?? []).toString("latin1")]];
      }),
    );
  const start = texts(ACTOR_FILES);
  const files = texts(SETTING_FILES);
  const questions = Object.keys(QUESTIONS) as Question[];
  const answers = new Map(questions.map((name) => [name, result.operations[next++].value]));
  next++;
  return { start, files, answers, executed: texts(ACTOR_FILES) };
}
