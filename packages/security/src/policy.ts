import type { CapabilityName, ComparedValue, ErrnoName, PTRACE_MODE } from "@kadvise/uapi";
import type { AccessDecision } from "./accessDecision.ts";
import type { Credentials } from "./credentials.ts";
import type { Subject } from "./subject.ts";
import type { UserNamespace } from "./userNamespace.ts";

/** A mode of the access check, by the kernel's name. */
export type PtraceMode = keyof typeof PTRACE_MODE;

/** Who wants to reach into whom, and how. */
export interface PtraceQuestion {
  readonly caller: Subject;
  readonly target: Subject;
  readonly mode: PtraceMode;
}

/** `child` asks to be traced by its parent. */
export interface TracemeQuestion {
  readonly parent: Subject;
  readonly child: Subject;
}

/** Whether a task has a capability with respect to a user namespace. */
export interface CapableQuestion {
  readonly subject: Subject;
  /** Usually the subject's; a tracer is asked as it was when it attached. */
  readonly credentials: Credentials;
  readonly capability: CapabilityName;
  readonly userNamespace: UserNamespace;
}

/** A task is about to be made. */
export interface ForkQuestion {
  readonly parent: Subject;
  readonly child: Subject;
}

/** A task is gone: reaped, its number free. */
export interface ExitQuestion {
  readonly subject: Subject;
}

/** A prctl, before anything else looks at it. */
export interface PrctlQuestion {
  readonly subject: Subject;
  readonly option: number;
  /** The four arguments, unsigned, all 64 bits. */
  readonly args: readonly bigint[];
  /** The task that a pid argument names in the caller's pid namespace, if there is one. */
  findTask(pid: number): Subject | undefined;
}

/** A system call, before the kernel looks at its arguments: where a seccomp filter answers. */
export interface SyscallQuestion {
  readonly subject: Subject;
  readonly name: string;
  readonly number: number;
}

/**
 * An objection: the errno that the call gets, a stable id, one sentence, and what was compared if
 * that helps.
 */
export interface Objection {
  readonly code: ErrnoName;
  readonly id: string;
  readonly text: string;
  readonly compared?: Readonly<Record<string, ComparedValue>>;
}

/** What a hook returns: nothing, which is no objection, or an objection. */
export type Verdict = Objection | undefined | void;

/**
 * A policy: a plain object that may object. It cannot allow what another one, or the kernel itself,
 * refuses.
 *
 * Hooks are synchronous. The second argument, which one need not take, is the machine's whole
 * decision: a policy asks it for capabilities, and thereby all the other policies.
 *
 * @example
 * const vault: Policy = {
 *   name: "vault",
 *   ptraceAccess: ({ target }) =>
 *     target.credentials.uid === 7000
 *       ? { code: "EACCES", id: "vault/sealed", text: "the vault is closed to every other process" }
 *       : undefined,
 * };
 */
export interface Policy {
  readonly name: string;
  ptraceAccess?(question: PtraceQuestion, access: AccessDecision): Verdict;
  ptraceTraceme?(question: TracemeQuestion, access: AccessDecision): Verdict;
  capable?(question: CapableQuestion, access: AccessDecision): Verdict;
  fork?(question: ForkQuestion, access: AccessDecision): Verdict;
  exit?(question: ExitQuestion, access: AccessDecision): void;
  prctl?(question: PrctlQuestion, access: AccessDecision): Verdict;
  syscall?(question: SyscallQuestion, access: AccessDecision): Verdict;
  /**
   * The live object that holds what the policy remembers: plain data, which an undo fills in again.
   */
  state?(): object;
  /**
   * prctl options that this policy knows, as Yama knows PR_SET_PTRACER: unless it objects, they
   * succeed with 0.
   */
  readonly prctlOptions?: readonly number[];
  /**
   * Promises that the hooks keep no question after they return: then one object is used again and
   * again.
   */
  readonly keepsNoQuestion?: boolean;
}

/** The names of the hooks. */
export type HookName =
  "ptraceAccess" | "ptraceTraceme" | "capable" | "fork" | "exit" | "prctl" | "syscall";
