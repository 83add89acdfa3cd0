/**
 * Every question that the model may ask of {@link Choices}: who decides, and by which rule.
 *
 * What Linux decides has more than one answer on the same machine, and a record of a real kernel
 * that shows two. What a record leaves open has one answer on each machine: nobody wrote it down.
 */
export interface OpenQuestion {
  /** The id, or its beginning and a `*`. */
  readonly id: string;
  /** `linux`: several things may happen. `record`: one did, and what was recorded does not tell. */
  readonly by: "linux" | "record";
  /** The rule with its source, or what is not told. */
  readonly rule: string;
}

export const OPEN_QUESTIONS: readonly OpenQuestion[] = [
  linux(
    "pid/next",
    "the next number that nobody has, others forking meanwhile (kernel/pid.c alloc_pid)",
  ),
  linux("mmap/address", "where a layout begins is random (arch/x86/mm/mmap.c arch_mmap_rnd)"),
  linux(
    "brk/initial",
    "how far the heap lies behind the program is random (mm/util.c randomize_page)",
  ),
  linux(
    "wait/which",
    "the first child in the order of birth that is dead when wait looks (kernel/exit.c do_wait)",
  ),
  linux(
    "signal/target-still-alive",
    "a killed process keeps its memory until it runs again (kernel/exit.c exit_mm)",
  ),
  linux(
    "signal/pending",
    "a signal ends MADV_UNMERGEABLE before its pages are done (mm/ksm.c unmerge_ksm_pages)",
  ),
  linux(
    "signal/ends-sleep",
    "a signal ends a sleep; by its handler the call starts again or is EINTR (kernel/signal.c get_signal)",
  ),
  linux(
    "signal/fatal",
    "a signal that kills the caller between two ranges (mm/madvise.c madvise_lock)",
  ),
  linux(
    "fault/huge-page",
    "two megabytes in one piece are not always to be had (mm/memory.c vma_alloc_anon_folio_pmd)",
  ),
  linux(
    "collapse/obstacle",
    "a page that somebody holds for a moment stops it (mm/khugepaged.c SCAN_PAGE_COUNT)",
  ),
  linux(
    "mm/commit-lag",
    "each processor counts promises for itself for a while (mm/util.c vm_memory_committed)",
  ),
  linux(
    "kcmp/order",
    "addresses, scrambled with a number drawn at boot (kernel/kcmp.c kptr_obfuscate)",
  ),
  record("mm/commit-pages", "how much memory there is to promise, and how much of it is"),
  record("mm/key-rights", "which protection keys a thread may write by: wrpkru is no call"),
  record("clone/number-in-use", "which numbers processes outside the record have"),
  record("clone/pid-max", "kernel.pid_max"),
  record("mm/huge-pool", "how many huge pages the pool has, and who else uses them"),
  record("fd/next", "descriptors that were open before"),
  record("fd/unstated", "whether a descriptor was open before"),
  record("fd/number-limit", "RLIMIT_NOFILE"),
  record("fd/close-on-exec", "how a descriptor that was open before is marked"),
  record("fd/status-flags", "how a descriptor that was open before was opened"),
  record("fcntl/not-owner", "whose the file is"),
  record("fcntl/no-direct", "whether the file system knows O_DIRECT"),
  record("pidfd/unstated-file", "what a descriptor that was open before names"),
  record("pidfd_open/unstated-process", "which processes exist outside the record"),
  record("pidfd_open/kthreadd", "whether numbers are those of the initial pid namespace"),
  record("pidfd_getfd/ending", "how far the end of a process has come"),
  record("pidfd_send_signal/directory", "whether a descriptor is a directory of /proc"),
  record("process_mrelease/dying", "how far the end of a process has come"),
  record("process/unwatched", "what became of a process that was not followed"),
  record("pid/number-within", "numbers in a pid namespace"),
  record("pid/numbers-within", "numbers in a pid namespace"),
  record("pid/namespace-closed", "whether a pid namespace still takes processes"),
  record("wait/unwatched-child", "which child that was not followed has ended"),
  record("wait/unwatched-status", "how a child that was not followed has ended"),
  record("wait/process-group", "process groups"),
  record("wait/unstated-children", "children from before"),
  record("wait/earlier-child", "the number of a child from before"),
  record("wait/orphan", "orphans that fell to a process"),
  record("wait/stopped-child", "stops and continuations"),
  record("process/group", "who is in which process group and session"),
  record("process/group-number", "who is in which process group and session"),
  record("process/leads-group", "process groups"),
  record("pidfd_send_signal/leads-group", "process groups"),
  record("waitid/uid", "the user of a child"),
  record("getppid/unstated", "the parent of the first process"),
  record("clone3/cgroup", "whether a descriptor is a cgroup"),
  record("kill/permitted", "the ids of both"),
  record("kill/unstated-process", "which processes exist outside the record"),
  record("shm/id", "segments of shared memory that others make"),
  record("shm/times", "the time of day, and who detached a segment last"),
  record("shm/key", "segments of shared memory from before, and those of others"),
  record("shm/unseen-segment", "segments of shared memory from before, and those of others"),
  record("shm/unseen-attachment", "what was attached before"),
  record("shm/all-segments", "all segments of shared memory of the machine"),
  record("ptrace/parent-unstated", "the parent of the first process"),
  record("ptrace/request-not-modelled", "what the request does"),
  record("prctl/*", "what a process inherited, or what an option does that is not modelled"),
  record("capget/unstated-process", "capabilities of a process outside the record"),
  record("credentials/*", "ids, groups and capabilities of a process from before"),
  record("exec/*", "whether a program was dumpable when it began"),
  record("execve/program", "whether the program exists and may be executed"),
  record("setting/*", "a setting of the machine"),
  record("memory/unstated-pointer", "whether memory is mapped that the record never mentions"),
  record("memory/contents", "bytes that the program wrote itself"),
  record("mm/unstated-range", "whether memory was mapped before"),
  record("mm/unstated-size", "how large a program from before is"),
  record("mm/unstated-kind", "what kind of memory was mapped before"),
  record("mm/unstated-area-kind", "what kind of memory was mapped before"),
  record("mm/unstated-special", "what the kernel mapped at execve"),
  record("mm/unseen-growth", "how far a stack grew, which a program does unseen"),
  record("mm/forgotten-range", "memory of a process whose record has a gap"),
  record("mmap/unstated-kind", "what kind of file a descriptor from before is"),
  record("mmap/likely-kind", "whether what was opened is a regular file"),
  record("mmap/unstated-file", "what a descriptor from before names"),
  record("mincore/residency", "which pages the program touched meanwhile"),
  record("collapse/touched", "whether the program wrote there"),
  record("collapse/contents", "which pages the program touched"),
  record("populate/unstated", "what kind of memory was mapped before"),
  record("file/unstated-size", "how long a file is"),
  record("populate/poisoned", "which pages failed, or userfaultfd poisoned"),
  record("vector/left-out", "ranges that strace abbreviates"),
  record("vector/left-out-bytes", "ranges that strace abbreviates"),
];

function linux(id: string, rule: string): OpenQuestion {
  return { id, by: "linux", rule };
}

function record(id: string, rule: string): OpenQuestion {
  return { id, by: "record", rule };
}
