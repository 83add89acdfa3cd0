import {
  CAP,
  CAPABILITY_VERSION,
  CLONE,
  ERRNO,
  F,
  F_SEAL,
  FD_CLOEXEC,
  IOCTL,
  KCMP,
  MADV,
  MAP,
  MAP_HUGE_SHIFT,
  MCL,
  MFD,
  MLOCK2,
  MREMAP,
  MS,
  O,
  P,
  PIDFD,
  PIDFD_INFO,
  PIDFD_SELF,
  PIDFD_SIGNAL,
  POLL,
  PR,
  PR_CAP_AMBIENT_OPERATION,
  PROT,
  PTRACE,
  RLIMIT,
  SECUREBITS,
  SIG,
  WAIT,
} from "@kadvise/uapi";

/** Words that strace prints in arguments, and the numbers that they stand for. */
const WORDS: ReadonlyMap<string, number | bigint> = new Map<string, number | bigint>([
  ...[
    CAP,
    CAPABILITY_VERSION,
    CLONE,
    F,
    IOCTL,
    F_SEAL,
    MADV,
    MAP,
    MCL,
    MFD,
    MLOCK2,
    MREMAP,
    MS,
    O,
    P,
    KCMP,
    PIDFD,
    PIDFD_INFO,
    PIDFD_SELF,
    PIDFD_SIGNAL,
    POLL,
    PR,
    PR_CAP_AMBIENT_OPERATION,
    PROT,
    PTRACE,
    RLIMIT,
    SECUREBITS,
    SIG,
    WAIT,
  ].flatMap((table) => Object.entries(table)),
  // The upper half of clone3's flags. Linux: include/uapi/linux/sched.h
  ["CLONE_CLEAR_SIGHAND", 2 ** 32],
  ["CLONE_INTO_CGROUP", 2 ** 33],
  ["CLONE_AUTOREAP", 2 ** 34],
  ["CLONE_NNP", 2 ** 35],
  ["CLONE_PIDFD_AUTOKILL", 2 ** 36],
  ["CLONE_EMPTY_MNTNS", 2 ** 37],
  ["FD_CLOEXEC", FD_CLOEXEC],
  ["CLOSE_RANGE_UNSHARE", 2],
  ["CLOSE_RANGE_CLOEXEC", 4],
  ["MAP_HUGE_SHIFT", MAP_HUGE_SHIFT],
  ["MAP_ANON", MAP.MAP_ANONYMOUS],
  ["MAP_FILE", 0],
  ["NULL", 0],
  ["F_OK", 0],
  // __O_TMPFILE comes with O_DIRECTORY. Linux: include/uapi/asm-generic/fcntl.h
  ["O_TMPFILE", 0x40_0000 | O.O_DIRECTORY],
  ["FASYNC", 0o20000],
  ["AT_FDCWD", -100],
  ["SUID_DUMP_DISABLE", 0],
  ["SUID_DUMP_USER", 1],
  ["SUID_DUMP_ROOT", 2],
  ["RLIM64_INFINITY", 0xffff_ffff_ffff_ffffn],
  ["RLIM_INFINITY", 0xffff_ffff_ffff_ffffn],
  ["CLD_EXITED", 1],
  ["CLD_KILLED", 2],
  ["CLD_DUMPED", 3],
  ["CLD_TRAPPED", 4],
  ["CLD_STOPPED", 5],
  ["CLD_CONTINUED", 6],
  ["SI_USER", 0],
  ["SI_QUEUE", -1],
  ["PR_SET_VMA_ANON_NAME", 0],
  ["PR_MDWE_REFUSE_EXEC_GAIN", 1],
  ["PR_MDWE_NO_INHERIT", 2],
  ["PR_SET_PTRACER_ANY", 0xffff_ffff_ffff_ffffn],
]);

const REAL_TIME = /^SIGRT_(\d+)$|^SIGRTMIN(?:\+(\d+))?$/;

/** The number of a constant's name, or undefined. */
export function constant(word: string): number | bigint | undefined {
  const known = WORDS.get(word);
  if (known !== undefined) return known;
  const realTime = REAL_TIME.exec(word);
  return realTime === null ? undefined : 32 + Number(realTime[1] ?? realTime[2] ?? 0);
}

/** Whether a word names an error. */
export function isError(word: string): boolean {
  return Object.hasOwn(ERRNO, word);
}
