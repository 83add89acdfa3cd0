import { success, type Refusal, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { reasons, type SecurityReasonId } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { ZERO } from "./idKind.ts";

/**
 * ptrace(PTRACE_ATTACH or PTRACE_SEIZE): the tracer's credentials are kept, and execve asks them
 * later.
 *
 * Refusals: EPERM `ptrace_attach/kernel-thread`, `/same-thread-group`, `/exited`,
 * `/already-traced`; and the access check's own errno as `/no-access`. Linux: `ptrace_attach`,
 * kernel/ptrace.c.
 *
 * @example
 * ptraceAttach(access, debugger, program).ok;
 */
export function ptraceAttach(
  access: AccessDecision,
  tracer: Subject,
  target: Subject,
): Result<number> {
  const refusal =
    refuseIf(access, "ptrace_attach/kernel-thread", target.isKernelThread) ??
    refuseIf(access, "ptrace_attach/same-thread-group", target.group === tracer.group) ??
    checkAccess(access, tracer, target) ??
    refuseIf(access, "ptrace_attach/exited", target.hasExited) ??
    refuseIf(access, "ptrace_attach/already-traced", isTraced(target));
  if (refusal !== undefined) return refusal;
  link(access, target, tracer);
  return ZERO;
}

/**
 * ptrace(PTRACE_TRACEME): the parent becomes the tracer, if the policies let it.
 *
 * Refusals: EPERM `ptrace_traceme/already-traced`, and a policy's own errno as
 * `ptrace_traceme/parent-refused`. Linux: `ptrace_traceme`, kernel/ptrace.c.
 */
export function ptraceTraceme(access: AccessDecision, subject: Subject): Result<number> {
  const { checks } = access.ports;
  const already = refuseIf(access, "ptrace_traceme/already-traced", isTraced(subject));
  if (already !== undefined) return already;
  const { parent } = subject;
  if (parent === undefined)
    throw new RangeError(`task ${String(subject.pid)} has no parent that could trace it`);
  const answer = access.ptraceTraceme({ parent, child: subject });
  if (!answer.ok)
    return passOn(answer, reasons.refuseBecause(checks, "ptrace_traceme/parent-refused", answer));
  reasons.passed(checks, "ptrace_traceme/parent-refused");
  link(access, subject, parent);
  return ZERO;
}

/** ptrace(PTRACE_DETACH), or the tracer's end. Linux: __ptrace_unlink, kernel/ptrace.c */
export function ptraceDetach(access: AccessDecision, target: Subject): Result<number> {
  link(access, target, undefined);
  return success(0);
}

/** A tracer that exits sets its tracees free. Linux: kernel/ptrace.c exit_ptrace */
function isTraced({ tracer }: Subject): boolean {
  return tracer !== undefined && !tracer.hasExited;
}

function checkAccess(
  access: AccessDecision,
  tracer: Subject,
  target: Subject,
): Refusal | undefined {
  const { checks } = access.ports;
  const answer = access.ptraceAccess({
    caller: tracer,
    target,
    mode: "PTRACE_MODE_ATTACH_REALCREDS",
  });
  if (!answer.ok)
    return passOn(answer, reasons.refuseBecause(checks, "ptrace_attach/no-access", answer));
  reasons.passed(checks, "ptrace_attach/no-access");
  return undefined;
}

/** A refusal of this call with the errno of the one that it stands on: ptrace hands it through. */
function passOn({ code, errno }: Refusal, own: Refusal): Refusal {
  return code === own.code ? own : Object.freeze({ ...own, code, errno });
}

function refuseIf(
  { ports }: AccessDecision,
  id: SecurityReasonId,
  isSo: boolean,
): Refusal | undefined {
  if (isSo) return reasons.refuse(ports.checks, id);
  reasons.passed(ports.checks, id);
  return undefined;
}

function link({ ports }: AccessDecision, target: Subject, tracer: Subject | undefined): void {
  ports.journal.save(target, "tracer");
  ports.journal.save(target, "tracerCredentials");
  target.tracer = tracer;
  target.tracerCredentials = tracer?.credentials;
}
