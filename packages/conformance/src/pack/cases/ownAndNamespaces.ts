import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, written } from "./stage.ts";

const USER = "{uid=1000}";
const NICE_USER = "{uid=1000, caps=[CAP_SYS_NICE]}";

const OWN: readonly PackCase[] = caseGroup("permission-own", [
  [
    "without-nice",
    "a process without CAP_SYS_NICE advises itself",
    `app  spawn(${USER})
     ${written("app", 2)}
     app  pidfd_open($app, 0) = $fd
     ${advise("app")}`,
  ],
  [
    "without-nice-dontneed",
    "a process without CAP_SYS_NICE advises itself MADV_DONTNEED",
    `app  spawn(${USER})
     ${written("app", 2)}
     app  pidfd_open($app, 0) = $fd
     ${advise("app", { advice: "MADV_DONTNEED" })}`,
  ],
  [
    "without-nice-empty",
    "a process without CAP_SYS_NICE advises itself nothing",
    `app  spawn(${USER})
     ${written("app", 2)}
     app  pidfd_open($app, 0) = $fd
     ${advise("app", { vlen: "0" })}`,
  ],
  [
    "shared-memory-peer",
    "a process that shares the caller's memory, whoever it is",
    `app  spawn(${USER})
     ${written("app", 2)}
     app  clone(CLONE_VM|SIGCHLD, NULL) = $peer
     app  pidfd_open($peer, 0) = $fd
     $peer  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
     ${advise("app")}`,
  ],
  [
    "child-without-nice",
    "a process without CAP_SYS_NICE and its child",
    `app  spawn(${USER})
     ${written("app", 2)}
     app  fork() = $child
     app  pidfd_open($child, 0) = $fd
     ${advise("app")}`,
  ],
]);

const NAMESPACES: readonly PackCase[] = caseGroup("user-namespace", [
  [
    "child-by-parent",
    "root on a child in a user namespace of its own",
    `${written("app", 2)}
     app  clone(CLONE_NEWUSER|SIGCHLD, NULL) = $child
     app  pidfd_open($child, 0) = $fd
     ${advise("app")}`,
  ],
  [
    "parent-by-child",
    "a child in a user namespace of its own, on its parent",
    `${written("app", 2)}
     app  clone(CLONE_NEWUSER|SIGCHLD, NULL) = $child
     $child  pidfd_open($app, 0) = $fd
     ${advise("$child")}`,
  ],
  [
    "own-child",
    "whoever has all capabilities in a user namespace, on a child there",
    `${written("app", 2)}
     app  clone(CLONE_NEWUSER|SIGCHLD, NULL) = $child
     $child  fork() = $grandchild
     $child  pidfd_open($grandchild, 0) = $fd
     ${advise("$child")}`,
  ],
  [
    "itself",
    "whoever is in a user namespace, on itself",
    `${written("app", 2)}
     app  clone(CLONE_NEWUSER|SIGCHLD, NULL) = $child
     $child  pidfd_open($child, 0) = $fd
     ${advise("$child")}`,
  ],
  [
    "user-parent",
    "a user without capabilities on its child in a user namespace that it owns",
    `app  spawn(${NICE_USER})
     ${written("app", 2)}
     app  clone(CLONE_NEWUSER|SIGCHLD, NULL) = $child
     app  pidfd_open($child, 0) = $fd
     ${advise("app")}`,
  ],
  [
    "user-parent-closed-child",
    "the same, and the child is not dumpable",
    `app  spawn(${NICE_USER})
     ${written("app", 2)}
     app  clone(CLONE_NEWUSER|SIGCHLD, NULL) = $child
     $child  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
     app  pidfd_open($child, 0) = $fd
     ${advise("app")}`,
  ],
]);

/** What a process may advise itself, its like and its children, also in user namespaces. */
export const OWN_CASES: readonly PackCase[] = [...OWN, ...NAMESPACES];
