/**
 * `CAP_*` numbers.
 *
 * Linux: include/uapi/linux/capability.h. The last three came with 5.8 (PERFMON, BPF) and 5.9
 * (CHECKPOINT_RESTORE).
 */
export const CAP = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_FOWNER: 3,
  CAP_FSETID: 4,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_SETPCAP: 8,
  CAP_LINUX_IMMUTABLE: 9,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_BROADCAST: 11,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_IPC_LOCK: 14,
  CAP_IPC_OWNER: 15,
  CAP_SYS_MODULE: 16,
  CAP_SYS_RAWIO: 17,
  CAP_SYS_CHROOT: 18,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_PACCT: 20,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_BOOT: 22,
  CAP_SYS_NICE: 23,
  CAP_SYS_RESOURCE: 24,
  CAP_SYS_TIME: 25,
  CAP_SYS_TTY_CONFIG: 26,
  CAP_MKNOD: 27,
  CAP_LEASE: 28,
  CAP_AUDIT_WRITE: 29,
  CAP_AUDIT_CONTROL: 30,
  CAP_SETFCAP: 31,
  CAP_MAC_OVERRIDE: 32,
  CAP_MAC_ADMIN: 33,
  CAP_SYSLOG: 34,
  CAP_WAKE_ALARM: 35,
  CAP_BLOCK_SUSPEND: 36,
  CAP_AUDIT_READ: 37,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
  CAP_CHECKPOINT_RESTORE: 40,
} as const;

/** The name of a capability. */
export type CapabilityName = keyof typeof CAP;

/** The highest capability number that the data knows. */
export const CAP_LAST_CAP = 40;

/** capset's header versions; version 3 is what every present C library uses. */
export const CAPABILITY_VERSION = {
  _LINUX_CAPABILITY_VERSION_1: 0x1998_0330,
  _LINUX_CAPABILITY_VERSION_2: 0x2007_1026,
  _LINUX_CAPABILITY_VERSION_3: 0x2008_0522,
} as const;

const NAMES: ReadonlyMap<number, CapabilityName> = new Map(
  Object.entries(CAP).map(([name, number]) => [number, name as CapabilityName]),
);

/** The name of a capability number, or `undefined` above {@link CAP_LAST_CAP}. */
export function capabilityName(number: number): CapabilityName | undefined {
  return NAMES.get(number);
}
