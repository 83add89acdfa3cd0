/**
 * Numbers of the process calls: clone, wait, prctl, securebits, limits, ptrace access modes.
 *
 * Linux: include/uapi/linux/sched.h, include/uapi/linux/wait.h, include/uapi/linux/prctl.h,
 * include/uapi/linux/securebits.h, include/uapi/asm-generic/resource.h, include/linux/ptrace.h
 */
export const CLONE = {
  CLONE_VM: 0x0000_0100,
  CLONE_FS: 0x0000_0200,
  CLONE_FILES: 0x0000_0400,
  CLONE_SIGHAND: 0x0000_0800,
  CLONE_PIDFD: 0x0000_1000,
  CLONE_PTRACE: 0x0000_2000,
  CLONE_VFORK: 0x0000_4000,
  CLONE_PARENT: 0x0000_8000,
  CLONE_THREAD: 0x0001_0000,
  CLONE_NEWNS: 0x0002_0000,
  CLONE_SYSVSEM: 0x0004_0000,
  CLONE_SETTLS: 0x0008_0000,
  CLONE_PARENT_SETTID: 0x0010_0000,
  CLONE_CHILD_CLEARTID: 0x0020_0000,
  CLONE_DETACHED: 0x0040_0000,
  CLONE_UNTRACED: 0x0080_0000,
  CLONE_CHILD_SETTID: 0x0100_0000,
  CLONE_NEWCGROUP: 0x0200_0000,
  CLONE_NEWUTS: 0x0400_0000,
  CLONE_NEWIPC: 0x0800_0000,
  CLONE_NEWUSER: 0x1000_0000,
  CLONE_NEWPID: 0x2000_0000,
  CLONE_NEWNET: 0x4000_0000,
  CLONE_IO: 0x8000_0000,
} as const;

/** The low byte of clone's flags: the signal sent to the parent at exit. */
export const CSIGNAL = 0xff;

export const WAIT = {
  WNOHANG: 1,
  WUNTRACED: 2,
  WSTOPPED: 2,
  WEXITED: 4,
  WCONTINUED: 8,
  WNOWAIT: 0x0100_0000,
  __WNOTHREAD: 0x2000_0000,
  __WALL: 0x4000_0000,
  __WCLONE: 0x8000_0000,
} as const;

export const P = { P_ALL: 0, P_PID: 1, P_PGID: 2, P_PIDFD: 3 } as const;

export const PR = {
  PR_SET_PDEATHSIG: 1,
  PR_GET_PDEATHSIG: 2,
  PR_GET_DUMPABLE: 3,
  PR_SET_DUMPABLE: 4,
  PR_GET_KEEPCAPS: 7,
  PR_SET_KEEPCAPS: 8,
  PR_SET_NAME: 15,
  PR_GET_NAME: 16,
  PR_CAPBSET_READ: 23,
  PR_CAPBSET_DROP: 24,
  PR_GET_SECUREBITS: 27,
  PR_SET_SECUREBITS: 28,
  PR_SET_MM: 35,
  PR_SET_CHILD_SUBREAPER: 36,
  PR_GET_CHILD_SUBREAPER: 37,
  PR_SET_NO_NEW_PRIVS: 38,
  PR_GET_NO_NEW_PRIVS: 39,
  PR_SET_THP_DISABLE: 41,
  PR_GET_THP_DISABLE: 42,
  PR_CAP_AMBIENT: 47,
  PR_SET_MDWE: 65,
  PR_GET_MDWE: 66,
  PR_SET_MEMORY_MERGE: 67,
  PR_GET_MEMORY_MERGE: 68,
  PR_SET_PTRACER: 0x5961_6d61,
  PR_SET_VMA: 0x5356_4d41,
} as const;

export const SECUREBITS = {
  SECBIT_NOROOT: 0x01,
  SECBIT_NOROOT_LOCKED: 0x02,
  SECBIT_NO_SETUID_FIXUP: 0x04,
  SECBIT_NO_SETUID_FIXUP_LOCKED: 0x08,
  SECBIT_KEEP_CAPS: 0x10,
  SECBIT_KEEP_CAPS_LOCKED: 0x20,
  SECBIT_NO_CAP_AMBIENT_RAISE: 0x40,
  SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED: 0x80,
} as const;

export const RLIMIT = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
} as const;

/** The name of a resource limit. */
export type RlimitName = keyof typeof RLIMIT;

export const PTRACE_MODE = {
  PTRACE_MODE_READ: 0x01,
  PTRACE_MODE_ATTACH: 0x02,
  PTRACE_MODE_NOAUDIT: 0x04,
  PTRACE_MODE_FSCREDS: 0x08,
  PTRACE_MODE_REALCREDS: 0x10,
  PTRACE_MODE_READ_FSCREDS: 0x09,
  PTRACE_MODE_READ_REALCREDS: 0x11,
  PTRACE_MODE_ATTACH_FSCREDS: 0x0a,
  PTRACE_MODE_ATTACH_REALCREDS: 0x12,
} as const;

/** Operations of `prctl(PR_CAP_AMBIENT, …)`. Linux: include/uapi/linux/prctl.h */
export const PR_CAP_AMBIENT_OPERATION = {
  PR_CAP_AMBIENT_IS_SET: 1,
  PR_CAP_AMBIENT_RAISE: 2,
  PR_CAP_AMBIENT_LOWER: 3,
  PR_CAP_AMBIENT_CLEAR_ALL: 4,
} as const;

/** What ptrace(2) is asked to do, as far as it makes and ends the bond. */
export const PTRACE = {
  PTRACE_TRACEME: 0,
  PTRACE_ATTACH: 16,
  PTRACE_DETACH: 17,
  PTRACE_SEIZE: 0x4206,
} as const;

/** What kcmp(2) compares. Linux: include/uapi/linux/kcmp.h */
export const KCMP = {
  KCMP_FILE: 0,
  KCMP_VM: 1,
  KCMP_FILES: 2,
  KCMP_FS: 3,
  KCMP_SIGHAND: 4,
  KCMP_IO: 5,
  KCMP_SYSVSEM: 6,
} as const;

/** Whom pidfd_send_signal reaches, where that is not the pidfd's own scope (6.9). */
export const PIDFD_SIGNAL = {
  PIDFD_SIGNAL_THREAD: 1,
  PIDFD_SIGNAL_THREAD_GROUP: 2,
  PIDFD_SIGNAL_PROCESS_GROUP: 4,
} as const;
