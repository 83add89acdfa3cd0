import { CAP, type CapabilityName } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { capabilityNames, formatCapabilities, without } from "../capabilitySet.ts";
import type { Credentials } from "../credentials.ts";
import type {
  CapableQuestion,
  Objection,
  Policy,
  PtraceQuestion,
  TracemeQuestion,
} from "../policy.ts";
import { modeUsesFsIds } from "../ptraceMode.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { idIs, permittedWithin, readCapability } from "../unknownFacts.ts";
import { objection } from "./objection.ts";

/**
 * Capabilities as a policy: Linux' own first one, which every kernel has. Without it in the stack
 * every task has every capability, and ids alone decide.
 *
 * Linux: security/commoncap.c, unchanged from 5.8 to 7.3
 */
export function commoncap(): Policy {
  return { name: "commoncap", keepsNoQuestion: true, ptraceAccess, ptraceTraceme, capable };
}

/**
 * Walks from the namespace asked about towards the initial one. In the task's own namespace its
 * effective set decides; the owner of a namespace, seen from the parent, has every capability there
 * and below.
 */
function capable(question: CapableQuestion, access: AccessDecision): Objection | undefined {
  const { credentials, capability } = question;
  const own = credentials.userNamespace;
  const { checks } = access.ports;
  for (let asked = question.userNamespace; ;) {
    if (asked === own) return effective(credentials, capability, access);
    if (asked.parent === undefined) {
      return objection(
        "commoncap/namespace-not-below",
        capability,
        own.level,
        question.userNamespace.level,
      );
    }
    if (asked.parent === own && idIs(access.ports, credentials, "euid", asked.owner)) {
      reasons.passed(checks, "commoncap/capability-missing", capability, "owner of the namespace");
      return undefined;
    }
    asked = asked.parent;
  }
}

function effective(
  c: Credentials,
  capability: CapabilityName,
  access: AccessDecision,
): Objection | undefined {
  const { ports } = access;
  if (!readCapability(ports, c, "effective", CAP[capability])) {
    return objection("commoncap/capability-missing", capability, formatCapabilities(c.effective));
  }
  if (ports.checks.listener !== undefined) {
    reasons.passed(
      ports.checks,
      "commoncap/capability-missing",
      capability,
      formatCapabilities(c.effective),
    );
  }
  return undefined;
}

/**
 * Compares the target's *permitted* capabilities, effective or not, with the caller's: its
 * effective ones where the mode takes fs ids, its permitted ones where it takes real ids.
 */
function ptraceAccess(question: PtraceQuestion, access: AccessDecision): Objection | undefined {
  const set = modeUsesFsIds(question.mode) === true ? "effective" : "permitted";
  return covers(
    access,
    question.caller,
    question.target,
    set,
    "commoncap/ptrace-permitted-not-subset",
  );
}

function ptraceTraceme(
  { parent, child }: TracemeQuestion,
  access: AccessDecision,
): Objection | undefined {
  return covers(access, parent, child, "permitted", "commoncap/traceme-permitted-not-subset");
}

function covers(
  access: AccessDecision,
  caller: Subject,
  target: Subject,
  set: "permitted" | "effective",
  id: "commoncap/ptrace-permitted-not-subset" | "commoncap/traceme-permitted-not-subset",
): Objection | undefined {
  const { ports } = access;
  const own = caller.credentials;
  const theirs = target.credentials;
  const capable = (): boolean => access.capable(caller, "CAP_SYS_PTRACE", theirs.userNamespace).ok;
  // What is unknown of the target need not be asked for where the answer does not hang on it.
  const isOpen = own.unknown === undefined && theirs.unknown !== undefined;
  const isCapable = isOpen && capable();
  const isWithin =
    !isCapable &&
    own.userNamespace === theirs.userNamespace &&
    permittedWithin(ports, theirs, own, set);
  if (isWithin) {
    reasons.passed(ports.checks, id, "", set, "capabilities");
    return undefined;
  }
  if (isCapable || (!isOpen && capable())) {
    reasons.passed(ports.checks, id, "", set, "CAP_SYS_PTRACE");
    return undefined;
  }
  const missing =
    own.userNamespace === theirs.userNamespace
      ? capabilityNames(without(theirs.permitted, own[set])).join(", ")
      : "another user namespace";
  return objection(id, missing, set);
}
