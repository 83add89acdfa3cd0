/**
 * Configuration and run-time settings of a machine: part of its profile, because they change
 * answers.
 *
 * A setting that nobody stated has the usual value and is *assumed*; a rule that reads it leaves
 * its answer open.
 */
export interface Settings {
  /** Binary logarithm of the page size in bytes: 12, 14 or 16. */
  readonly pageShift: number;
  /** Bits of a user address: 47 (x86-64), 48 (arm64) or 56 (x86-64 with five levels). */
  readonly userBits: number;
  /** CONFIG_SWAP, and a swap device that is on. */
  readonly swap: boolean;
  /** CONFIG_KSM. */
  readonly ksm: boolean;
  /** CONFIG_TRANSPARENT_HUGEPAGE. */
  readonly thp: boolean;
  /** /sys/kernel/mm/transparent_hugepage/enabled */
  readonly thpEnabled: "always" | "madvise" | "never";
  /** CONFIG_MEMORY_FAILURE. */
  readonly memoryFailure: boolean;
  /** CONFIG_LRU_GEN, switched on. */
  readonly multiGenLru: boolean;
  /** CONFIG_MEM_SOFT_DIRTY. */
  readonly softDirty: boolean;
  /** CONFIG_ANON_VMA_NAME. */
  readonly anonName: boolean;
  /** CONFIG_X86_INTEL_MEMORY_PROTECTION_KEYS, and a processor that has them. */
  readonly protectionKeys: boolean;
  /**
   * Shadow stacks of user programs: not built in (CONFIG_X86_USER_SHADOW_STACK, CONFIG_ARM64_GCS),
   * built in for a processor that has none, or there.
   */
  readonly shadowStacks: "not-built" | "no-processor" | "yes";
  /** vm.unprivileged_userfaultfd: 1 unless it is set up to 5.10, and 0 since 5.11. */
  readonly unprivilegedUserfaultfd: boolean;
  /** CONFIG_ADVISE_SYSCALLS. */
  readonly adviseSyscalls: boolean;
  /** vm.max_map_count */
  readonly maxMapCount: number;
  /** vm.mmap_min_addr, in bytes. */
  readonly mmapMinAddr: number;
  /** CONFIG_LSM_MMAP_MIN_ADDR, in bytes: hints are raised to the larger of the two. */
  readonly lsmMmapMinAddr: number;
  /** vm.overcommit_memory */
  readonly overcommit: 0 | 1 | 2;
  /** Pages of memory and swap: the most that one mapping may ask for in overcommit mode 0. */
  readonly commitPages: number;
  /** CommitLimit of /proc/meminfo in pages: the most that overcommit mode 2 promises in all. */
  readonly commitLimitPages: number;
  /** Committed_AS of /proc/meminfo in pages: what others were promised when everything begins. */
  readonly committedPages: number;
  /** vm.admin_reserve_kbytes in pages: mode 2 keeps them for who has CAP_SYS_ADMIN. */
  readonly adminReservePages: number;
  /** vm.user_reserve_kbytes in pages: the most that mode 2 keeps for others than a large process. */
  readonly userReservePages: number;
  /** vm.nr_hugepages: how many huge pages of the default size the pool has. */
  readonly hugePages: number;
  /** vm.nr_overcommit_hugepages: how many more may be made while they are asked for. */
  readonly overcommitHugePages: number;
  /** fs.suid_dumpable */
  readonly suidDumpable: 0 | 1 | 2;
  /** kernel.yama.ptrace_scope, or null where Yama is not built in. */
  readonly ptraceScope: 0 | 1 | 2 | 3 | null;
  /** kernel.pid_max */
  readonly pidMax: number;
}

/** What a quiet x86-64 server has. */
export const USUAL_SETTINGS: Settings = {
  pageShift: 12,
  userBits: 47,
  swap: true,
  ksm: true,
  thp: true,
  thpEnabled: "madvise",
  memoryFailure: true,
  multiGenLru: false,
  softDirty: true,
  anonName: false,
  protectionKeys: true,
  shadowStacks: "no-processor",
  unprivilegedUserfaultfd: false,
  adviseSyscalls: true,
  maxMapCount: 65530,
  mmapMinAddr: 65536,
  lsmMmapMinAddr: 65536,
  overcommit: 0,
  commitPages: 4 * 1024 * 1024,
  commitLimitPages: 2 * 1024 * 1024,
  committedPages: 64 * 1024,
  adminReservePages: 2048,
  userReservePages: 32_768,
  hugePages: 0,
  overcommitHugePages: 0,
  suidDumpable: 0,
  ptraceScope: 0,
  pidMax: 32768,
};

/** What a setting may be, where the values are few: what a judge tries. */
export const SETTING_ALTERNATIVES: { readonly [key in keyof Settings]?: readonly Settings[key][] } =
  {
    swap: [true, false],
    ksm: [true, false],
    thp: [true, false],
    thpEnabled: ["always", "madvise", "never"],
    memoryFailure: [true, false],
    multiGenLru: [true, false],
    softDirty: [true, false],
    anonName: [true, false],
    protectionKeys: [true, false],
    shadowStacks: ["not-built", "no-processor", "yes"],
    unprivilegedUserfaultfd: [true, false],
    adviseSyscalls: [true, false],
    // What distributions set, what Linux has by itself, and no protection.
    mmapMinAddr: [65536, 4096, 0],
    overcommit: [0, 1, 2],
    suidDumpable: [0, 1, 2],
    ptraceScope: [null, 0, 1, 2, 3],
  };
