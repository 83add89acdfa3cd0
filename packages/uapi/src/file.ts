/**
 * Numbers of the file-descriptor calls: open flags, fcntl commands, memfd seals, pidfd flags and
 * sentinels.
 *
 * Linux: include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h, include/uapi/linux/pidfd.h
 */
export const O = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_ACCMODE: 3,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_DSYNC: 0o10000,
  O_DIRECT: 0o40000,
  O_LARGEFILE: 0o100000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
} as const;

export const F = {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_DUPFD_CLOEXEC: 1030,
  F_ADD_SEALS: 1033,
  F_GET_SEALS: 1034,
} as const;

export const FD_CLOEXEC = 1;

export const F_SEAL = {
  F_SEAL_SEAL: 0x01,
  F_SEAL_SHRINK: 0x02,
  F_SEAL_GROW: 0x04,
  F_SEAL_WRITE: 0x08,
  F_SEAL_FUTURE_WRITE: 0x10,
  F_SEAL_EXEC: 0x20,
} as const;

export const MFD = {
  MFD_CLOEXEC: 1,
  MFD_ALLOW_SEALING: 2,
  MFD_HUGETLB: 4,
  MFD_NOEXEC_SEAL: 8,
  MFD_EXEC: 0x10,
} as const;

/** fallocate's modes. Linux: include/uapi/linux/falloc.h */
export const FALLOC_FL = {
  FALLOC_FL_KEEP_SIZE: 0x01,
  FALLOC_FL_PUNCH_HOLE: 0x02,
  FALLOC_FL_NO_HIDE_STALE: 0x04,
  FALLOC_FL_COLLAPSE_RANGE: 0x08,
  FALLOC_FL_ZERO_RANGE: 0x10,
  FALLOC_FL_INSERT_RANGE: 0x20,
  FALLOC_FL_UNSHARE_RANGE: 0x40,
  FALLOC_FL_WRITE_ZEROES: 0x80,
} as const;

/** pidfd_open's flags are open flags under another name. */
export const PIDFD = { PIDFD_NONBLOCK: 0o4000, PIDFD_THREAD: 0o200 } as const;

/**
 * Numbers that stand for the caller where a pidfd is asked for; which of them a release knows is
 * the profile's.
 */
export const PIDFD_SELF = {
  PIDFD_SELF_THREAD: -10000,
  PIDFD_SELF_THREAD_GROUP: -10001,
  /** What 6.15 and 6.16 called the thread group. */
  PIDFD_SELF_THREAD_GROUP_6_15: -20000,
} as const;

/** Where a path begins, and how its end is taken: of execveat. */
export const AT = {
  AT_FDCWD: -100,
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_EMPTY_PATH: 0x1000,
  /** Whether the program could be executed, without executing it (6.14). */
  AT_EXECVE_CHECK: 0x1_0000,
} as const;

/** userfaultfd's own flag (5.11): faults of the kernel are left alone. Linux: linux/userfaultfd.h */
export const UFFD_USER_MODE_ONLY = 1;
