import { ALWAYS, type SecurityReason } from "./entry.ts";

const CAPSET = "security/commoncap.c: cap_capset";
const PRCTL = "security/commoncap.c: cap_task_prctl";

type Id =
  | "capget/version"
  | "capget/pid-negative"
  | "capget/no-such-task"
  | "capset/version"
  | "capset/other-task"
  | "capset/inheritable-beyond-permitted"
  | "capset/inheritable-beyond-bounding"
  | "capset/permitted-raised"
  | "capset/effective-beyond-permitted"
  | "prctl/bounding-not-permitted"
  | "prctl/capability-invalid"
  | "prctl/ambient-arguments"
  | "prctl/ambient-not-held"
  | "prctl/ambient-raise-forbidden"
  | "prctl/securebits-not-permitted"
  | "prctl/securebits-locked"
  | "prctl/securebits-unknown"
  | "prctl/keepcaps-value"
  | "prctl/keepcaps-locked"
  | "prctl/dumpable-value"
  | "prctl/no-new-privs-arguments"
  | "prctl/parent-death-signal-value"
  | "prctl/option-unknown";

const version: SecurityReason = {
  errno: "EINVAL",
  text: "the header names no version of the capability calls; the kernel writes its own into it",
  passes: "the header names a version of the capability calls",
  linux: "kernel/capability.c: cap_validate_magic",
  since: ALWAYS,
  remedy: "_LINUX_CAPABILITY_VERSION_3",
  compares: ["version"],
};

/** capget, capset, and the prctl options that change credentials. */
export const CAPABILITY_REASONS: { readonly [id in Id]: SecurityReason } = {
  "capget/version": version,
  "capget/pid-negative": {
    errno: "EINVAL",
    text: "capget does not take a negative pid",
    passes: "the pid is not negative",
    linux: "kernel/capability.c: capget",
    since: ALWAYS,
    remedy: "0 for oneself, or a pid",
    compares: ["pid"],
  },
  "capget/no-such-task": {
    errno: "ESRCH",
    text: "no task has that pid in the caller's pid namespace",
    passes: "the pid names a task",
    linux: "kernel/capability.c: cap_get_target_pid",
    since: ALWAYS,
    remedy: "the pid of a living task",
    compares: ["pid"],
  },
  "capset/version": version,
  "capset/other-task": {
    errno: "EPERM",
    text: "capset changes the calling thread alone",
    passes: "the pid is 0 or the calling thread's own",
    linux: "kernel/capability.c: capset",
    since: "2.6.24",
    remedy: "pid 0, by the thread itself",
    compares: ["pid", "own"],
  },
  "capset/inheritable-beyond-permitted": {
    errno: "EPERM",
    text: "without CAP_SETPCAP a task makes inheritable only what is inheritable or permitted already",
    passes: "the new inheritable set holds nothing new, or the task has CAP_SETPCAP",
    linux: CAPSET,
    since: ALWAYS,
    remedy: "CAP_SETPCAP, or fewer inheritable capabilities",
    compares: ["beyond"],
  },
  "capset/inheritable-beyond-bounding": {
    errno: "EPERM",
    text: "what is newly inheritable must be in the bounding set",
    passes: "what is newly inheritable is in the bounding set",
    linux: CAPSET,
    since: "2.6.25",
    remedy: "fewer inheritable capabilities",
    compares: ["beyond"],
  },
  "capset/permitted-raised": {
    errno: "EPERM",
    text: "the permitted set never grows by capset",
    passes: "the permitted set does not grow",
    linux: CAPSET,
    since: ALWAYS,
    remedy: "fewer permitted capabilities; an exec may grant new ones",
    compares: ["beyond"],
  },
  "capset/effective-beyond-permitted": {
    errno: "EPERM",
    text: "what is effective must be in the new permitted set",
    passes: "what is effective is in the new permitted set",
    linux: CAPSET,
    since: ALWAYS,
    remedy: "fewer effective capabilities",
    compares: ["beyond"],
  },
  "prctl/bounding-not-permitted": {
    errno: "EPERM",
    text: "dropping from the bounding set takes CAP_SETPCAP",
    passes: "the task has CAP_SETPCAP",
    linux: "security/commoncap.c: cap_prctl_drop",
    since: "2.6.25",
    remedy: "CAP_SETPCAP in the caller's user namespace",
  },
  "prctl/capability-invalid": {
    errno: "EINVAL",
    text: "no capability has that number",
    passes: "the number is that of a capability",
    linux: PRCTL,
    since: "2.6.25",
    remedy: "a number up to /proc/sys/kernel/cap_last_cap",
    compares: ["capability", "last"],
  },
  "prctl/ambient-arguments": {
    errno: "EINVAL",
    text: "PR_CAP_AMBIENT does not know the operation, or an argument that must be zero is not",
    passes: "the operation and its arguments are valid",
    linux: PRCTL,
    since: "4.3",
    remedy: "PR_CAP_AMBIENT_RAISE, _LOWER or _IS_SET with a capability, or _CLEAR_ALL with zeros",
    compares: ["operation"],
  },
  "prctl/ambient-not-held": {
    errno: "EPERM",
    text: "only what is both permitted and inheritable becomes ambient",
    passes: "the capability is permitted and inheritable",
    linux: PRCTL,
    since: "4.3",
    remedy: "the capability in both sets first",
    compares: ["capability"],
  },
  "prctl/ambient-raise-forbidden": {
    errno: "EPERM",
    text: "the securebit NO_CAP_AMBIENT_RAISE is set",
    passes: "the securebit NO_CAP_AMBIENT_RAISE is not set",
    linux: PRCTL,
    since: "4.3",
    remedy: "that securebit cleared, if it is not locked",
  },
  "prctl/securebits-not-permitted": {
    errno: "EPERM",
    text: "changing securebits takes CAP_SETPCAP",
    passes: "the task has CAP_SETPCAP, or changes only the bits that everybody may",
    linux: PRCTL,
    since: "2.6.26",
    remedy: "CAP_SETPCAP in the caller's user namespace",
    compares: ["from", "to"],
  },
  "prctl/securebits-locked": {
    errno: "EPERM",
    text: "a locked securebit does not change, and a lock does not open",
    passes: "no locked securebit changes and no lock opens",
    linux: PRCTL,
    since: "2.6.26",
    remedy: "nothing: locks stay until the process ends",
    compares: ["from", "to"],
  },
  "prctl/securebits-unknown": {
    errno: "EPERM",
    text: "a bit is set that is no securebit of this kernel",
    passes: "every bit is a securebit of this kernel",
    linux: PRCTL,
    since: "2.6.26",
    remedy: "only bits that the kernel knows",
    compares: ["to"],
  },
  "prctl/keepcaps-value": {
    errno: "EINVAL",
    text: "PR_SET_KEEPCAPS takes 0 or 1",
    passes: "the value is 0 or 1",
    linux: PRCTL,
    since: ALWAYS,
    remedy: "0 or 1, all 64 bits of it",
    compares: ["value"],
  },
  "prctl/keepcaps-locked": {
    errno: "EPERM",
    text: "the securebit KEEP_CAPS is locked",
    passes: "the securebit KEEP_CAPS is not locked",
    linux: PRCTL,
    since: "2.6.26",
    remedy: "nothing: locks stay until the process ends",
  },
  "prctl/dumpable-value": {
    errno: "EINVAL",
    text: "PR_SET_DUMPABLE takes 0 or 1",
    passes: "the value is 0 or 1",
    linux: "kernel/sys.c: prctl",
    since: "2.6.17",
    remedy: "0 or 1, all 64 bits of it; 2 is the kernel's to set",
    compares: ["value"],
  },
  "prctl/no-new-privs-arguments": {
    errno: "EINVAL",
    text: "PR_SET_NO_NEW_PRIVS takes 1 and three zeros, PR_GET_NO_NEW_PRIVS four zeros",
    passes: "the arguments are 1 and zeros, or zeros",
    linux: "kernel/sys.c: prctl",
    since: "3.5",
    remedy: "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)",
    compares: ["value"],
  },
  "prctl/parent-death-signal-value": {
    errno: "EINVAL",
    text: "no signal has that number",
    passes: "the number is 0 or that of a signal",
    linux: "kernel/sys.c: prctl",
    since: ALWAYS,
    remedy: "0 to 64",
    compares: ["signal"],
  },
  "prctl/option-unknown": {
    errno: "EINVAL",
    text: "no policy in the stack knows this option",
    passes: "a policy knows this option",
    linux: "kernel/sys.c: prctl",
    since: ALWAYS,
    remedy: "for PR_SET_PTRACER, a kernel with Yama",
    compares: ["option"],
  },
};
