/**
 * System V shared memory: numbers and layouts.
 *
 * Linux: include/uapi/linux/ipc.h, include/uapi/linux/shm.h, include/uapi/asm-generic/shmbuf.h,
 * arch/x86/include/asm/compat.h struct compat_shmid64_ds
 */
export const IPC = {
  IPC_RMID: 0,
  IPC_SET: 1,
  IPC_STAT: 2,
  IPC_INFO: 3,
  SHM_LOCK: 11,
  SHM_UNLOCK: 12,
  SHM_STAT: 13,
  SHM_INFO: 14,
  SHM_STAT_ANY: 15,
} as const;

export const IPC_PRIVATE = 0;
/** Beside a command of i386's ipc: the structures are the newer ones. */
export const IPC_64 = 0x100;

/** shmget's flags, besides the nine permission bits. */
export const SHMGET = {
  IPC_CREAT: 0o1000,
  IPC_EXCL: 0o2000,
  SHM_HUGETLB: 0o4000,
  SHM_NORESERVE: 0o10000,
} as const;

/** shmat's flags. */
export const SHM = {
  SHM_RDONLY: 0o10000,
  SHM_RND: 0o20000,
  SHM_REMAP: 0o40000,
  SHM_EXEC: 0o100000,
} as const;

/** What a segment's mode has beside the permission bits. */
export const SHM_MODE = { SHM_DEST: 0o1000, SHM_LOCKED: 0o2000 } as const;

/** What i386's ipc can be told to do of shared memory. */
export const IPC_CALL = { SHMAT: 21, SHMDT: 22, SHMGET: 23, SHMCTL: 24 } as const;

/** A field of shmid_ds that says something. */
export type ShmidField =
  | "key"
  | "uid"
  | "gid"
  | "cuid"
  | "cgid"
  | "mode"
  | "seq"
  | "segmentBytes"
  | "atime"
  | "dtime"
  | "ctime"
  | "cpid"
  | "lpid"
  | "nattch";

/** Where a field lies, and how wide it is. */
export type FieldPlace = readonly [offset: number, bytes: 2 | 4 | 8];

/** How shmid_ds lies in memory. */
export interface ShmidLayout {
  readonly bytes: number;
  readonly fields: { readonly [field in ShmidField]: FieldPlace };
}

const PERMISSIONS = {
  key: [0, 4],
  uid: [4, 4],
  gid: [8, 4],
  cuid: [12, 4],
  cgid: [16, 4],
} as const;

/** x86-64 and arm64. */
export const SHMID_64: ShmidLayout = {
  bytes: 112,
  fields: {
    ...PERMISSIONS,
    ...{ mode: [20, 4], seq: [24, 2], segmentBytes: [48, 8] },
    ...{ atime: [56, 8], dtime: [64, 8], ctime: [72, 8] },
    ...{ cpid: [80, 4], lpid: [84, 4], nattch: [88, 8] },
  },
};

/** i386, since IPC_64. */
export const SHMID_COMPAT: ShmidLayout = {
  bytes: 84,
  fields: {
    ...PERMISSIONS,
    ...{ mode: [20, 2], seq: [24, 2], segmentBytes: [36, 4] },
    // Each time has its upper half behind it.
    ...{ atime: [40, 8], dtime: [48, 8], ctime: [56, 8] },
    ...{ cpid: [64, 4], lpid: [68, 4], nattch: [72, 4] },
  },
};

/** i386, without IPC_64: ids and modes of 16 bits. */
export const SHMID_OLD: ShmidLayout = {
  bytes: 48,
  fields: {
    ...{ key: [0, 4], uid: [4, 2], gid: [6, 2], cuid: [8, 2], cgid: [10, 2] },
    ...{ mode: [12, 2], seq: [14, 2], segmentBytes: [16, 4] },
    ...{ atime: [20, 4], dtime: [24, 4], ctime: [28, 4] },
    ...{ cpid: [32, 2], lpid: [34, 2], nattch: [36, 2] },
  },
};
