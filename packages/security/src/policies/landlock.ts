import type { Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { ZERO } from "../calls/idKind.ts";
import type { Objection, Policy } from "../policy.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { objection } from "./objection.ts";

/** LANDLOCK_MAX_NUM_LAYERS. Linux: security/landlock/limits.h */
const MOST_LAYERS = 16;

/** What the policy remembers: the number of the next domain. */
export interface LandlockState {
  nextDomain: number;
}

/** Landlock, and the call by which a task enters a domain of its own. */
export interface LandlockPolicy extends Policy {
  state(): LandlockState;
  /**
   * landlock_restrict_self(2): a new domain inside of the task's present one; its future children
   * inherit it.
   *
   * Refusals: ENOSYS `landlock/absent`, EPERM `landlock/no-new-privs-missing`, E2BIG
   * `landlock/too-many-layers`.
   */
  restrict(access: AccessDecision, subject: Subject): Result<number>;
}

/**
 * Landlock's rule for reaching into other tasks: a sandboxed task reaches those of its own domain
 * and of domains nested in it, whatever its capabilities. The mode does not matter. A domain is a
 * label of the task, such as `1/4`.
 *
 * Linux: security/landlock/ptrace.c (task.c since 6.12), since 5.13
 *
 * @example
 * const sandbox = landlock();
 * const access = new AccessControl({ policies: [commoncap(), sandbox] });
 * sandbox.restrict(access, task);
 */
export function landlock(): LandlockPolicy {
  const state: LandlockState = { nextDomain: 1 };
  return {
    name: "landlock",
    keepsNoQuestion: true,
    state: () => state,
    ptraceAccess: ({ caller, target }, access) => reach(caller, target, access),
    ptraceTraceme: ({ parent, child }, access) => reach(parent, child, access),
    restrict: (access, subject) => restrict(state, access, subject),
  };
}

function reach(caller: Subject, target: Subject, access: AccessDecision): Objection | undefined {
  if (!access.features.landlock) return undefined;
  const own = domainOf(caller);
  const theirs = domainOf(target);
  const isInside = own === "" || theirs === own || theirs.startsWith(`${own}/`);
  if (!isInside) return objection("landlock/outside-domain", own, theirs);
  reasons.passed(access.ports.checks, "landlock/outside-domain", own, theirs);
  return undefined;
}

function domainOf(subject: Subject): string {
  return subject.labels.landlock ?? "";
}

function restrict(state: LandlockState, access: AccessDecision, subject: Subject): Result<number> {
  const { checks, journal } = access.ports;
  if (!access.features.landlock) return reasons.refuse(checks, "landlock/absent");
  const may =
    subject.noNewPrivs ||
    access.capable(subject, "CAP_SYS_ADMIN", subject.credentials.userNamespace).ok;
  if (!may) return reasons.refuse(checks, "landlock/no-new-privs-missing");
  reasons.passed(checks, "landlock/no-new-privs-missing");
  const domain = domainOf(subject);
  const layers = domain === "" ? 0 : domain.split("/").length;
  if (layers >= MOST_LAYERS) return reasons.refuse(checks, "landlock/too-many-layers", layers);
  reasons.passed(checks, "landlock/too-many-layers", layers);
  journal.save(state, "nextDomain");
  journal.save(subject, "labels");
  const number = String(state.nextDomain++);
  subject.labels = Object.freeze({
    ...subject.labels,
    landlock: domain === "" ? number : `${domain}/${number}`,
  });
  return ZERO;
}
