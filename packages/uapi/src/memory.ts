/**
 * Numbers of the memory calls: protections, mapping flags, and the flags of mlock, msync, mremap
 * and friends.
 *
 * Linux: include/uapi/asm-generic/mman-common.h, include/uapi/asm-generic/mman.h,
 * include/uapi/linux/mman.h, arch/x86/include/uapi/asm/mman.h
 */
export const PROT = {
  PROT_NONE: 0,
  PROT_READ: 1,
  PROT_WRITE: 2,
  PROT_EXEC: 4,
  PROT_SEM: 8,
  PROT_GROWSDOWN: 0x0100_0000,
  PROT_GROWSUP: 0x0200_0000,
} as const;

export const MAP = {
  MAP_SHARED: 0x01,
  MAP_PRIVATE: 0x02,
  MAP_SHARED_VALIDATE: 0x03,
  MAP_DROPPABLE: 0x08,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_32BIT: 0x40,
  MAP_ABOVE4G: 0x80,
  MAP_GROWSDOWN: 0x0100,
  MAP_DENYWRITE: 0x0800,
  MAP_EXECUTABLE: 0x1000,
  MAP_LOCKED: 0x2000,
  MAP_NORESERVE: 0x4000,
  MAP_POPULATE: 0x8000,
  MAP_NONBLOCK: 0x1_0000,
  MAP_STACK: 0x2_0000,
  MAP_HUGETLB: 0x4_0000,
  MAP_SYNC: 0x8_0000,
  MAP_FIXED_NOREPLACE: 0x10_0000,
} as const;

/**
 * The bits of mmap's flags that hold the mapping type: shared, private, shared-validate or
 * droppable.
 */
export const MAP_TYPE = 0x0f;

/** Where a MAP_HUGETLB mapping keeps the binary logarithm of its page size. */
export const MAP_HUGE_SHIFT = 26;
export const MAP_HUGE_MASK = 0x3f;

export const MREMAP = { MREMAP_MAYMOVE: 1, MREMAP_FIXED: 2, MREMAP_DONTUNMAP: 4 } as const;
/** What a thread may not do with what has a protection key. */
export const PKEY = { PKEY_DISABLE_ACCESS: 1, PKEY_DISABLE_WRITE: 2 } as const;
/** What map_shadow_stack puts at the end of the stack. Linux: include/uapi/asm-generic/mman.h */
export const SHADOW_STACK = { SHADOW_STACK_SET_TOKEN: 1, SHADOW_STACK_SET_MARKER: 2 } as const;
export const MLOCK2 = { MLOCK_ONFAULT: 1 } as const;
export const MCL = { MCL_CURRENT: 1, MCL_FUTURE: 2, MCL_ONFAULT: 4 } as const;
export const MS = { MS_ASYNC: 1, MS_INVALIDATE: 2, MS_SYNC: 4 } as const;

/** Where memory comes from on a machine of several nodes. Linux: include/uapi/linux/mempolicy.h */
export const MPOL = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  /** Since 5.15. */
  MPOL_PREFERRED_MANY: 5,
  /** Since 6.9. */
  MPOL_WEIGHTED_INTERLEAVE: 6,
} as const;

/** Bits beside a policy's mode. */
export const MPOL_MODE_FLAG = {
  MPOL_F_STATIC_NODES: 0x8000,
  MPOL_F_RELATIVE_NODES: 0x4000,
  /** Since 5.12. */
  MPOL_F_NUMA_BALANCING: 0x2000,
} as const;

/** What get_mempolicy is asked for. */
export const MPOL_F = { MPOL_F_NODE: 1, MPOL_F_ADDR: 2, MPOL_F_MEMS_ALLOWED: 4 } as const;

/** What mbind does with pages that are there already. */
export const MPOL_MF = { MPOL_MF_STRICT: 1, MPOL_MF_MOVE: 2, MPOL_MF_MOVE_ALL: 4 } as const;
