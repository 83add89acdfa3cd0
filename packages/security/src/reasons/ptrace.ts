import { ALWAYS, type SecurityReason } from "./entry.ts";

const ACCESS = "kernel/ptrace.c: __ptrace_may_access";
const ATTACH = "kernel/ptrace.c: ptrace_attach";

type Id =
  | "ptrace_access/mode-invalid"
  | "ptrace_access/thread-group"
  | "ptrace_access/ids-differ"
  | "ptrace_access/not-dumpable"
  | "ptrace_attach/kernel-thread"
  | "ptrace_attach/same-thread-group"
  | "ptrace_attach/no-access"
  | "ptrace_attach/exited"
  | "ptrace_attach/already-traced"
  | "ptrace_traceme/already-traced"
  | "ptrace_traceme/parent-refused";

/** The access check itself, and ptrace(2) as one of its users. */
export const PTRACE_REASONS: { readonly [id in Id]: SecurityReason } = {
  "ptrace_access/mode-invalid": {
    errno: "EPERM",
    text: "the access mode names neither the fs ids nor the real ids",
    passes: "the access mode says which of the caller's ids count",
    linux: ACCESS,
    since: "4.5",
    remedy: "a mode with exactly one of PTRACE_MODE_FSCREDS and PTRACE_MODE_REALCREDS",
    compares: ["mode"],
  },
  "ptrace_access/thread-group": {
    errno: "EPERM",
    text: "caller and target are threads of one process; this never refuses",
    passes: "caller and target are threads of one process: nothing else is asked",
    linux: ACCESS,
    since: ALWAYS,
    remedy: "nothing: it never refuses",
    compares: ["callerGroup", "targetGroup"],
  },
  "ptrace_access/ids-differ": {
    errno: "EPERM",
    text: "the caller's ids are not the target's real, effective and saved ones; nor has it CAP_SYS_PTRACE",
    passes:
      "the caller's ids are the target's real, effective and saved ones, or CAP_SYS_PTRACE replaces them",
    linux: ACCESS,
    since: ALWAYS,
    remedy:
      "the target's uid and gid for the caller, or CAP_SYS_PTRACE in the target's user namespace",
    compares: ["caller", "target", "by"],
  },
  "ptrace_access/not-dumpable": {
    errno: "EPERM",
    text: "the target is not dumpable, and the caller has no CAP_SYS_PTRACE where it was executed",
    passes: "the target is dumpable, or CAP_SYS_PTRACE stands for that",
    linux: ACCESS,
    since: ALWAYS,
    remedy:
      "prctl(PR_SET_DUMPABLE, 1) or a plain exec by the target, or CAP_SYS_PTRACE where it was executed",
    compares: ["dumpable", "execLevel", "by"],
  },
  "ptrace_attach/kernel-thread": {
    errno: "EPERM",
    text: "kernel threads cannot be traced",
    passes: "the target is no kernel thread",
    linux: ATTACH,
    since: ALWAYS,
    remedy: "another target",
  },
  "ptrace_attach/same-thread-group": {
    errno: "EPERM",
    text: "a process does not trace its own threads",
    passes: "the target belongs to another process",
    linux: ATTACH,
    since: ALWAYS,
    remedy: "a tracer in a process of its own",
  },
  "ptrace_attach/no-access": {
    errno: "EPERM",
    text: "the access check refused to attach",
    passes: "the access check lets the tracer attach",
    linux: ATTACH,
    since: ALWAYS,
    remedy: "what the refusal beneath names",
  },
  "ptrace_attach/exited": {
    errno: "EPERM",
    text: "the target has exited",
    passes: "the target lives",
    linux: ATTACH,
    since: ALWAYS,
    remedy: "a living target",
  },
  "ptrace_attach/already-traced": {
    errno: "EPERM",
    text: "the target has a tracer already",
    passes: "nobody traces the target",
    linux: ATTACH,
    since: ALWAYS,
    remedy: "let the other tracer detach",
  },
  "ptrace_traceme/already-traced": {
    errno: "EPERM",
    text: "the caller has a tracer already",
    passes: "nobody traces the caller",
    linux: "kernel/ptrace.c: ptrace_traceme",
    since: ALWAYS,
    remedy: "let the other tracer detach",
  },
  "ptrace_traceme/parent-refused": {
    errno: "EPERM",
    text: "a policy does not let the parent trace the caller",
    passes: "the policies let the parent trace the caller",
    linux: "kernel/ptrace.c: ptrace_traceme",
    since: ALWAYS,
    remedy: "what the refusal beneath names",
  },
};
