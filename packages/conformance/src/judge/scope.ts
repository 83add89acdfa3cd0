import type { Value } from "@kadvise/strace";
import { F, PR } from "@kadvise/uapi";

/** Calls of which every result is judged, also those that the model does not cover yet. */
const ALWAYS: ReadonlySet<string> = new Set([
  ...[
    "mmap",
    "mmap2",
    "munmap",
    "mprotect",
    "mremap",
    "brk",
    "madvise",
    "process_madvise",
    "mincore",
  ],
  ...["mlock", "mlock2", "mlockall", "munlock", "munlockall", "msync", "mseal", "map_shadow_stack"],
  ...["pidfd_open", "pidfd_getfd", "pidfd_send_signal", "process_mrelease"],
  ...[
    "close",
    "close_range",
    "dup",
    "dup2",
    "dup3",
    "clone",
    "clone3",
    "fork",
    "vfork",
    "execve",
    "execveat",
  ],
  ...[
    "exit",
    "exit_group",
    "wait4",
    "waitid",
    "waitpid",
    "getpid",
    "gettid",
    "getppid",
    "set_tid_address",
  ],
  ...["getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "setgroups"],
  ...["setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid"],
  ...["capget", "capset", "pkey_mprotect", "pkey_alloc", "pkey_free"],
  ...[
    "userfaultfd",
    "shmget",
    "shmat",
    "shmctl",
    "shmdt",
    "mbind",
    "set_mempolicy",
    "get_mempolicy",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
  ],
]);

/** fcntl's commands that concern descriptors. */
const FCNTL: ReadonlySet<string> = new Set([
  ...["F_DUPFD", "F_DUPFD_CLOEXEC", "F_GETFD", "F_SETFD", "F_GETFL", "F_SETFL"],
]);

/** prctl's options that concern processes and memory. */
const PRCTL =
  /^PR_(SET|GET)_(DUMPABLE|KEEPCAPS|SECUREBITS|NO_NEW_PRIVS|THP_DISABLE|MEMORY_MERGE|MDWE|PDEATHSIG|CHILD_SUBREAPER|NAME)$|^PR_CAP|^PR_SET_(PTRACER|VMA|MM)$/;

/** Whether a call's result is judged. `shape` is fcntl's command, or prctl's option. */
export function isInScope(name: string, shape: Value | undefined): boolean {
  if (ALWAYS.has(name)) return true;
  if (name === "fcntl" || name === "fcntl64") return FCNTL.has(wordOf(shape, F));
  return name === "prctl" && PRCTL.test(wordOf(shape, PR));
}

/** The word, also where strace is too old for it: `0x43 /* PR_??? *\/`. */
function wordOf(value: Value | undefined, words: { readonly [word: string]: number }): string {
  if (value?.kind === "word") return value.text;
  if (value?.kind !== "number") return "";
  const number = Number(value.value);
  return Object.keys(words).find((word) => words[word] === number) ?? "";
}

/** i386's names for calls that the model knows by their plain name. */
const ALIASES: { readonly [name: string]: string } = {
  fcntl64: "fcntl",
  waitpid: "wait4",
  mmap_pgoff: "mmap2",
  // What a strace before 6.10 prints: calls since 5.1 have one number everywhere.
  syscall_0x1ce: "mseal",
  syscall_0x1c5: "map_shadow_stack",
};

/** The name under which the model knows a call: `setresuid32` is `setresuid`. */
export function plainName(name: string): string {
  const alias = ALIASES[name];
  if (alias !== undefined) return alias;
  return /^(get|set)(e|re|res|fs)?[ug]id32$|^[gs]etgroups32$/.test(name) ? name.slice(0, -2) : name;
}
