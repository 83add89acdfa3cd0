import { CAP, type Refusal, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import {
  capabilitiesUpTo,
  capabilityNames,
  intersect,
  isSubset,
  unite,
  without,
  type CapabilitySet,
} from "../capabilitySet.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed, type Credentials, type CapabilitySetName } from "../credentials.ts";
import { exactly, knownSet, meet, setFields } from "../knownSet.ts";
import { reasons, type SecurityReasonId } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { readCapability } from "../unknownFacts.ts";
import type { CapabilityTriple } from "./capget.ts";
import { ZERO } from "./idKind.ts";

/**
 * capset(2), once its header is accepted (`mayCapset`): sets the calling thread's permitted,
 * effective and inheritable capabilities. Bits above the last capability are ignored; what is
 * ambient stays so only while it is permitted and inheritable. Nothing here closes the process to
 * its peers.
 *
 * Refusals, all EPERM: `capset/inheritable-beyond-permitted`, `capset/inheritable-beyond-bounding`,
 * `capset/permitted-raised`, `capset/effective-beyond-permitted`. Linux: `cap_capset`,
 * security/commoncap.c.
 *
 * @example
 * const none = NO_CAPABILITIES;
 * capset(access, task, { effective: none, permitted: none, inheritable: none });
 */
export function capset(
  access: AccessDecision,
  subject: Subject,
  wanted: CapabilityTriple,
): Result<number> {
  const all = capabilitiesUpTo(access.features.lastCapability);
  const effective = intersect(wanted.effective, all);
  const permitted = intersect(wanted.permitted, all);
  const inheritable = intersect(wanted.inheritable, all);
  const c = subject.credentials;

  const refusal =
    checkInheritable(access, subject, inheritable) ??
    within(access, c, "capset/inheritable-beyond-bounding", inheritable, [
      "inheritable",
      "bounding",
    ]) ??
    within(access, c, "capset/permitted-raised", permitted, ["permitted"]);
  if (refusal !== undefined) return refusal;
  const { checks } = access.ports;
  if (!isSubset(effective, permitted)) {
    const beyond = capabilityNames(without(effective, permitted)).join(", ");
    return reasons.refuse(checks, "capset/effective-beyond-permitted", beyond);
  }
  reasons.passed(checks, "capset/effective-beyond-permitted");

  const old = subject.credentials;
  const ambient = meet(knownSet(old, "ambient"), exactly(intersect(permitted, inheritable)));
  const sets = {
    permitted: exactly(permitted),
    effective: exactly(effective),
    inheritable: exactly(inheritable),
    ambient,
  };
  commitCredentials(access, subject, changed(old, setFields(old, sets)));
  return ZERO;
}

function checkInheritable(
  access: AccessDecision,
  subject: Subject,
  inheritable: CapabilitySet,
): Refusal | undefined {
  const c = subject.credentials;
  const id = "capset/inheritable-beyond-permitted";
  if (isSubset(inheritable, unite(c.inheritable, c.permitted))) {
    reasons.passed(access.ports.checks, id);
    return undefined;
  }
  if (access.capable(subject, "CAP_SETPCAP", c.userNamespace).ok) {
    reasons.passed(access.ports.checks, id, "CAP_SETPCAP");
    return undefined;
  }
  return within(access, c, id, inheritable, ["inheritable", "permitted"]);
}

/** A refusal unless every capability is in one of the sets; asks for those of which it is open. */
function within(
  access: AccessDecision,
  c: Credentials,
  id: SecurityReasonId,
  wanted: CapabilitySet,
  sets: readonly CapabilitySetName[],
): Refusal | undefined {
  const { ports } = access;
  let beyond = wanted;
  for (const set of sets) beyond = without(beyond, c[set]);
  const missing = capabilityNames(beyond).some((name) => {
    return !sets.some((set) => readCapability(ports, c, set, CAP[name]));
  });
  if (missing) return reasons.refuse(ports.checks, id, capabilityNames(beyond).join(", "));
  reasons.passed(ports.checks, id);
  return undefined;
}
