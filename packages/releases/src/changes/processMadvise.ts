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
    source: "96cfe2c0fd23; mm/madvise.c process_madvise 5.12; asked on 5.10.223",
    set: { processMadvise: { accessMode: "PTRACE_MODE_READ_FSCREDS", sysNice: "everybody" } },
  },
  {
    id: "process-madvise-leading-zero",
    subject: "only a leading zero-length segment of a vector is still looked at",
    mainline: "5.14",
    source:
      "lib/iov_iter.c iov_iter_iovec_advance 5.14; asked on 5.10.223 (without) and 6.1.170 (with)",
    set: { processMadvise: { zeroLengthSegments: "leading" } },
  },
  {
    id: "process-madvise-willneed",
    subject: "process_madvise accepts MADV_WILLNEED",
    mainline: "5.15",
    source: "d5fffc5aff26; asked on 5.10.223 (without) and 6.1.170 (with)",
    addsRemoteAdvice: ["MADV_WILLNEED"],
  },
  {
    id: "process-madvise-lookup-by-group",
    subject: "process_madvise looks the pidfd's task up as a thread group",
    mainline: "5.16",
    source: "ee9955d61a0a; kernel/pid.c pidfd_get_task; asked on 6.12.100",
    set: { pidfd: { lookup: "group" } },
  },
  {
    id: "process-madvise-bytes-advised",
    subject: "an error after some progress returns the bytes advised so far",
    mainline: "5.18",
    stable: { "5.10": 110, "5.15": 33, "5.16": 19, "5.17": 2 },
    source:
      "5bd009c7c9a9; reviews of 2022-04-05 for 5.10.110 (75 of 599) and 5.15.33 (108 of 913); " +
      "asked on 5.10.223",
    set: { processMadvise: { partial: "bytes" } },
  },
  {
    id: "process-madvise-collapse",
    subject: "process_madvise accepts MADV_COLLAPSE",
    mainline: "6.1",
    source: "mm/madvise.c process_madvise_behavior_valid 6.1; asked on 6.1.170",
    addsRemoteAdvice: ["MADV_COLLAPSE"],
  },
  {
    id: "process-madvise-nice-for-others-only",
    subject: "CAP_SYS_NICE is asked only where another address space is advised",
    mainline: "6.12",
    source:
      "22af8caff7d1, in Linus' tree two days after 6.11; asked on 6.1.192 (without), 6.12.100",
    set: { processMadvise: { sysNice: "remote" } },
  },
  {
    id: "process-madvise-own-unrestricted",
    subject:
      "every advice may be given to one's own address space; access is asked before the list",
    mainline: "6.13",
    source: "mm/madvise.c process_madvise 6.13; asked on 6.12.117 (without) and 6.16.12 (with)",
    set: { processMadvise: { adviceCheck: "remote-after-access" } },
  },
  {
    id: "process-madvise-one-lock",
    subject: "the mmap lock is taken once for a vector",
    mainline: "6.15",
    source:
      "mm/madvise.c vector_madvise 6.15; locks traced on 6.12.117 (four for four) and 6.16.12 (one)",
    set: { processMadvise: { lock: "vector" } },
  },
  {
    id: "process-madvise-one-flush",
    subject: "DONTNEED and FREE flush the TLB once for a vector",
    mainline: "6.16",
    source: "mm/madvise.c vector_madvise 6.16; flushes traced on 6.16.12",
    set: { processMadvise: { flush: "vector" } },
  },
  {
    id: "process-madvise-invalid-advice",
    subject: "an advice that no madvise knows is refused also for an empty vector",
    mainline: "7.2",
    source:
      '"reject invalid process_madvise() advice for zero-length vectors"; asked on 7.1.13 ' +
      "(without) and 7.2.12 (with)",
    set: { processMadvise: { checksValidAdvice: true } },
  },
];
