/**
 * What a kernel does, by behaviour. The packages above ask these switches and never a release name;
 * the release is folded into them once, by {@link profile}.
 *
 * Each switch is set by a dated change in changes/; the comment here says what its values mean.
 */
export type AdviceLabel = `MADV_${string}`;

/** The order and the rules of process_madvise before a range is touched. Linux: mm/madvise.c */
export interface ProcessMadviseFeatures {
  /** Whether the call has a number at all; before 5.10 it is ENOSYS. */
  readonly exists: boolean;
  /** The seed imports the vector, then looks at the flags; from 5.10 the flags come first. */
  readonly importBeforeFlags: boolean;
  /**
   * Where the list of allowed advice stands: `listed` holds for everyone, oneself included, before
   * access is asked; `remote-before-access` and `remote-after-access` hold for another address
   * space only.
   */
  readonly adviceCheck: "listed" | "remote-before-access" | "remote-after-access";
  /** Advice that may be given to another address space. */
  readonly remoteAdvice: readonly AdviceLabel[];
  /** Whether an advice that no madvise knows is refused even where there is nothing to do. */
  readonly checksValidAdvice: boolean;
  /** What makes a target one's own: the same address space, or the same thread group. */
  readonly own: "address-space" | "thread-group";
  /** How mm_access looks at the target. */
  readonly accessMode: "PTRACE_MODE_ATTACH_FSCREDS" | "PTRACE_MODE_READ_FSCREDS";
  /** Who needs CAP_SYS_NICE. */
  readonly sysNice: "nobody" | "everybody" | "remote";
  /** What an error after some progress returns. */
  readonly partial: "errno" | "bytes";
  /** Which zero-length segments reach the core: all before the last byte, or only a leading one. */
  readonly zeroLengthSegments: "each" | "leading";
  /** Whether the mmap lock is taken once a range or once a vector. */
  readonly lock: "range" | "vector";
  /** Whether DONTNEED and FREE flush the TLB once a range or once a vector. */
  readonly flush: "range" | "vector";
  /** Whether a fatal signal at the target makes COLD and PAGEOUT do nothing and still count. */
  readonly fatalTargetSkips: boolean;
}

/** How a vector is copied and checked. Linux: lib/iov_iter.c, fs/read_write.c before 5.10 */
export interface VectorFeatures {
  /**
   * `interleaved`: copy all, then sign and address of each in turn. `lengths-first`: copy all, then
   * every sign, then every address. `elementwise`: copy and sign of each in turn, then every
   * address.
   */
  readonly checks: "interleaved" | "lengths-first" | "elementwise";
  /** Whether a single segment is cut to MAX_RW_COUNT before its address is checked. */
  readonly singleIsCutFirst: boolean;
  /** The address check: a range ends at the user limit, one byte before it, or is not negative. */
  readonly addressLimit: "limit" | "limit-minus-one" | "sign-bit";
}

/** What the memory model does. Linux: mm/ */
export interface MmFeatures {
  /** Advice that madvise knows, if the configuration has it. */
  readonly advice: readonly AdviceLabel[];
  /** The answer where a flag change needs one area more than max_map_count. */
  readonly adviseMapCountErrno: "ENOMEM" | "EAGAIN";
  /** What MADV_REMOVE asks of a shared mapping. */
  readonly removeNeeds: "write" | "may-write";
  /** What MADV_PAGEOUT does with a file area whose file the caller neither owns nor may write. */
  readonly pageoutUnowned: "skip-area" | "private-anonymous-only";
  /** Whether MADV_PAGEOUT leaves the young bit alone. */
  readonly pageoutKeepsYoung: boolean;
  /** Whether what is pinned only to be read is copied first where a fork may share it. */
  readonly pinUnshares: boolean;
  /** Whether a stack grows for who reaches into it from outside. */
  readonly pinGrowsStack: boolean;
  /** Whether a page of zeros is noted in swap, and not written. */
  readonly swapNotesZeros: boolean;
  /** Whether multi-gen LRU marks a new page as referenced. */
  readonly newPageIsReferenced: boolean;
  /** Whether a new anonymous page starts on the active list. */
  readonly newAnonymousIsActive: boolean;
  /** The lock under which DONTNEED and FREE of a range within one area run. */
  readonly dropLock: "mmap" | "area";
  /** MADV_DONTNEED on hugetlb: refused, or the end rounded up or down to a huge page. */
  readonly hugetlbDontneed: "refused" | "rounds-up" | "rounds-down";
  /** Whether DONTNEED lets who reserved a huge page have it reserved again. */
  readonly hugetlbRestoresReservation: boolean;
  /** Whether a child gets the entries of shared huge pages when it next touches them, not by fork. */
  readonly hugetlbForksLazily: boolean;
  /**
   * Whether huge pages are placed as all else is: a hint is rounded up, and MAP_32BIT counts. Before,
   * it is rounded down.
   */
  readonly hugetlbHintRoundsUp: boolean;
  /**
   * Whether mmap of code that may not be read takes its protection key before it looks for a place:
   * the key stays taken then, where there is none. Before, it takes the key afterwards.
   */
  readonly executeOnlyKeyFirst: boolean;
  /**
   * Whether the search for a place goes on below a stack's guard gap once it met a stretch that is
   * long enough but for the gap: holes that lie within are passed over.
   */
  readonly gapSearchRestarts: boolean;
  /** Whether droppable memory is locked where a process locks all that is to come. */
  readonly droppableLocks: boolean;
  /** Whether PAGEOUT leaves a huge page as it is that was given up and written since. */
  readonly rewrittenStaysHuge: boolean;
  /** Whether a hole makes zeros of the parts of huge pages that it has at its ends. */
  readonly hugetlbHolesZeroParts: boolean;
  /** Whether locking on fault looks if its pages could be brought in, though it brings in none. */
  readonly onFaultLockLooks: boolean;
  /** Whether the count of pages that are locked already wraps where the range does. */
  readonly lockedCountWraps: boolean;
  /** What MADV_POPULATE_* does at a hole. */
  readonly populateHole: "continue" | "stop";
  /** Which areas may hold guard markers. */
  readonly guards: "none" | "private-anonymous" | "any";
  /** Whether an area remembers that it may hold guard markers (smaps code `gu`). */
  readonly guardFlag: boolean;
  /** mseal: absent, checked over the whole range first, or area by area inside the walk. */
  readonly seals: "none" | "whole-range" | "each-area";
  /** MAP_DROPPABLE. */
  readonly droppable: boolean;
  /** Which areas MADV_DOFORK refuses. */
  readonly doforkRefuses: "io" | "special";
  /** What MADV_COLLAPSE says of a range that rounding to whole huge pages turns inside out. */
  readonly collapseEmpty: "invalid" | "done";
  /** Whether COLLAPSE goes on behind a stretch without a page table. */
  readonly collapseGoesOn: boolean;
  /** Whether COLLAPSE succeeds over read-only and zero-page entries. */
  readonly collapseReadOnly: boolean;
  /** Whether UNMERGEABLE gives pages back for which KSM showed the page of zeros. */
  readonly ksmZeroPagesBreak: boolean;
  /** Whether a page that UNMERGEABLE takes from KSM is clean. */
  readonly unmergedPagesClean: boolean;
  /** Whether what a huge page is split into counts as used where the huge page did. */
  readonly splitKeepsYoung: boolean;
  /** Whether a huge page that was written is dirty still once mprotect has changed its entry. */
  readonly protectKeepsHugeDirty: boolean;
  /** Whether the pages of a split huge page that hold only zeros are given back. */
  readonly splitFreesZeroPages: boolean;
  /**
   * How COLD, PAGEOUT and FREE tell that others map a huge page, which they then pass by: by the
   * count of the page that they look at, by all its counts, by who maps it.
   */
  readonly hugeShared: "by-page" | "by-count" | "by-process";
  /** What the first write to a huge page of zeros brings. */
  readonly hugeZeroWrite: "page" | "huge";
  /** Whether DONTNEED takes page tables away that show nothing any more. */
  readonly dontneedFreesTables: boolean;
  /** How many modes memory policies have: MPOL_PREFERRED_MANY is the sixth, weighted ones come seventh. */
  readonly policyModes: number;
  /** Modes that MPOL_F_NUMA_BALANCING goes with; none where it is no flag. */
  readonly policyBalances: readonly ("MPOL_BIND" | "MPOL_PREFERRED_MANY")[];
  /** Whether MPOL_LOCAL is a mode of its own, and not MPOL_PREFERRED of no node. */
  readonly policyLocalIsOwn: boolean;
  /**
   * Whether vm.unprivileged_userfaultfd begins as 0, and UFFD_USER_MODE_ONLY spares who sees to its
   * own faults alone the question.
   */
  readonly userfaultfdNeedsPtrace: boolean;
  /** Whether a userfaultfd is open for reading alone. */
  readonly userfaultfdReadOnly: boolean;
  /** Whether memfd_secret is there and switched on. */
  readonly secretMemory: boolean;
  /** Whether memory that the kernel itself does not map (memfd_secret) counts as locked. */
  readonly secretIsLocked: boolean;
  /** Whether MAP_STACK sets VM_NOHUGEPAGE. */
  readonly stackIsNoHuge: boolean;
  /**
   * Which anonymous mappings are aligned to huge pages: none; all of at least a huge page; those of
   * whole huge pages; those of them that come without a hint.
   */
  readonly hugeAlignment: "none" | "large" | "multiple" | "multiple-without-hint";
  /** Whether an area with pages merges into an adjacent one without. */
  readonly mergesIntoUnfaulted: boolean;
  /**
   * Whether areas whose object is told of each (System V shared memory) give pages to a neighbour,
   * or take some, where no area goes.
   */
  readonly closableAreasJoin: boolean;
  /** Whether RLIMIT_MEMLOCK lets a user have shared segments of huge pages. */
  readonly hugeSegmentsByLimit: boolean;
  /** Which neighbour a new mapping joins when it could join either but not both. */
  readonly bridge: "left" | "right";
  /** Whether making an untouched area read-only gives its commit charge back. */
  readonly readOnlyUncharges: boolean;
  /** Whether a MAP_FIXED that fails late leaves the cut of the old mapping behind. */
  readonly failedFixedLeavesCut: boolean;
  /**
   * When an mremap with MREMAP_FIXED unmaps its destination: before it looks at the source at all;
   * once there is an area at the source, but before it is known to be long enough; the same, but
   * the new address is looked at before the source is; once the source was checked.
   */
  readonly mremap: "unmaps-first" | "looks-up-first" | "target-first" | "checks-first";
  /** Whether mremap moves several areas at once. */
  readonly mremapManyAreas: boolean;
  /** What mremap says of a new length that no address space can hold. */
  readonly mremapTooLongErrno: "ENOMEM" | "EINVAL";
  /** Whether an area that grows in place joins one of its kind behind it. */
  readonly mremapGrowthMerges: boolean;
  /** What MREMAP_DONTUNMAP moves. */
  readonly mremapDontunmap: "private-anonymous" | "any";
  /** Whether MREMAP_DONTUNMAP counts the locked pages of the area a second time. */
  readonly mremapDontunmapDoublesLocked: boolean;
  /** Whether MREMAP_DONTUNMAP of an area's middle marks the next area as charged. */
  readonly mremapDontunmapChargesNext: boolean;
  /** What MREMAP_DONTUNMAP unlocks: all of the area that it took pages of, or their range. */
  readonly mremapDontunmapUnlocks: "area" | "range";
  /** Whether the area that MREMAP_DONTUNMAP leaves behind gives its commit charge back. */
  readonly mremapDontunmapUncharges: boolean;
  /**
   * Whether mseal, behind an area that joined the sealed one above it, joins the next to nothing.
   */
  readonly sealForgetsMerge: boolean;
  /** Which mappings keep F_SEAL_WRITE off: shared ones, or those of them that may be written. */
  readonly sealCountsMappings: "shared" | "writable";
  /** Whether an mmap that F_SEAL_FUTURE_WRITE refuses unmaps what was there. */
  readonly futureSealLeavesHole: boolean;
  /** PR_SET_MEMORY_MERGE: absent, or whether a new area is marked before it looks for neighbours. */
  readonly memoryMerge: "none" | "after-joining" | "before-joining";
  /** Which memory PR_SET_VMA_ANON_NAME names: none; private memory; shared anonymous memory too. */
  readonly anonNames: "none" | "private" | "shared";
  /** Whether PR_SET_THP_DISABLE takes flags. */
  readonly thpDisableFlags: boolean;
  /** PR_SET_MDWE: absent, present, with PR_MDWE_NO_INHERIT. */
  readonly mdwe: "none" | "set" | "no-inherit";
  /** MFD_EXEC, MFD_NOEXEC_SEAL and F_SEAL_EXEC. */
  readonly memfdExec: boolean;
  /**
   * How fallocate tells modes that do not go together: as bits, some of them with EINVAL; as one of
   * some modes, beside the flag that keeps the size.
   */
  readonly fallocateModes: "mixed" | "exclusive";
  /** Whether seals keep a hole out of files of huge pages that is smaller than such a page. */
  readonly sealsKeepSmallHoles: boolean;
  /** FALLOC_FL_WRITE_ZEROES. */
  readonly fallocateWriteZeroes: boolean;
  /** Pages per CPU that wait for the LRU. */
  readonly lruBatch: number;
  /** Whether part of a special mapping (vdso) may be cut off. */
  readonly specialMaySplit: boolean;
  /** The kind of the vvar mapping: fixed frames (`pfnmap`) or pages (`mixedmap`). */
  readonly vvar: "pfnmap" | "mixedmap";
  /** Whether the vvar mapping counts as device memory (smaps code `io`). */
  readonly vvarIsIo: boolean;
  /** Whether memory failure of a clean page that cannot be handled counts as success. */
  readonly injectIgnoresUnsupported: boolean;
  /** Whether /proc/PID/maps calls an area that merely touches an empty heap `[heap]`. */
  readonly heapNameTouches: boolean;
  /** Whether brk gives back memory only from where an area is. */
  readonly breakNeedsArea: boolean;
  /** Whether the first growth of the heap never joins the area below it: the program's data. */
  readonly emptyHeapStandsAlone: boolean;
  /** Whether smaps has the lines Pss_Dirty, and KSM. */
  readonly smapsPssDirty: boolean;
  readonly smapsKsm: boolean;
  /** Whether smaps pads the number of THPeligible as it pads the others. */
  readonly smapsPadsThp: boolean;
  /** Whether smaps has a code for locking on fault, `lf`; `??` stands there else. */
  readonly lockOnFaultCode: boolean;
  /** Whether pagemap takes the huge page of zeros for a file's. */
  readonly pagemapHugeZeroIsFile: boolean;
  /** Of which page of a huge page pagemap says whether it is mapped once (bit 56). */
  readonly pagemapHugeExclusive: "first-page" | "each-page";
  /** Whether pagemap marks guards (bit 58). */
  readonly pagemapShowsGuards: boolean;
  /**
   * How status counts resident pages and swap entries: in each task first, 64 faults late; on each
   * CPU first, in batches; exactly.
   */
  readonly residentCounters: "per-task" | "per-cpu" | "exact";
}

/** Access checks and credentials. Linux: kernel/ptrace.c, kernel/cred.c, kernel/sys.c */
export interface SecurityFeatures {
  /** Whether CAP_PERFMON or CAP_SYS_ADMIN opens a READ access that everything else refused. */
  readonly perfmonReads: boolean;
  /**
   * How a task without memory answers for its dumpable state: not at all; by a bit saved when it
   * gave its memory up; by a state that outlives the memory, and that kernel threads share too.
   */
  readonly deadTaskDumpable: "skip" | "saved-bit" | "exec-state";
  /** Whether setresuid and setresgid return early where nothing but the fs id would change. */
  readonly setresNoOp: boolean;
  /** Whether execve holds new ids against the old effective ones instead of the real ones. */
  readonly execComparesEffective: boolean;
  /** Whether the kernel has Landlock. */
  readonly landlock: boolean;
  /** The two securebits that restrict exec. */
  readonly execSecurebits: boolean;
  /** Whether those two bits survive a new user namespace. */
  readonly namespaceKeepsExecSecurebits: boolean;
  /** The highest capability. */
  readonly lastCapability: number;
  /** Whether mapping the parent's root takes CAP_SETFCAP of whoever made the namespace. */
  readonly rootMapNeedsSetfcap: boolean;
}

/** pidfds and processes. Linux: kernel/pid.c, fs/pidfs.c, kernel/fork.c, kernel/signal.c */
export interface PidfdFeatures {
  /** pidfd_open's PIDFD_NONBLOCK. */
  readonly nonblock: boolean;
  /** close_range's CLOSE_RANGE_CLOEXEC. */
  readonly closeRangeOnExec: boolean;
  /** Whether a signal that dumps core ends other processes too, which share the memory. */
  readonly coreDumpEndsSharers: boolean;
  /** pidfd_open's PIDFD_THREAD, and CLONE_PIDFD with CLONE_THREAD. */
  readonly threads: boolean;
  /** What pidfd_open says of a thread that leads no group. */
  readonly notLeader: "EINVAL" | "ENOENT";
  /** What pidfd_open says of a number that survives only as a process group. */
  readonly groupOnly: "EINVAL" | "ESRCH";
  /** The sentinel that means the calling thread, or null. */
  readonly selfThread: number | null;
  /** The sentinel that means the caller's thread group, or null. */
  readonly selfGroup: number | null;
  /** Whether a pidfd reports a hang-up after its process was reaped. */
  readonly hangUp: boolean;
  /** Whether the pidfd of a leader's thread stays silent while other threads of its group live. */
  readonly leaderWaitsForThreads: boolean;
  /** What pidfd_getfd says of a target that is exiting. */
  readonly getfdExiting: "EBADF" | "ESRCH";
  /** Scope flags of pidfd_send_signal. */
  readonly signalScopes: boolean;
  /** How process_madvise and process_mrelease look a task up. */
  readonly lookup: "thread" | "group";
  /** clone3's CLONE_AUTOREAP, CLONE_NNP, CLONE_PIDFD_AUTOKILL and CLONE_EMPTY_MNTNS. */
  readonly cloneAutoreap: boolean;
  /**
   * Whose status a process has whose threads ended one by one: its leader's, also where that ended
   * first, or that of the thread that ended last.
   */
  readonly exitStatus: "leader" | "last-thread";
  /** Whether every number that clone3 asks for is looked at before any is found in use. */
  readonly setTidChecksAll: boolean;
  /** Whether clone refuses an exit signal that is no signal. */
  readonly cloneChecksSignal: boolean;
  /**
   * What a pidfd does with an ioctl that is none of its own: `none` are its own, `argument` it may
   * have none where it is not known, `number` its number is looked at first.
   */
  readonly ioctls: "none" | "argument" | "number";
  /** What a pidfd is for calls that want a file: none; one that nobody may change; a regular one. */
  readonly fileKind: "none" | "immutable" | "regular";
  /** Whether a pidfd asks who may read a process before it asks whether that still has namespaces. */
  readonly namespacesAskFirst: boolean;
  /** What PIDFD_GET_INFO says of a process outside of the caller's pid namespace. */
  readonly infoOutside: "ESRCH" | "EREMOTE";
  /** How large PIDFD_GET_INFO's structure is; 0 where there is no such request. */
  readonly infoBytes: 0 | 64 | 72 | 80 | 88;
  /** Whether PIDFD_GET_INFO tells how a process ended that was waited for. */
  readonly infoOfEnded: boolean;
  /** Whether PIDFD_GET_INFO's direction counts, and a size that is too small is another request. */
  readonly infoExact: boolean;
  /**
   * Of whom PIDFD_GET_INFO says what becomes of a core dump: of nobody; of whoever has memory, the
   * mark being set for all; of whoever has memory; of whoever was not waited for.
   */
  readonly infoCoredump: "none" | "all-marked" | "with-memory" | "not-reaped";
  /** What PIDFD_GET_INFO says that it can tell; 0 where it cannot say so. */
  readonly infoSupported: number;
}

/** The system-call entry. */
export interface AbiFeatures {
  /** Whether x86-64's entry looks at the low 32 bits of a call's number alone. */
  readonly numberIsInt: boolean;
  /** Whether i386's entry widens parameters declared `long` by their sign. */
  readonly compatSignExtendsLong: boolean;
  /** Whether a program is opened before the words for it are looked at. */
  readonly programOpensFirst: boolean;
  /** Whether execveat looks at its flags before it reads the path. */
  readonly execFlagsFirst: boolean;
  /**
   * Whether a program enters the time namespace that its process left for: then who shares memory
   * may be made before, which is refused otherwise.
   */
  readonly execEntersTime: boolean;
  /** Whether execveat can be asked if it would execute a program (AT_EXECVE_CHECK). */
  readonly executionCheck: boolean;
  /** The entries by which map_shadow_stack is to be had, where it is built in. */
  readonly shadowStackEntries: readonly ("x86-64" | "i386" | "arm64")[];
  /** Names of the calls that this kernel has and 5.8 has not. */
  readonly calls: readonly string[];
}

/** Every switch of one kernel. */
export interface Features {
  readonly processMadvise: ProcessMadviseFeatures;
  readonly vector: VectorFeatures;
  readonly mm: MmFeatures;
  readonly security: SecurityFeatures;
  readonly pidfd: PidfdFeatures;
  readonly abi: AbiFeatures;
}

/** What one change sets. */
export type FeaturePatch = { readonly [section in keyof Features]?: Partial<Features[section]> };
