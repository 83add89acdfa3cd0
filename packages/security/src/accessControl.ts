import { quietPorts, type Ports } from "@kadvise/ports";
import type { CapabilityName, Result } from "@kadvise/uapi";
import type { AccessDecision } from "./accessDecision.ts";
import type { Credentials } from "./credentials.ts";
import { explain, type Explanation } from "./explain.ts";
import { securityFeatures, type SecurityFeatures, type SecuritySettings } from "./features.ts";
import { commoncap } from "./policies/commoncap.ts";
import { consult, tell } from "./consult.ts";
import { stackOf, type PolicyStack } from "./policyStack.ts";
import type {
  CapableQuestion,
  ForkQuestion,
  Policy,
  PrctlQuestion,
  PtraceQuestion,
  SyscallQuestion,
  TracemeQuestion,
} from "./policy.ts";
import { mayAccess } from "./ptraceAccess.ts";
import type { Subject } from "./subject.ts";
import { initialUserNamespace, type UserNamespace } from "./userNamespace.ts";

/** What {@link AccessControl} may be told; everything has a usual value. */
export interface AccessControlOptions {
  /** What this kernel does; a field that is left out has the newest behaviour. */
  readonly features?: Partial<SecurityFeatures>;
  /** The stack, first asked first; commoncap alone if unset. */
  readonly policies?: readonly Policy[];
  readonly ports?: Ports;
  readonly settings?: Partial<SecuritySettings>;
}

/**
 * Linux' access control: the ptrace access check, and a stack of policies of which the first
 * objection stands.
 *
 * @example
 * const access = new AccessControl({ policies: [commoncap(), yama({ scope: 1 })] });
 * access.ptraceAccess({ caller, target, mode: "PTRACE_MODE_ATTACH_REALCREDS" }).ok;
 */
export class AccessControl implements AccessDecision {
  readonly features: SecurityFeatures;
  readonly ports: Ports;
  /** How many access checks were made: work that a vector call saves. */
  accessChecks = 0;
  /**
   * Whether a policy of the stack hears system calls. A field and no getter: an object that inherits
   * from this one may be asked, too.
   */
  hearsCalls: boolean;
  #settings: SecuritySettings;
  #stack: PolicyStack;
  /** Questions used again, one for each call that is under way. */
  readonly #reused: Open<CapableQuestion>[] = [];
  #depth = 0;

  constructor(options: AccessControlOptions = {}) {
    this.features = securityFeatures(options.features);
    this.ports = options.ports ?? quietPorts();
    this.#settings = Object.freeze({ suidDumpable: 0, ...options.settings });
    this.#stack = stackOf(options.policies ?? [commoncap()]);
    this.hearsCalls = this.#stack.voices.syscall.length > 0;
  }

  /**
   * The stack of policies, frozen. Assign another at any time; the next question is asked of that.
   */
  get policies(): readonly Policy[] {
    return this.#stack.policies;
  }

  set policies(policies: readonly Policy[]) {
    const next = stackOf(policies);
    const old = this.#stack;
    this.ports.journal.onUndo(() => {
      this.#stack = old;
      this.hearsCalls = old.voices.syscall.length > 0;
    });
    this.#stack = next;
    this.hearsCalls = next.voices.syscall.length > 0;
  }

  /** Run-time settings, as under /proc/sys. */
  get settings(): SecuritySettings {
    return this.#settings;
  }

  set settings(settings: SecuritySettings) {
    const old = this.#settings;
    this.ports.journal.onUndo(() => {
      this.#settings = old;
    });
    this.#settings = Object.freeze({ ...settings });
  }

  /**
   * Whether the caller may reach into the target.
   *
   * Refusals: EPERM `ptrace_access/ids-differ`, `ptrace_access/not-dumpable`, and whatever the
   * policies answer. Linux: `__ptrace_may_access`, kernel/ptrace.c. Since 4.5 in this form.
   */
  ptraceAccess(question: PtraceQuestion): Result<undefined> {
    this.ports.journal.save(this, "accessChecks");
    this.accessChecks++;
    return mayAccess(this, question, this.#stack.voices.ptraceAccess);
  }

  ptraceTraceme(question: TracemeQuestion): Result<undefined> {
    return consult(this.#stack.voices.ptraceTraceme, "ptraceTraceme", question, this);
  }

  /**
   * Whether a task has a capability with respect to a user namespace, the initial one if none is
   * named.
   *
   * Refusals: EPERM `commoncap/capability-missing`, `commoncap/namespace-not-below`, and whatever
   * the policies answer. Linux: `ns_capable`, kernel/capability.c.
   */
  capable(
    subject: Subject,
    capability: CapabilityName,
    userNamespace: UserNamespace = initialUserNamespace,
    credentials: Credentials = subject.credentials,
  ): Result<undefined> {
    const { voices, reusesQuestions } = this.#stack;
    if (!reusesQuestions) {
      const question = Object.freeze({ subject, credentials, capability, userNamespace });
      return consult(voices.capable, "capable", question, this);
    }
    const question = (this.#reused[this.#depth] ??= {
      subject,
      credentials,
      capability,
      userNamespace,
    });
    question.subject = subject;
    question.credentials = credentials;
    question.capability = capability;
    question.userNamespace = userNamespace;
    this.#depth++;
    try {
      return consult(voices.capable, "capable", question, this);
    } finally {
      this.#depth--;
    }
  }

  fork(question: ForkQuestion): Result<undefined> {
    return consult(this.#stack.voices.fork, "fork", question, this);
  }

  exit(subject: Subject): void {
    tell(this.#stack.voices.exit, Object.freeze({ subject }), this);
  }

  prctl(question: PrctlQuestion): Result<boolean> {
    const answer = consult(this.#stack.voices.prctl, "prctl", question, this);
    if (!answer.ok) return answer;
    return this.#stack.prctlOptions.includes(question.option) ? YES : NO;
  }

  syscall(question: SyscallQuestion): Result<undefined> {
    return consult(this.#stack.voices.syscall, "syscall", question, this);
  }

  /**
   * The ladder of checks for one question: asks it while listening, and takes back whatever that
   * changed.
   *
   * @example
   * access.explain({ caller, target, mode: "PTRACE_MODE_READ_FSCREDS" }).checks.at(-1)?.id;
   */
  explain(question: PtraceQuestion): Explanation {
    return explain(this.ports, this.policies, () => this.ptraceAccess(question));
  }
}

type Open<T> = { -readonly [key in keyof T]: T[key] };

const YES: Result<boolean> = Object.freeze({ ok: true as const, value: true });
const NO: Result<boolean> = Object.freeze({ ok: true as const, value: false });
