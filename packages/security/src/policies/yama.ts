import { PR } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import type {
  Objection,
  Policy,
  PrctlQuestion,
  PtraceQuestion,
  TracemeQuestion,
} from "../policy.ts";
import { modeAttaches } from "../ptraceMode.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { objection } from "./objection.ts";

/** kernel.yama.ptrace_scope */
export type YamaScope = 0 | 1 | 2 | 3;

/**
 * What Yama remembers: the scope, and for each process, by its leader's pid, whom it let trace it.
 */
export interface YamaState {
  scope: YamaScope;
  tracers: Record<string, { readonly pid: number; readonly group: number } | "any">;
}

/** Yama with its state at hand: a test or a sysctl may set the scope. */
export interface YamaPolicy extends Policy {
  state(): YamaState;
}

/** PR_SET_PTRACER_ANY, seen as an int: -1 from a 32-bit caller too. */
const ANYBODY = -1;

/**
 * Yama: who may *attach*, beyond what the access check says. Reading (process_madvise since 5.12,
 * /proc) is none of its business.
 *
 * Linux: security/yama/yama_lsm.c, unchanged from 5.8 to 7.3
 *
 * @example
 * new AccessControl({ policies: [commoncap(), yama({ scope: 1 })] });
 */
export function yama({ scope = 1 }: { readonly scope?: YamaScope } = {}): YamaPolicy {
  if (![0, 1, 2, 3].includes(scope))
    throw new RangeError(`ptrace_scope is 0, 1, 2 or 3, not ${String(scope)}`);
  const state: YamaState = { scope, tracers: {} };
  return {
    name: "yama",
    keepsNoQuestion: true,
    prctlOptions: [PR.PR_SET_PTRACER],
    state: () => state,
    ptraceAccess: (question, access) => ptraceAccess(state, question, access),
    ptraceTraceme: (question, access) => ptraceTraceme(state, question, access),
    prctl: (question) => setPtracer(state, question),
    exit: ({ subject }) => {
      forget(state, subject);
    },
  };
}

function ptraceAccess(
  state: YamaState,
  question: PtraceQuestion,
  access: AccessDecision,
): Objection | undefined {
  const { caller, target, mode } = question;
  const { checks } = access.ports;
  const { scope } = state;
  if (!modeAttaches(mode) || scope === 0) {
    reasons.passed(checks, "yama/no-attach", scope);
    return undefined;
  }
  if (scope === 3) return objection("yama/no-attach", scope);
  const isOpen = scope === 1 && (isDescendant(target, caller) || isDeclared(state, target, caller));
  if (isOpen || access.capable(caller, "CAP_SYS_PTRACE", target.credentials.userNamespace).ok) {
    reasons.passed(checks, scope === 1 ? "yama/restricted" : "yama/admin-only", scope);
    return undefined;
  }
  return scope === 1
    ? objection("yama/restricted", scope, caller.pid, target.pid)
    : objection("yama/admin-only", scope);
}

function ptraceTraceme(
  { scope }: YamaState,
  { parent, child }: TracemeQuestion,
  access: AccessDecision,
): Objection | undefined {
  if (scope === 3) return objection("yama/traceme-no-attach", scope);
  if (
    scope === 2 &&
    !access.capable(parent, "CAP_SYS_PTRACE", child.credentials.userNamespace).ok
  ) {
    return objection("yama/traceme-admin-only", scope);
  }
  reasons.passed(access.ports.checks, "yama/traceme-admin-only", scope);
  return undefined;
}

/** Whether a task descends from another's thread group, or is in it, by real parents. */
function isDescendant(task: Subject, ancestor: Pick<Subject, "group">): boolean {
  let walker: Subject | undefined = task;
  while (walker !== undefined && walker.group !== ancestor.group) walker = walker.parent;
  return walker !== undefined;
}

/**
 * Whether the target is traced by the caller's process already, or let the caller or an ancestor of
 * it trace it.
 */
function isDeclared(state: YamaState, target: Subject, caller: Subject): boolean {
  if (target.tracer?.group === caller.group) return true;
  const declared = state.tracers[target.group];
  if (declared === undefined || declared === "any") return declared === "any";
  return isDescendant(caller, declared);
}

/** PR_SET_PTRACER: 0 for nobody, -1 for anybody, else a pid in the caller's pid namespace. */
function setPtracer(
  state: YamaState,
  { subject, option, args, findTask }: PrctlQuestion,
): Objection | undefined {
  if (option !== PR.PR_SET_PTRACER) return undefined;
  const [value = 0n] = args;
  const pid = Number(BigInt.asIntN(32, value));
  if (value === 0n) {
    Reflect.deleteProperty(state.tracers, subject.group);
  } else if (pid === ANYBODY) {
    state.tracers[subject.group] = "any";
  } else {
    const tracer = findTask(pid);
    if (tracer === undefined) return objection("yama/ptracer-unknown", pid);
    state.tracers[subject.group] = { pid: tracer.pid, group: tracer.group };
  }
  return undefined;
}

/** Drops what was declared by or for a task that is gone. */
function forget(state: YamaState, { pid }: Subject): void {
  Reflect.deleteProperty(state.tracers, pid);
  for (const [tracee, tracer] of Object.entries(state.tracers)) {
    if (tracer !== "any" && tracer.pid === pid) Reflect.deleteProperty(state.tracers, tracee);
  }
}
