import { ALWAYS, type SecurityReason } from "./entry.ts";

/**
 * The calls that set ids under conditions. setfsuid and setfsgid never fail: what they refuse they
 * leave undone.
 */
export type SetIdCall = "setuid" | "setreuid" | "setresuid" | "setgid" | "setregid" | "setresgid";

type SetIdReason = `${SetIdCall}/${"invalid-id" | "not-permitted"}`;
type GroupReason =
  | "setgroups/not-permitted"
  | "setgroups/denied-in-namespace"
  | "setgroups/too-many"
  | "setgroups/invalid-id"
  | "getgroups/too-small";

function invalid(call: SetIdCall): SecurityReason {
  return {
    errno: "EINVAL",
    text: `${call} names an id that the caller's user namespace does not map`,
    passes: "every id that is named has a meaning in the caller's user namespace",
    linux: `kernel/sys.c: __sys_${call}`,
    since: ALWAYS,
    remedy: "an id that the namespace's map contains; -1 is none",
    compares: ["id"],
  };
}

function notPermitted(call: SetIdCall): SecurityReason {
  const capability = call.includes("uid") ? "CAP_SETUID" : "CAP_SETGID";
  const own = call.startsWith("setre")
    ? "its real, effective and saved ids"
    : "its real and saved ids";
  return {
    errno: "EPERM",
    text: `without ${capability} a task takes only ids that it has: ${own}`,
    passes: `the id is one of the task's own, or it has ${capability}`,
    linux: `kernel/sys.c: __sys_${call}`,
    since: ALWAYS,
    remedy: `${capability} in the caller's user namespace, or one of its own ids`,
    compares: ["id", "own"],
  };
}

function setIdReasons(): { readonly [id in SetIdReason]: SecurityReason } {
  const calls: readonly SetIdCall[] = [
    "setuid",
    "setreuid",
    "setresuid",
    "setgid",
    "setregid",
    "setresgid",
  ];
  const entries = calls.flatMap((call) => [
    [`${call}/invalid-id`, invalid(call)] as const,
    [`${call}/not-permitted`, notPermitted(call)] as const,
  ]);
  return Object.fromEntries(entries) as { [id in SetIdReason]: SecurityReason };
}

/** setuid and its kin, and the supplementary groups. */
export const IDENTITY_REASONS: { readonly [id in SetIdReason | GroupReason]: SecurityReason } = {
  ...setIdReasons(),
  "setgroups/not-permitted": {
    errno: "EPERM",
    text: "setting supplementary groups takes CAP_SETGID in the caller's user namespace",
    passes: "the task has CAP_SETGID in its user namespace",
    linux: "kernel/groups.c: may_setgroups",
    since: ALWAYS,
    remedy: "CAP_SETGID",
  },
  "setgroups/denied-in-namespace": {
    errno: "EPERM",
    text: "the user namespace has no group map yet, or its setgroups file says deny",
    passes: "the user namespace has a group map and allows setgroups",
    linux: "kernel/user_namespace.c: userns_may_setgroups",
    since: "3.19",
    remedy: "a gid_map written by someone with CAP_SETGID in the parent namespace",
    compares: ["mapped", "allowed"],
  },
  "setgroups/too-many": {
    errno: "EINVAL",
    text: "a task has at most 65536 supplementary groups",
    passes: "there are not too many groups",
    linux: "kernel/groups.c: setgroups",
    since: ALWAYS,
    remedy: "fewer groups",
    compares: ["count"],
  },
  "setgroups/invalid-id": {
    errno: "EINVAL",
    text: "a group has no meaning in the caller's user namespace",
    passes: "every group has a meaning in the caller's user namespace",
    linux: "kernel/groups.c: groups_from_user",
    since: "3.8",
    remedy: "ids that the namespace's gid_map contains",
    compares: ["id"],
  },
  "getgroups/too-small": {
    errno: "EINVAL",
    text: "the caller has room for fewer groups than there are",
    passes: "the caller has room for every group",
    linux: "kernel/groups.c: getgroups",
    since: ALWAYS,
    remedy: "size 0 to learn the number, or more room",
    compares: ["size", "count"],
  },
};
