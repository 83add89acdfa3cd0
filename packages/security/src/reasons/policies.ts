import { ALWAYS, type SecurityReason } from "./entry.ts";

const YAMA = "security/yama/yama_lsm.c: yama_ptrace_access_check";
const YAMA_TRACEME = "security/yama/yama_lsm.c: yama_ptrace_traceme";

type Id =
  | "commoncap/capability-missing"
  | "commoncap/namespace-not-below"
  | "commoncap/ptrace-permitted-not-subset"
  | "commoncap/traceme-permitted-not-subset"
  | "yama/restricted"
  | "yama/admin-only"
  | "yama/no-attach"
  | "yama/traceme-admin-only"
  | "yama/traceme-no-attach"
  | "yama/ptracer-unknown"
  | "landlock/outside-domain"
  | "landlock/absent"
  | "landlock/no-new-privs-missing"
  | "landlock/too-many-layers"
  | "seccomp/listed"
  | "type_enforcement/ptrace-denied"
  | "type_enforcement/capability-denied";

/** The policies that come with the package. */
export const POLICY_REASONS: { readonly [id in Id]: SecurityReason } = {
  "commoncap/capability-missing": {
    errno: "EPERM",
    text: "the capability is not effective",
    passes: "the capability is effective, or the task owns the namespace or one above it",
    linux: "security/commoncap.c: cap_capable",
    since: "3.8",
    remedy: "the capability in the effective set",
    compares: ["capability", "effective"],
  },
  "commoncap/namespace-not-below": {
    errno: "EPERM",
    text: "capabilities of a user namespace count in it and below it, and the one asked about is neither",
    passes: "the user namespace asked about is the task's own or lies below it",
    linux: "security/commoncap.c: cap_capable",
    since: "3.8",
    remedy: "a caller in that user namespace or above it",
    compares: ["capability", "taskLevel", "askedLevel"],
  },
  "commoncap/ptrace-permitted-not-subset": {
    errno: "EPERM",
    text: "the target is permitted capabilities that the caller has not, or lives in another user namespace",
    passes:
      "the target's permitted capabilities are the caller's too, or CAP_SYS_PTRACE stands for that",
    linux: "security/commoncap.c: cap_ptrace_access_check",
    since: "4.5",
    remedy: "the missing capabilities, or CAP_SYS_PTRACE in the target's user namespace",
    compares: ["missing", "callerSet", "by"],
  },
  "commoncap/traceme-permitted-not-subset": {
    errno: "EPERM",
    text: "the child is permitted capabilities that its parent is not, or lives in another user namespace",
    passes:
      "the child's permitted capabilities are its parent's too, or CAP_SYS_PTRACE stands for that",
    linux: "security/commoncap.c: cap_ptrace_traceme",
    since: ALWAYS,
    remedy: "CAP_SYS_PTRACE for the parent in the child's user namespace",
    compares: ["missing", "callerSet", "by"],
  },
  "yama/restricted": {
    errno: "EPERM",
    text: "at ptrace_scope 1 one attaches to one's descendants and to whoever named one with PR_SET_PTRACER",
    passes: "the caller is an ancestor, the tracer, a declared tracer, or has CAP_SYS_PTRACE",
    linux: YAMA,
    since: "3.4",
    remedy:
      "PR_SET_PTRACER by the target, an ancestor as caller, CAP_SYS_PTRACE, or kernel.yama.ptrace_scope 0",
    compares: ["scope", "caller", "target"],
  },
  "yama/admin-only": {
    errno: "EPERM",
    text: "at ptrace_scope 2 attaching takes CAP_SYS_PTRACE",
    passes: "the caller has CAP_SYS_PTRACE",
    linux: YAMA,
    since: "3.4",
    remedy: "CAP_SYS_PTRACE in the target's user namespace, or a lower kernel.yama.ptrace_scope",
    compares: ["scope"],
  },
  "yama/no-attach": {
    errno: "EPERM",
    text: "at ptrace_scope 3 nobody attaches",
    passes: "the mode does not attach, or the scope lets everybody",
    linux: YAMA,
    since: "3.4",
    remedy: "a reboot: scope 3 stays",
    compares: ["scope"],
  },
  "yama/traceme-admin-only": {
    errno: "EPERM",
    text: "at ptrace_scope 2 only a parent with CAP_SYS_PTRACE traces its child",
    passes: "the scope is lower, or the parent has CAP_SYS_PTRACE",
    linux: YAMA_TRACEME,
    since: "3.4",
    remedy: "CAP_SYS_PTRACE for the parent, or a lower kernel.yama.ptrace_scope",
    compares: ["scope"],
  },
  "yama/traceme-no-attach": {
    errno: "EPERM",
    text: "at ptrace_scope 3 nobody traces",
    passes: "the scope is lower",
    linux: YAMA_TRACEME,
    since: "3.4",
    remedy: "a reboot: scope 3 stays",
    compares: ["scope"],
  },
  "yama/ptracer-unknown": {
    errno: "EINVAL",
    text: "PR_SET_PTRACER names a process that does not exist",
    passes: "PR_SET_PTRACER names a task, anybody or nobody",
    linux: "security/yama/yama_lsm.c: yama_task_prctl",
    since: "3.4",
    remedy:
      "the pid of a living process in the caller's pid namespace, -1 for anybody, 0 for nobody",
    compares: ["pid"],
  },
  "landlock/outside-domain": {
    errno: "EPERM",
    text: "a sandboxed task reaches its own Landlock domain and those nested in it, and nothing else",
    passes: "the caller is in no Landlock domain, or the target is in the same or a nested one",
    linux: "security/landlock/ptrace.c: hook_ptrace_access_check",
    since: "5.13",
    remedy: "a caller outside of every domain, or a target that the caller's own sandbox made",
    compares: ["callerDomain", "targetDomain"],
  },
  "landlock/absent": {
    errno: "ENOSYS",
    text: "this kernel has no Landlock",
    passes: "this kernel has Landlock",
    linux: "kernel/sys_ni.c: sys_landlock_restrict_self",
    since: ALWAYS,
    remedy: "Linux 5.13 or newer",
  },
  "landlock/no-new-privs-missing": {
    errno: "EPERM",
    text: "restricting oneself takes no_new_privs or CAP_SYS_ADMIN in one's user namespace",
    passes: "the task has no_new_privs or CAP_SYS_ADMIN",
    linux: "security/landlock/syscalls.c: landlock_restrict_self",
    since: "5.13",
    remedy: "prctl(PR_SET_NO_NEW_PRIVS, 1) first",
  },
  "landlock/too-many-layers": {
    errno: "E2BIG",
    text: "sixteen nested Landlock domains are the most",
    passes: "there is room for one more nested domain",
    linux: "security/landlock/ruleset.c: landlock_merge_ruleset",
    since: "5.13",
    remedy: "fewer nested sandboxes",
    compares: ["layers"],
  },
  "seccomp/listed": {
    errno: "EPERM",
    text: "a seccomp filter answers this system call in the kernel's place",
    passes: "no seccomp filter answers in the kernel's place",
    linux: "kernel/seccomp.c: __seccomp_filter",
    since: "3.5",
    remedy: "a container or service profile that lets this system call through",
    compares: ["syscall"],
  },
  "type_enforcement/ptrace-denied": {
    errno: "EACCES",
    text: "no rule allows the caller's type this access to the target's type",
    passes: "a rule allows the caller's type this access to the target's type",
    linux: "security/selinux/hooks.c: selinux_ptrace_access_check",
    since: ALWAYS,
    remedy: "an allow rule for the two types",
    compares: ["source", "target", "permission"],
  },
  "type_enforcement/capability-denied": {
    errno: "EACCES",
    text: "no rule allows the task's type this capability",
    passes: "a rule allows the task's type this capability",
    linux: "security/selinux/hooks.c: selinux_capable",
    since: ALWAYS,
    remedy: "an allow rule for the type and the capability",
    compares: ["source", "capability"],
  },
};
