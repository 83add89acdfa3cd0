import type { SecurityReason } from "./entry.ts";

const CREATE = "kernel/user_namespace.c: create_user_ns";
const JOIN = "kernel/user_namespace.c: userns_install";
const MAP = "kernel/user_namespace.c: map_write";

type Id =
  | "user_namespace/too-deep"
  | "user_namespace/chrooted"
  | "user_namespace/ids-unmapped"
  | "setns/same-user-namespace"
  | "setns/several-threads"
  | "setns/shares-root"
  | "setns/not-permitted"
  | "id_map/written-already"
  | "id_map/writer-lacks-admin"
  | "id_map/ranges-invalid"
  | "id_map/not-permitted"
  | "id_map/parent-unmapped"
  | "id_map/setgroups-fixed"
  | "execve/file-capabilities-incomplete";

/** User namespaces, and execve's one refusal that is about credentials. */
export const NAMESPACE_REASONS: { readonly [id in Id]: SecurityReason } = {
  "user_namespace/too-deep": {
    errno: "ENOSPC",
    text: "user namespaces nest 33 deep below the initial one, and no deeper",
    passes: "the new namespace does not nest too deep",
    linux: CREATE,
    since: "3.9",
    remedy: "fewer nested namespaces",
    compares: ["parentLevel"],
  },
  "user_namespace/chrooted": {
    errno: "EPERM",
    text: "a task whose root was changed makes no user namespace",
    passes: "the task's root is that of its mount namespace",
    linux: CREATE,
    since: "3.9",
    remedy: "a task outside of the chroot",
  },
  "user_namespace/ids-unmapped": {
    errno: "EPERM",
    text: "the creator's effective ids have no name in its own user namespace",
    passes: "the creator's effective ids have names in its own user namespace",
    linux: CREATE,
    since: "3.8",
    remedy: "uid_map and gid_map of the present namespace written first",
    compares: ["euid", "egid"],
  },
  "setns/same-user-namespace": {
    errno: "EINVAL",
    text: "the task is in that user namespace already",
    passes: "it is another user namespace",
    linux: JOIN,
    since: "3.8",
    remedy: "nothing: it is where it wants to be",
  },
  "setns/several-threads": {
    errno: "EINVAL",
    text: "a process with several threads does not change its user namespace",
    passes: "the process has one thread",
    linux: JOIN,
    since: "3.8",
    remedy: "setns before other threads start",
  },
  "setns/shares-root": {
    errno: "EINVAL",
    text: "a process that shares its root directory with another does not change its user namespace",
    passes: "nobody shares the process' root and working directory",
    linux: JOIN,
    since: "3.9",
    remedy: "unshare(CLONE_FS) first",
  },
  "setns/not-permitted": {
    errno: "EPERM",
    text: "joining a user namespace takes CAP_SYS_ADMIN in it",
    passes: "the task has CAP_SYS_ADMIN in that user namespace",
    linux: JOIN,
    since: "3.8",
    remedy: "CAP_SYS_ADMIN there: its owner outside has it",
  },
  "id_map/written-already": {
    errno: "EPERM",
    text: "a map is written once",
    passes: "the map is not written yet",
    linux: MAP,
    since: "3.8",
    remedy: "a new user namespace",
  },
  "id_map/writer-lacks-admin": {
    errno: "EPERM",
    text: "writing a map takes CAP_SYS_ADMIN in the namespace",
    passes: "the writer has CAP_SYS_ADMIN in the namespace",
    linux: MAP,
    since: "3.8",
    remedy: "a writer inside with all capabilities, or the owner",
  },
  "id_map/ranges-invalid": {
    errno: "EINVAL",
    text: "a map has 1 to 340 ranges that are not empty, do not wrap around and do not overlap",
    passes: "the ranges are well formed",
    linux: MAP,
    since: "3.8",
    remedy: "ranges that are well formed",
    compares: ["ranges"],
  },
  "id_map/not-permitted": {
    errno: "EPERM",
    text: "without the capability in the parent one maps one's own id alone (a group after deny)",
    passes:
      "the map is one's own single id, or the writer has the capability in the parent namespace",
    linux: "kernel/user_namespace.c: new_idmap_permitted",
    since: "3.8",
    remedy: "a writer in the parent with CAP_SETUID or CAP_SETGID, such as newuidmap",
    compares: ["capability"],
  },
  "id_map/parent-unmapped": {
    errno: "EPERM",
    text: "an id of the map has no meaning in the parent namespace",
    passes: "every id of the map has a meaning in the parent namespace",
    linux: MAP,
    since: "3.8",
    remedy: "ids that the parent's own map contains",
    compares: ["id"],
  },
  "id_map/setgroups-fixed": {
    errno: "EPERM",
    text: "setgroups cannot be denied once a gid_map is written, nor allowed again once denied",
    passes: "the setgroups file may still be written",
    linux: "kernel/user_namespace.c: proc_setgroups_write",
    since: "3.19",
    remedy: "deny before the gid_map is written",
  },
  "execve/file-capabilities-incomplete": {
    errno: "EPERM",
    text: "the program has the effective bit and would not get every capability that its file permits",
    passes: "the program gets every capability that its file permits, or does not insist",
    linux: "security/commoncap.c: bprm_caps_from_vfs_caps",
    since: "2.6.24",
    remedy: "a bounding set with those capabilities, or a file without the effective bit",
    compares: ["missing"],
  },
};
