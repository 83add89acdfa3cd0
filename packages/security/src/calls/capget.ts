import { CAPABILITY_VERSION, success, type Refusal, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import type { CapabilitySet } from "../capabilitySet.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { readCapabilities } from "../unknownFacts.ts";

/** The version that the kernel writes into a header whose version it does not know. */
export const PREFERRED_CAPABILITY_VERSION: number = CAPABILITY_VERSION._LINUX_CAPABILITY_VERSION_3;

/** The three sets that capget reports and capset takes. */
export interface CapabilityTriple {
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
}

/**
 * How many 32-bit words each set has in a version of the structures: one or two; `undefined` for an
 * unknown version.
 */
export function capabilityWords(version: number): 1 | 2 | undefined {
  switch (version) {
    case CAPABILITY_VERSION._LINUX_CAPABILITY_VERSION_1:
      return 1;
    case CAPABILITY_VERSION._LINUX_CAPABILITY_VERSION_2:
    case CAPABILITY_VERSION._LINUX_CAPABILITY_VERSION_3:
      return 2;
    default:
      return undefined;
  }
}

/** What capget may be told. */
export interface CapgetQuestion {
  readonly version: number;
  /** 0 for the caller. */
  readonly pid: number;
  /**
   * Whether the caller gave room for data; without it the call only probes the version, and never
   * fails for it.
   */
  readonly hasRoom: boolean;
  /** The task of a pid in the caller's pid namespace. */
  findTask(pid: number): Subject | undefined;
}

/**
 * capget(2): the capabilities of any task; nobody is denied. `undefined` where there is no room to
 * write them to. Version 1 shows the lower 32 capabilities alone.
 *
 * Refusals: EINVAL `capget/version` (the header then gets {@link PREFERRED_CAPABILITY_VERSION}),
 * `capget/pid-negative`; ESRCH `capget/no-such-task`. Linux: `capget`, kernel/capability.c.
 */
export function capget(
  access: AccessDecision,
  subject: Subject,
  question: CapgetQuestion,
): Result<CapabilityTriple | undefined> {
  const { ports } = access;
  const { version, pid } = question;
  if (!question.hasRoom) return success(undefined);
  if (capabilityWords(version) === undefined)
    return reasons.refuse(ports.checks, "capget/version", version);
  reasons.passed(ports.checks, "capget/version", version);
  if (pid < 0) return reasons.refuse(ports.checks, "capget/pid-negative", pid);
  reasons.passed(ports.checks, "capget/pid-negative", pid);

  const target = pid === 0 ? subject : question.findTask(pid);
  if (target === undefined) return reasons.refuse(ports.checks, "capget/no-such-task", pid);
  reasons.passed(ports.checks, "capget/no-such-task", pid);
  const c = target.credentials;
  return success({
    effective: readCapabilities(ports, c, "effective"),
    permitted: readCapabilities(ports, c, "permitted"),
    inheritable: readCapabilities(ports, c, "inheritable"),
  });
}

/**
 * What capset asks of its header, before it reads the data: an entry from registers asks it first,
 * so that EINVAL and EPERM come before the data's EFAULT.
 */
export function mayCapset(
  access: AccessDecision,
  header: { readonly version: number; readonly pid: number; readonly ownPid: number },
): Refusal | undefined {
  const { checks } = access.ports;
  const { version, pid, ownPid } = header;
  if (capabilityWords(version) === undefined)
    return reasons.refuse(checks, "capset/version", version);
  reasons.passed(checks, "capset/version", version);
  if (pid !== 0 && pid !== ownPid) return reasons.refuse(checks, "capset/other-task", pid, ownPid);
  reasons.passed(checks, "capset/other-task", pid, ownPid);
  return undefined;
}
