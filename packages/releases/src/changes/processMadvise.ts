import type { Change } from "../change.ts";

/** process_madvise's own front end: order of checks, who may advise whom, what is counted. */
export const PROCESS_MADVISE_CHANGES: readonly Change[] = [
  {
    id: "process-madvise",
    subject: "process_madvise: advise another process through a pidfd",
    mainline: "5.10",
    source: "ecb8ac8b1f14; mm/madvise.c process_madvise 5.10",
    set: { processMadvise: { exists: true } },
    addsRemoteAdvice: ["MADV_COLD", "MADV_PAGEOUT"],
    addsCalls: ["process_madvise"],
  },
  {
    id: "process-madvise-read-and-nice",
    subject: "process_madvise asks for READ access and CAP_SYS_NICE instead of ATTACH access",
    mainline: "5.12",
    stable: { "5.10": 24, "5.11": 7 },
    source: "96cfe2c0fd23; mm/madvise.c process_madvise 5.12",
    set: { processMadvise: { accessMode: "PTRACE_MODE_READ_FSCREDS", sysNice: "everybody" } },
  },
  {
    id: "process-madvise-leading-zero",
    subject: "only a leading zero-length segment of a vector is still looked at",
    mainline: "5.14",
    source: "lib/iov_iter.c iov_iter_iovec_advance 5.14",
    set: { processMadvise: { zeroLengthSegments: "leading" } },
  },
  {
    id: "process-madvise-willneed",
    subject: "process_madvise accepts MADV_WILLNEED",
    mainline: "5.15",
    source: "d5fffc5aff26",
    addsRemoteAdvice: ["MADV_WILLNEED"],
  },
  {
    id: "process-madvise-bytes-advised",
    subject: "an error after some progress returns the bytes advised so far",
    mainline: "5.18",
    stable: { "5.17": 2, "5.15": [0, 135], "5.10": [13, 185] },
    source: "5bd009c7c9a9; read in 5.10.185 and 5.15.135, asked on 5.10.223",
    set: { processMadvise: { partial: "bytes" } },
  },
  {
    id: "process-madvise-lookup-by-group",
    subject: "process_madvise looks the pidfd's task up as a thread group",
    mainline: "5.16",
    source: "ee9955d61a0a; kernel/pid.c pidfd_get_task",
    set: { pidfd: { lookup: "group" } },
  },
  {
    id: "process-madvise-collapse",
    subject: "process_madvise accepts MADV_COLLAPSE",
    mainline: "6.1",
    source: "mm/madvise.c process_madvise_behavior_valid 6.1",
    addsRemoteAdvice: ["MADV_COLLAPSE"],
  },
  {
    id: "process-madvise-nice-for-others-only",
    subject: "CAP_SYS_NICE is asked only where another address space is advised",
    mainline: "6.12",
    lastWithout: "6.9",
    source: "22af8caff7d1; mm/madvise.c process_madvise 6.12",
    set: { processMadvise: { sysNice: "remote" } },
  },
  {
    id: "process-madvise-own-unrestricted",
    subject:
      "every advice may be given to one's own address space; access is asked before the list",
    mainline: "6.13",
    source: "mm/madvise.c process_madvise 6.13",
    set: { processMadvise: { adviceCheck: "remote-after-access" } },
  },
  {
    id: "process-madvise-one-lock",
    subject: "the mmap lock is taken once for a vector",
    mainline: "6.15",
    source: "mm/madvise.c vector_madvise 6.15",
    set: { processMadvise: { lock: "vector" } },
  },
  {
    id: "process-madvise-one-flush",
    subject: "DONTNEED and FREE flush the TLB once for a vector",
    mainline: "6.16",
    source: "mm/madvise.c vector_madvise 6.16",
    set: { processMadvise: { flush: "vector" } },
  },
  {
    id: "process-madvise-invalid-advice",
    subject: "an advice that no madvise knows is refused also for an empty vector",
    mainline: "7.2",
    source: "mm/madvise.c process_madvise; asked on 7.1.13 (without) and 7.2.12 (with)",
    set: { processMadvise: { checksValidAdvice: true } },
  },
];

/** The import of a vector. */
export const VECTOR_CHANGES: readonly Change[] = [
  {
    id: "iovec-lengths-first",
    subject: "every length of a vector is checked before any address",
    mainline: "5.10",
    source: "lib/iov_iter.c iovec_from_user, __import_iovec 5.10",
    set: { vector: { checks: "lengths-first" } },
  },
  {
    id: "iovec-elementwise",
    subject:
      "a vector is copied element by element: a negative length beats a later unreadable element",
    mainline: "6.3",
    lastWithout: "6.1",
    source: "lib/iov_iter.c copy_iovec_from_user; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { vector: { checks: "elementwise" } },
  },
  {
    id: "iovec-single-cut-first",
    subject: "a single segment is cut to MAX_RW_COUNT before its address is checked",
    mainline: "6.4",
    source: "lib/iov_iter.c __import_iovec_ubuf, import_ubuf 6.4",
    set: { vector: { singleIsCutFirst: true } },
  },
  {
    id: "access-ok-sign-bit",
    subject: "x86-64's access_ok tests only the sign of the address",
    mainline: "6.4",
    lastWithout: "6.1",
    source: "arch/x86/include/asm/uaccess_64.h 6.4",
    set: { vector: { addressLimit: "sign-bit" } },
  },
  {
    id: "access-ok-limit-minus-one",
    subject: "x86-64's access_ok compares with the user limit again, one byte short",
    mainline: "6.12",
    lastWithout: "6.9",
    source: "arch/x86/include/asm/uaccess_64.h 6.12.0",
    set: { vector: { addressLimit: "limit-minus-one" } },
  },
  {
    id: "access-ok-limit",
    subject: "x86-64's access_ok lets a range end exactly at the user limit",
    mainline: "6.13",
    stable: { "6.12": [0, 107] },
    source:
      "arch/x86/kernel/cpu/common.c USER_PTR_MAX; read in 6.12.0 (without), asked on 6.12.107 (with)",
    set: { vector: { addressLimit: "limit" } },
  },
];
