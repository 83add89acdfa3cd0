import type { Change } from "../change.ts";

/** Access checks and credentials. */
export const CREDENTIAL_CHANGES: readonly Change[] = [
  {
    id: "capability-40",
    subject: "CAP_CHECKPOINT_RESTORE (40) is the highest capability",
    mainline: "5.9",
    source: "include/uapi/linux/capability.h 5.9; asked on 5.10.223",
    set: { security: { lastCapability: 40 } },
  },
  {
    id: "root-map-needs-setfcap",
    subject: "mapping the parent's root into a user namespace takes CAP_SETFCAP of its maker",
    mainline: "5.12",
    stable: { "5.10": [0, 223] },
    source: '"require CAP_SETFCAP to map uid 0" of 2021-04-20; asked on 5.10.223',
    set: { security: { rootMapNeedsSetfcap: true } },
  },
  {
    id: "landlock",
    subject: "Landlock",
    mainline: "5.13",
    source:
      "security/landlock/ptrace.c; present in 5.14-rc5, absent in 5.12.9; asked on 5.10.223 " +
      "(without) and 6.1.170 (with)",
    set: { security: { landlock: true } },
  },
  {
    id: "setres-no-op",
    subject: "setresuid and setresgid return early where only the fs id would change",
    mainline: "6.3",
    stable: { "5.10": 179, "5.15": 109, "6.1": 26, "6.2": 13 },
    source:
      '"fix and improve control flow in __sys_setres[ug]id()" of 2023-02-17; review of ' +
      "2023-04-24 for 5.10.179 (33 of 68), the other lines with it; asked on 5.10.223",
    set: { security: { setresNoOp: true } },
  },
  {
    id: "exec-securebits",
    subject: "securebits that restrict exec",
    mainline: "6.14",
    source:
      "include/uapi/linux/securebits.h; absent in 6.13.7; asked on 6.12.117 (without) and " +
      "6.16.12 (with)",
    set: { security: { execSecurebits: true } },
  },
  {
    id: "perfmon-reads",
    subject: "CAP_PERFMON opens READ access to any address space",
    mainline: "6.15",
    source:
      '"allow read-only remote mm access under CAP_PERFMON", in a pull for 6.15; kernel/fork.c ' +
      "may_access_mm; asked on 6.12.117 (without) and 6.16.12 (with)",
    set: { security: { perfmonReads: true } },
  },
  {
    id: "exec-compares-effective",
    subject: "execve compares a set-id program with the old effective ids",
    mainline: "6.17",
    source:
      '"exec: Correct the permission check for unsafe exec"; security/commoncap.c ' +
      "cap_bprm_creds_from_file; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { security: { execComparesEffective: true } },
  },
  {
    id: "dead-task-saved-dumpable",
    subject: "a task without memory keeps its dumpable state for the access check",
    mainline: "7.1",
    stable: {
      "5.10": 256,
      "5.15": 207,
      "6.1": 173,
      "6.6": 139,
      "6.12": 89,
      "6.18": 31,
      "7.0": 8,
    },
    source:
      "31e62c2ebbfd of 2026-05-13 and the stable releases of the two days after; " +
      "kernel/ptrace.c task_still_dumpable; asked on 5.10.223, 6.1.170, 6.18.15, 6.19.14 " +
      "(without), 6.1.176, 6.12.100, 6.18.44, 7.0.13, 7.1.13 (with); Debian's 6.1.172 has it too",
    set: { security: { deadTaskDumpable: "saved-bit" } },
  },
  {
    id: "exec-state",
    subject: "dumpable and user namespace of the last exec live in a state of their own",
    mainline: "7.2",
    source: "kernel/exec_state.c; asked on 7.1.13 (without) and 7.2.12 (with)",
    set: { security: { deadTaskDumpable: "exec-state" } },
  },
  {
    id: "namespace-keeps-exec-securebits",
    subject: "the securebits that restrict exec survive a new user namespace",
    mainline: "7.3.4",
    lastWithout: "7.2.12",
    source: "asked on 7.2.12 (without) and 7.3.4 (with)",
    set: { security: { namespaceKeepsExecSecurebits: true } },
  },
];
