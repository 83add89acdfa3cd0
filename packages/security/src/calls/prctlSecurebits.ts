import { SECUREBITS, success, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed } from "../credentials.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { ZERO } from "./idKind.ts";

const { SECBIT_KEEP_CAPS, SECBIT_KEEP_CAPS_LOCKED } = SECUREBITS;

/** Each securebit of every kernel, without its lock, which is the bit above it. */
const OLD_BITS = 0x55;
/**
 * SECBIT_EXEC_RESTRICT_FILE and SECBIT_EXEC_DENY_INTERACTIVE. Linux:
 * include/uapi/linux/securebits.h, 6.14
 */
const EXEC_BITS = 0x500;
/** The same two with their locks. */
export const EXEC_SECUREBITS = 0xf00;

/** prctl(PR_GET_SECUREBITS). Linux: cap_task_prctl, security/commoncap.c */
export function getSecurebits(access: AccessDecision, subject: Subject): Result<number> {
  askInherited(access, subject, (value) => value);
  return success(subject.credentials.securebits);
}

/**
 * Whoever is not known from the beginning may have inherited any: the call itself tells. Bits that
 * are known to be set stay.
 */
function askInherited(
  access: AccessDecision,
  subject: Subject,
  fromResult: (value: number) => number,
): void {
  const { journal, choices } = access.ports;
  const { credentials } = subject;
  if (credentials.unknown === undefined || credentials.securebits !== 0) return;
  const bits = access.features.execSecurebits ? OLD_BITS | EXEC_BITS : OLD_BITS;
  const known = bits | (bits << 1);
  const securebits = choices.choose<number>({
    id: "prctl/securebits-inherited",
    usual: 0,
    allows: (answer) => answer >= 0 && (answer & ~known) === 0,
    describe: () => `securebits that process ${String(subject.pid)} inherited`,
    fromResult,
  });
  if (securebits === 0) return;
  journal.save(subject, "credentials");
  subject.credentials = changed(credentials, { securebits });
}

/**
 * prctl(PR_SET_SECUREBITS, bits). A locked bit stays as it is, and so does its lock. It takes
 * CAP_SETPCAP, except where only the two bits that restrict exec (and their locks) change.
 *
 * Refusals, all EPERM: `prctl/securebits-locked`, `prctl/securebits-unknown`,
 * `prctl/securebits-not-permitted`. Linux: cap_task_prctl, security/commoncap.c; 6.14 for the exec
 * bits.
 */
export function setSecurebits(
  access: AccessDecision,
  subject: Subject,
  value: bigint,
): Result<number> {
  const { checks } = access.ports;
  const old = subject.credentials;
  const from = old.securebits;
  const bits = OLD_BITS | (access.features.execSecurebits ? EXEC_BITS : 0);
  const known = bits | (bits << 1);
  const to = Number(BigInt.asUintN(32, value));

  if (value >> 32n !== 0n || (to & ~known) !== 0) {
    return reasons.refuse(checks, "prctl/securebits-unknown", `0x${value.toString(16)}`);
  }
  reasons.passed(checks, "prctl/securebits-unknown", to);
  const locks = from & (bits << 1);
  const lockedBits = locks >> 1;
  if (((from ^ to) & lockedBits) !== 0 || (locks & ~to) !== 0) {
    return reasons.refuse(checks, "prctl/securebits-locked", from, to);
  }
  reasons.passed(checks, "prctl/securebits-locked", from, to);

  const everybodys = access.features.execSecurebits ? EXEC_SECUREBITS : 0;
  const isEverybodys = from !== to && ((from ^ to) & ~everybodys) === 0;
  if (!isEverybodys) {
    const capable = access.capable(subject, "CAP_SETPCAP", old.userNamespace);
    if (!capable.ok)
      return reasons.refuseBecause(checks, "prctl/securebits-not-permitted", capable, from, to);
  }
  reasons.passed(checks, "prctl/securebits-not-permitted", from, to);
  commitCredentials(access, subject, changed(old, { securebits: to }));
  return ZERO;
}

/** prctl(PR_GET_KEEPCAPS): 0 or 1. Linux: cap_task_prctl, security/commoncap.c */
export function getKeepcaps(access: AccessDecision, subject: Subject): Result<number> {
  askInherited(access, subject, (value) => value * SECBIT_KEEP_CAPS);
  return success((subject.credentials.securebits & SECBIT_KEEP_CAPS) === 0 ? 0 : 1);
}

/**
 * prctl(PR_SET_KEEPCAPS, 0 or 1): whether who stops being root keeps its permitted capabilities,
 * until the next exec.
 *
 * Refusals: EINVAL `prctl/keepcaps-value`, EPERM `prctl/keepcaps-locked`. Linux: cap_task_prctl,
 * security/commoncap.c
 */
export function setKeepcaps(
  access: AccessDecision,
  subject: Subject,
  value: bigint,
): Result<number> {
  const { checks } = access.ports;
  const old = subject.credentials;
  if (value > 1n) return reasons.refuse(checks, "prctl/keepcaps-value", `0x${value.toString(16)}`);
  reasons.passed(checks, "prctl/keepcaps-value", Number(value));
  if ((old.securebits & SECBIT_KEEP_CAPS_LOCKED) !== 0)
    return reasons.refuse(checks, "prctl/keepcaps-locked");
  reasons.passed(checks, "prctl/keepcaps-locked");
  const cleared = old.securebits & ~SECBIT_KEEP_CAPS;
  const securebits = value === 1n ? cleared | SECBIT_KEEP_CAPS : cleared;
  commitCredentials(access, subject, changed(old, { securebits }));
  return ZERO;
}
