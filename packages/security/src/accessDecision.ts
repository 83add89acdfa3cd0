import type { Ports } from "@kadvise/ports";
import type { CapabilityName, Result } from "@kadvise/uapi";
import type { Credentials } from "./credentials.ts";
import type { SecurityFeatures, SecuritySettings } from "./features.ts";
import type {
  ForkQuestion,
  PrctlQuestion,
  PtraceQuestion,
  SyscallQuestion,
  TracemeQuestion,
} from "./policy.ts";
import type { Subject } from "./subject.ts";
import type { UserNamespace } from "./userNamespace.ts";

/**
 * The whole decision of one machine, as the calls of this package and the floors above ask it.
 * `AccessControl` is Linux; any object with this interface takes its place.
 */
export interface AccessDecision {
  readonly features: SecurityFeatures;
  readonly settings: SecuritySettings;
  readonly ports: Ports;
  /** May the caller reach into the target? Linux: __ptrace_may_access, kernel/ptrace.c */
  ptraceAccess(question: PtraceQuestion): Result<undefined>;
  /** May the parent trace the child that asks for it? Linux: security_ptrace_traceme */
  ptraceTraceme(question: TracemeQuestion): Result<undefined>;
  /**
   * Has the task a capability with respect to a namespace, the initial one if none is named? Linux:
   * ns_capable, kernel/capability.c
   */
  capable(
    subject: Subject,
    capability: CapabilityName,
    userNamespace?: UserNamespace,
    credentials?: Credentials,
  ): Result<undefined>;
  /** May this task be made? Linux: security_task_alloc */
  fork(question: ForkQuestion): Result<undefined>;
  /** Tells that a task is gone. Linux: security_task_free */
  exit(subject: Subject): void;
  /**
   * Lets the policies look at a prctl first; true if one of them has dealt with it. Linux:
   * security_task_prctl
   */
  prctl(question: PrctlQuestion): Result<boolean>;
  /**
   * Whether anybody wants to hear of system calls; false spares every call the question. Unset is
   * true.
   */
  readonly hearsCalls?: boolean;
  /**
   * Lets the policies answer a system call in the kernel's place. Linux: __secure_computing,
   * kernel/seccomp.c
   */
  syscall(question: SyscallQuestion): Result<undefined>;
}
