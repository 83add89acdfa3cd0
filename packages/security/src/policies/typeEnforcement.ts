import type { AccessDecision } from "../accessDecision.ts";
import type { CapableQuestion, Objection, Policy } from "../policy.ts";
import { modeReads } from "../ptraceMode.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { objection } from "./objection.ts";

/** Options of {@link typeEnforcement}. */
export interface TypeEnforcementOptions {
  /** The type of a task whose label says none. */
  readonly defaultType?: string;
  /** The policy's name: SELinux' own rules are known by it. */
  readonly name?: string;
}

/**
 * A table of types in SELinux' own notation: a task's type is its label `type`, and what no rule
 * allows is refused. Reading is `file read` on the target's type, attaching and TRACEME are
 * `process ptrace`, and a capability is a permission of the task's type on itself, in the classes
 * capability, capability2, cap_userns and cap2_userns.
 *
 * Linux: selinux_ptrace_access_check, selinux_ptrace_traceme, cred_has_capability,
 * security/selinux/hooks.c. Roles, levels, booleans and type transitions are not modelled.
 *
 * @example
 * typeEnforcement(`
 *   allow manager_t app_t:process ptrace;
 *   allow manager_t self:capability { sys_nice sys_ptrace };
 * `);
 */
export function typeEnforcement(rules: string, options: TypeEnforcementOptions = {}): Policy {
  const { defaultType = "unlabeled_t", name = "type_enforcement" } = options;
  const allowed = parseRules(rules);
  const typeOf = (subject: Subject): string => subject.labels.type ?? defaultType;
  const decide = (
    caller: Subject,
    target: Subject,
    vector: string,
    access: AccessDecision,
  ): Objection | undefined => {
    const source = typeOf(caller);
    const to = typeOf(target);
    if (!allowed.has(`${source} ${to}:${vector}`))
      return objection("type_enforcement/ptrace-denied", source, to, vector);
    reasons.passed(access.ports.checks, "type_enforcement/ptrace-denied", source, to, vector);
    return undefined;
  };
  return {
    name,
    keepsNoQuestion: true,
    ptraceAccess({ caller, target, mode }, access) {
      return decide(caller, target, modeReads(mode) ? "file read" : "process ptrace", access);
    },
    ptraceTraceme: ({ parent, child }, access) => decide(parent, child, "process ptrace", access),
    capable: (question, access) => capable(question, typeOf(question.subject), allowed, access),
  };
}

function capable(
  { capability, userNamespace }: CapableQuestion,
  type: string,
  allowed: ReadonlySet<string>,
  access: AccessDecision,
): Objection | undefined {
  const permission = capability.slice("CAP_".length).toLowerCase();
  const classes =
    userNamespace.level === 0 ? ["capability", "capability2"] : ["cap_userns", "cap2_userns"];
  if (!classes.some((name) => allowed.has(`${type} ${type}:${name} ${permission}`))) {
    return objection("type_enforcement/capability-denied", type, capability);
  }
  reasons.passed(access.ports.checks, "type_enforcement/capability-denied", type, capability);
  return undefined;
}

const RULE = /^allow\s+(\S+)\s+([^\s:]+)\s*:\s*(\S+)\s+(?:\{([^}]*)\}|(\S+))$/;

/** Each rule as "source target:class permission". */
function parseRules(text: string): ReadonlySet<string> {
  const allowed = new Set<string>();
  const statements = text.replace(/#[^\n]*/g, "").split(";");
  for (const statement of statements.map((part) => part.trim().replace(/\s+/g, " "))) {
    if (statement === "") continue;
    const match = RULE.exec(statement);
    if (match === null) {
      throw new TypeError(
        `type enforcement: cannot read ${JSON.stringify(statement)}; write "allow a_t b_t:class perm;"`,
      );
    }
    const [, source = "", target = "", tclass = "", many, one = ""] = match;
    for (const permission of (many ?? one).split(" ")) {
      allowed.add(`${source} ${target === "self" ? source : target}:${tclass} ${permission}`);
    }
  }
  return allowed;
}
