import type { Change } from "../change.ts";

/** pidfds. */
export const PIDFD_CHANGES: readonly Change[] = [
  {
    id: "pidfd-nonblock",
    subject: "pidfd_open accepts PIDFD_NONBLOCK",
    mainline: "5.10",
    source: "kernel/pid.c pidfd_open 5.10; asked on 5.10.223",
    set: { pidfd: { nonblock: true } },
  },
  {
    id: "close-range-cloexec",
    subject: "close_range accepts CLOSE_RANGE_CLOEXEC",
    mainline: "5.11",
    source: "fs/file.c close_range 5.11; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { pidfd: { closeRangeOnExec: true } },
  },
  {
    id: "core-dump-ends-own-threads",
    subject: "a signal that dumps core ends no other process that shares the memory",
    mainline: "5.16",
    lastWithout: "5.10",
    source:
      '"coredump: Limit coredumps to a single thread group"; fs/coredump.c zap_threads; asked on ' +
      "5.10.223 (without) and 6.1.176 (with)",
    set: { pidfd: { coreDumpEndsSharers: false } },
  },
  {
    id: "exit-status-of-last-thread",
    subject: "a process whose threads end one by one has the status of the last",
    mainline: "6.1",
    lastWithout: "5.10",
    source:
      '"signal: Guarantee that SIGNAL_GROUP_EXIT is set on process exit"; kernel/exit.c ' +
      "synchronize_group_exit; packages/pidfd/src/testing/life.c asked 5.10.223 (without) and " +
      "6.1.176 (with)",
    set: { pidfd: { exitStatus: "last-thread" } },
  },
  {
    id: "pidfd-thread",
    subject: "PIDFD_THREAD, CLONE_PIDFD for threads, scopes of pidfd_send_signal, pidfs",
    mainline: "6.9",
    source:
      "kernel/pid.c pidfd_open, fs/pidfs.c 6.9; asked on 6.1.192 (without) and 6.12.100 (with)",
    set: {
      pidfd: { threads: true, hangUp: true, leaderWaitsForThreads: false, signalScopes: true },
    },
  },
  {
    id: "pidfd-getfd-exiting",
    subject: "pidfd_getfd of an exiting process is ESRCH",
    mainline: "6.9",
    stable: { "5.10": [223, 262], "6.1": [172, 176] },
    source:
      "0c9bd6bc4bb2; kernel/pid.c __pidfd_fget; asked on 5.10.223, 6.1.172 (without), 6.1.176 " +
      "(with), read in 5.10.262",
    set: { pidfd: { getfdExiting: "ESRCH" } },
  },
  {
    id: "pidfd-leader-waits",
    subject: "a thread leader's pidfd stays silent while other threads live",
    mainline: "6.15",
    stable: { "6.12": 31, "6.14": 9 },
    source:
      "0fb482728ba1; reviews of 2025-05-27 for 6.12.31 (97 of 626) and 6.14.9 (108 of 783); " +
      "fs/pidfs.c pidfd_poll; asked on 6.12.100",
    set: { pidfd: { leaderWaitsForThreads: true } },
  },
  {
    id: "pidfd-self",
    subject: "PIDFD_SELF_THREAD (-10000) and PIDFD_SELF_THREAD_GROUP (-20000)",
    mainline: "6.15",
    source: "include/uapi/linux/pidfd.h; asked on 6.12.117 (without) and 6.16.12 (with)",
    set: { pidfd: { selfThread: -10000, selfGroup: -20000 } },
  },
  {
    id: "pidfd-open-enoent",
    subject: "pidfd_open of a thread that leads no group is ENOENT, of a process group alone ESRCH",
    mainline: "6.16",
    source:
      "17f1b08acf50 of 2025-04-11, made for 6.16; kernel/fork.c pidfd_prepare; asked on 6.12.117 " +
      "(without) and 6.16.12 (with)",
    set: { pidfd: { notLeader: "ENOENT", groupOnly: "ESRCH" } },
  },
  {
    id: "pidfd-self-group-10001",
    subject: "PIDFD_SELF_THREAD_GROUP becomes -10001",
    mainline: "6.17",
    source: "67fcec2919e4; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { pidfd: { selfGroup: -10001 } },
  },
  {
    id: "pidfd-ioctl",
    subject: "a pidfd takes ioctls, which open its process' namespaces",
    mainline: "6.11",
    source: "fs/pidfs.c pidfd_ioctl; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { pidfd: { ioctls: "argument" } },
  },
  {
    id: "pidfd-info",
    subject: "PIDFD_GET_INFO tells numbers, credentials and cgroup of a process",
    mainline: "6.13",
    source: "cdda1f26e74b; fs/pidfs.c pidfd_info; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { pidfd: { infoBytes: 64 } },
  },
  {
    id: "pidfd-ioctl-number",
    subject: "a pidfd looks at the number of an ioctl before anything else",
    mainline: "6.14",
    source:
      "8ce352818820; fs/pidfs.c pidfs_ioctl_valid; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { pidfd: { ioctls: "number" } },
  },
  {
    id: "pidfd-info-exit",
    subject: "PIDFD_GET_INFO tells how a process ended that was waited for",
    mainline: "6.15",
    source: "fs/pidfs.c pidfs_exit; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { pidfd: { infoOfEnded: true } },
  },
  {
    id: "pidfd-info-coredump",
    subject: "PIDFD_GET_INFO tells what becomes of a core dump",
    mainline: "6.16",
    source: "fs/pidfs.c pidfd_info; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { pidfd: { infoBytes: 72, infoCoredump: "all-marked" } },
  },
  {
    id: "pidfd-info-exact",
    subject: "PIDFD_GET_INFO's direction counts, and too small a structure is another request",
    mainline: "6.17",
    source:
      "include/linux/fs.h extensible_ioctl_valid; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { pidfd: { infoExact: true } },
  },
  {
    id: "pidfd-info-supported",
    subject: "PIDFD_GET_INFO tells what it can tell, and marks a core dump only where there is one",
    mainline: "6.19",
    source: "fs/pidfs.c pidfd_info; asked on 6.18.15 (without) and 6.19.14 (with)",
    set: { pidfd: { infoBytes: 80, infoCoredump: "with-memory", infoSupported: 0x7f } },
  },
  {
    id: "pidfd-info-remote",
    subject: "PIDFD_GET_INFO of a process outside of the caller's pid namespace is EREMOTE",
    mainline: "7.0",
    stable: { "6.18": [2, 15], "6.19": [0, 14] },
    source:
      "fs/pidfs.c pidfd_info; read in 6.18.2, 6.19.0 (without); asked on 6.17.13 (without), " +
      "6.18.15, 6.19.14 and 7.0.13 (with)",
    set: { pidfd: { infoOutside: "EREMOTE" } },
  },
  {
    id: "clone3-numbers-first",
    subject: "clone3 looks at all numbers that were asked for before it finds one in use",
    mainline: "7.0",
    source: "kernel/pid.c alloc_pid; asked on 6.19.14 (without) and 7.0.13 (with)",
    set: { pidfd: { setTidChecksAll: true } },
  },
  {
    id: "pidfd-info-coredump-code",
    subject: "PIDFD_GET_INFO tells a core dump's si_code, in front of what it can tell",
    mainline: "7.1",
    source: "include/uapi/linux/pidfd.h; asked on 7.0.13 (without) and 7.1.13 (with)",
    set: { pidfd: { infoBytes: 88, infoSupported: 0xff } },
  },
  {
    id: "pidfd-namespaces-ask-first",
    subject: "a pidfd asks who may read a process before it asks for its namespaces",
    mainline: "7.2",
    stable: { "6.12": [107, 117] },
    source:
      "fs/pidfs.c pidfd_ioctl; asked on 7.1.13 and 6.12.107 (without), 7.2.12 and 6.12.117 (with)",
    set: { pidfd: { namespacesAskFirst: true } },
  },
  {
    id: "pidfd-info-coredump-of-dead",
    subject: "PIDFD_GET_INFO tells of a zombie too what had become of its core dump",
    mainline: "7.2",
    source: "kernel/exec_state.c; asked on 7.1.13 (without) and 7.2.12 (with)",
    set: { pidfd: { infoCoredump: "not-reaped" } },
  },
  {
    id: "clone3-autoreap",
    subject: "clone3 knows CLONE_AUTOREAP, CLONE_NNP, CLONE_PIDFD_AUTOKILL and CLONE_EMPTY_MNTNS",
    mainline: "7.1",
    source: "kernel/fork.c clone3_args_valid; asked on 7.0.13 (without) and 7.1.13 (with)",
    set: { pidfd: { cloneAutoreap: true } },
  },
  {
    id: "clone-exit-signal",
    subject: "clone refuses an exit signal above 64",
    mainline: "7.1",
    source: "kernel/fork.c clone; asked on 7.0.13 (without) and 7.1.13 (with)",
    set: { pidfd: { cloneChecksSignal: true } },
  },
  {
    id: "pidfd-regular-file",
    subject: "a pidfd counts as a file, though nobody may change it",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "fs/pidfs.c; fallocate and ftruncate, asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { pidfd: { fileKind: "immutable" } },
  },
  {
    id: "pidfd-not-immutable",
    subject: "a pidfd no longer counts as immutable: fallocate is EOPNOTSUPP, no longer EPERM",
    mainline: "6.17",
    source: "fs/pidfs.c; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { pidfd: { fileKind: "regular" } },
  },
];
