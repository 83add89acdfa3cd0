import { PR, success, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import type { Subject } from "../subject.ts";
import { ZERO } from "./idKind.ts";
import { capAmbient, dropBounding, readBounding } from "./prctlCapabilities.ts";
import {
  getDumpable,
  getNoNewPrivs,
  setDumpable,
  setNoNewPrivs,
  setParentDeathSignal,
} from "./prctlProcess.ts";
import { getKeepcaps, getSecurebits, setKeepcaps, setSecurebits } from "./prctlSecurebits.ts";
import { reasons } from "../reasons.ts";

/** What a prctl needs to know. */
export interface PrctlCall {
  readonly option: number;
  /** The four arguments, all 64 bits: prctl compares unsigned longs. */
  readonly args: readonly (number | bigint)[];
  /** The task of a pid in the caller's pid namespace, for PR_SET_PTRACER. */
  findTask?(pid: number): Subject | undefined;
}

/**
 * prctl(2), as far as it concerns security: policies first, then
 * PR_{GET,SET}_{DUMPABLE,KEEPCAPS,SECUREBITS, NO_NEW_PRIVS}, PR_SET_PDEATHSIG,
 * PR_CAPBSET_{READ,DROP}, PR_CAP_AMBIENT, and PR_SET_PTRACER where a policy knows it. `undefined`:
 * the option is somebody else's.
 *
 * Refusals: those of the option, and whatever a policy answers. Linux: `prctl`, kernel/sys.c;
 * `cap_task_prctl`, security/commoncap.c.
 *
 * @example
 * prctl(access, task, { option: PR.PR_SET_DUMPABLE, args: [0] });
 */
export function prctl(
  access: AccessDecision,
  subject: Subject,
  call: PrctlCall,
): Result<number> | undefined {
  const args = [0, 1, 2, 3].map((i) => BigInt.asUintN(64, BigInt(call.args[i] ?? 0)));
  const { option } = call;
  const findTask = (pid: number): Subject | undefined => call.findTask?.(pid);
  const heard = access.prctl({ subject, option, args, findTask });
  if (!heard.ok) return heard;
  if (heard.value) return ZERO;
  const [a2 = 0n, a3 = 0n, a4 = 0n, a5 = 0n] = args;
  switch (option) {
    case PR.PR_GET_DUMPABLE:
      return getDumpable(access, subject);
    case PR.PR_SET_DUMPABLE:
      return setDumpable(access, subject, a2);
    case PR.PR_GET_KEEPCAPS:
      return getKeepcaps(access, subject);
    case PR.PR_SET_KEEPCAPS:
      return setKeepcaps(access, subject, a2);
    case PR.PR_GET_SECUREBITS:
      return getSecurebits(access, subject);
    case PR.PR_SET_SECUREBITS:
      return setSecurebits(access, subject, a2);
    case PR.PR_SET_NO_NEW_PRIVS:
      return setNoNewPrivs(access, subject, [a2, a3, a4, a5]);
    case PR.PR_GET_NO_NEW_PRIVS:
      return getNoNewPrivs(access, subject, [a2, a3, a4, a5]);
    case PR.PR_SET_PDEATHSIG:
      return setParentDeathSignal(access, subject, a2);
    case PR.PR_CAPBSET_READ:
      return readBounding(access, subject, a2);
    case PR.PR_CAPBSET_DROP:
      return dropBounding(access, subject, a2);
    case PR.PR_CAP_AMBIENT:
      return capAmbient(access, subject, [a2, a3, a4, a5]);
    case PR.PR_SET_PTRACER:
      return reasons.refuse(access.ports.checks, "prctl/option-unknown", option);
    default:
      return undefined;
  }
}

/** PR_GET_PDEATHSIG writes this through its pointer. */
export function getParentDeathSignal(subject: Subject): Result<number> {
  return success(subject.parentDeathSignal);
}
