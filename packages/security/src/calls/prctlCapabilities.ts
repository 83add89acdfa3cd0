import {
  PR_CAP_AMBIENT_OPERATION as AMBIENT,
  SECUREBITS,
  success,
  type Result,
} from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { oneCapability } from "../capabilitySet.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed, type CapabilitySetName } from "../credentials.ts";
import { CLEARED, exactly, knownSet, minus, setFields, union, type KnownSet } from "../knownSet.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { readCapability } from "../unknownFacts.ts";
import { ZERO } from "./idKind.ts";

/**
 * prctl(PR_CAPBSET_READ, capability): 1 if it is in the bounding set.
 *
 * Refusals: EINVAL `prctl/capability-invalid`. Linux: cap_task_prctl, security/commoncap.c
 */
export function readBounding(
  access: AccessDecision,
  subject: Subject,
  capability: bigint,
): Result<number> {
  const number = numberOf(access, capability);
  if (!number.ok) return number;
  return success(
    readCapability(access.ports, subject.credentials, "bounding", number.value) ? 1 : 0,
  );
}

/**
 * prctl(PR_CAPBSET_DROP, capability): no exec grants it again.
 *
 * Refusals: EPERM `prctl/bounding-not-permitted` first, then EINVAL `prctl/capability-invalid`.
 * Linux: cap_prctl_drop, security/commoncap.c
 */
export function dropBounding(
  access: AccessDecision,
  subject: Subject,
  capability: bigint,
): Result<number> {
  const { checks } = access.ports;
  const capable = access.capable(subject, "CAP_SETPCAP", subject.credentials.userNamespace);
  if (!capable.ok) return reasons.refuseBecause(checks, "prctl/bounding-not-permitted", capable);
  reasons.passed(checks, "prctl/bounding-not-permitted");
  const number = numberOf(access, capability);
  if (!number.ok) return number;
  const bounding = minus(knownSet(subject.credentials, "bounding"), oneCapability(number.value));
  replace(access, subject, "bounding", bounding);
  return ZERO;
}

/**
 * prctl(PR_CAP_AMBIENT, operation, capability, 0, 0): what survives an exec without file
 * capabilities.
 *
 * Refusals: EINVAL `prctl/ambient-arguments`, `prctl/capability-invalid`; EPERM
 * `prctl/ambient-not-held`, `prctl/ambient-raise-forbidden`. Linux: cap_task_prctl,
 * security/commoncap.c, since 4.3
 */
export function capAmbient(
  access: AccessDecision,
  subject: Subject,
  args: readonly bigint[],
): Result<number> {
  const { ports } = access;
  const [operation = 0n, capability = 0n, ...rest] = args;
  const isClear = operation === BigInt(AMBIENT.PR_CAP_AMBIENT_CLEAR_ALL);
  if (rest.some((arg) => arg !== 0n) || (isClear && capability !== 0n)) {
    return reasons.refuse(ports.checks, "prctl/ambient-arguments", operation.toString());
  }
  if (isClear) {
    reasons.passed(ports.checks, "prctl/ambient-arguments", operation.toString());
    replace(access, subject, "ambient", CLEARED);
    return ZERO;
  }
  const number = numberOf(access, capability);
  if (!number.ok) return number;
  const c = subject.credentials;
  const bit = oneCapability(number.value);
  switch (Number(operation)) {
    case AMBIENT.PR_CAP_AMBIENT_IS_SET:
      return success(readCapability(ports, c, "ambient", number.value) ? 1 : 0);
    case AMBIENT.PR_CAP_AMBIENT_LOWER:
      replace(access, subject, "ambient", minus(knownSet(c, "ambient"), bit));
      return ZERO;
    case AMBIENT.PR_CAP_AMBIENT_RAISE:
      return raise(access, subject, number.value);
    default:
      return reasons.refuse(ports.checks, "prctl/ambient-arguments", operation.toString());
  }
}

function raise(access: AccessDecision, subject: Subject, capability: number): Result<number> {
  const { ports } = access;
  const c = subject.credentials;
  const isHeld =
    readCapability(ports, c, "permitted", capability) &&
    readCapability(ports, c, "inheritable", capability);
  if (!isHeld) return reasons.refuse(ports.checks, "prctl/ambient-not-held", capability);
  reasons.passed(ports.checks, "prctl/ambient-not-held", capability);
  if ((c.securebits & SECUREBITS.SECBIT_NO_CAP_AMBIENT_RAISE) !== 0) {
    return reasons.refuse(ports.checks, "prctl/ambient-raise-forbidden");
  }
  reasons.passed(ports.checks, "prctl/ambient-raise-forbidden");
  const bit = oneCapability(capability);
  replace(access, subject, "ambient", union(minus(knownSet(c, "ambient"), bit), exactly(bit)));
  return ZERO;
}

function replace(
  access: AccessDecision,
  subject: Subject,
  name: CapabilitySetName,
  set: KnownSet,
): void {
  const old = subject.credentials;
  commitCredentials(access, subject, changed(old, setFields(old, { [name]: set })));
}

function numberOf({ features, ports }: AccessDecision, capability: bigint): Result<number> {
  const last = features.lastCapability;
  const shown = capability.toString();
  if (capability > BigInt(last))
    return reasons.refuse(ports.checks, "prctl/capability-invalid", shown, last);
  reasons.passed(ports.checks, "prctl/capability-invalid", shown, last);
  return success(Number(capability));
}
