import { success, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { readDumpable } from "../execState.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { ZERO } from "./idKind.ts";

/** The highest signal number. Linux: _NSIG, include/uapi/asm-generic/signal.h */
const LAST_SIGNAL = 64n;

/** prctl(PR_GET_DUMPABLE): 0, 1, or the 2 that only the kernel sets. Linux: prctl, kernel/sys.c */
export function getDumpable(access: AccessDecision, subject: Subject): Result<number> {
  return success(readDumpable(access.ports, subject.exec, true));
}

/**
 * prctl(PR_SET_DUMPABLE, 0 or 1): anybody may, so a process that a change of identity closed opens
 * itself again.
 *
 * Refusals: EINVAL `prctl/dumpable-value`. Linux: prctl, kernel/sys.c
 */
export function setDumpable(
  access: AccessDecision,
  subject: Subject,
  value: bigint,
): Result<number> {
  const { checks, journal } = access.ports;
  if (value !== 0n && value !== 1n)
    return reasons.refuse(checks, "prctl/dumpable-value", shown(value));
  reasons.passed(checks, "prctl/dumpable-value", shown(value));
  journal.save(subject.exec, "dumpable");
  subject.exec.dumpable = value === 1n ? 1 : 0;
  return ZERO;
}

/**
 * prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0): from now on no exec grants what the task has not; for
 * good.
 *
 * Refusals: EINVAL `prctl/no-new-privs-arguments`. Linux: prctl, kernel/sys.c, since 3.5
 */
export function setNoNewPrivs(
  access: AccessDecision,
  subject: Subject,
  args: readonly bigint[],
): Result<number> {
  const { checks, journal } = access.ports;
  const [value = 0n, ...rest] = args;
  if (value !== 1n || rest.some((arg) => arg !== 0n)) {
    return reasons.refuse(checks, "prctl/no-new-privs-arguments", shown(value));
  }
  reasons.passed(checks, "prctl/no-new-privs-arguments", shown(value));
  journal.save(subject, "noNewPrivs");
  subject.noNewPrivs = true;
  return ZERO;
}

/** prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0). Refusals: EINVAL `prctl/no-new-privs-arguments`. */
export function getNoNewPrivs(
  access: AccessDecision,
  subject: Subject,
  args: readonly bigint[],
): Result<number> {
  if (args.some((arg) => arg !== 0n)) {
    return reasons.refuse(
      access.ports.checks,
      "prctl/no-new-privs-arguments",
      shown(args[0] ?? 0n),
    );
  }
  return success(subject.noNewPrivs ? 1 : 0);
}

/**
 * prctl(PR_SET_PDEATHSIG, signal): a change of identity clears it again.
 *
 * Refusals: EINVAL `prctl/parent-death-signal-value`. Linux: prctl, kernel/sys.c
 */
export function setParentDeathSignal(
  access: AccessDecision,
  subject: Subject,
  signal: bigint,
): Result<number> {
  const { checks, journal } = access.ports;
  if (signal > LAST_SIGNAL)
    return reasons.refuse(checks, "prctl/parent-death-signal-value", shown(signal));
  reasons.passed(checks, "prctl/parent-death-signal-value", shown(signal));
  journal.save(subject, "parentDeathSignal");
  subject.parentDeathSignal = Number(signal);
  return ZERO;
}

function shown(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : `0x${value.toString(16)}`;
}
