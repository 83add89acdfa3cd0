import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, mapped, OTHER, SELF, written } from "./stage.ts";

const OPEN: readonly PackCase[] = caseGroup("pidfd-open", [
  ["own", "one's own process", "app  pidfd_open($app, 0) = $fd"],
  ["zero", "process 0", "app  pidfd_open(0, 0)"],
  ["minus-one", "process -1", "app  pidfd_open(-1, 0)"],
  ["none", "a process that there is not", "app  pidfd_open(0x3fffffff, 0)"],
  ["flags-1", "a flag that there is not", "app  pidfd_open($app, 1)"],
  ["flags-nonblock", "PIDFD_NONBLOCK", "app  pidfd_open($app, PIDFD_NONBLOCK) = $fd"],
  ["flags-thread", "PIDFD_THREAD", "app  pidfd_open($app, PIDFD_THREAD) = $fd"],
  [
    "flags-and-none",
    "a flag that there is not, and a process that there is not",
    "app  pidfd_open(0x3fffffff, 1)",
  ],
  ["flags-and-zero", "a flag that there is not, and process 0", "app  pidfd_open(0, 1)"],
  [
    "above-32-bits",
    "a process number with upper bits set in its register",
    "app  pidfd_open($app + 0x100000000, 0) = $fd",
  ],
  [
    "close-on-exec",
    "a pidfd is closed on exec",
    `app  pidfd_open($app, 0) = $fd
    app  fcntl($fd, F_GETFD)`,
  ],
  [
    "no-room",
    "a process that there is, and no room for a descriptor",
    `app  prlimit64(0, RLIMIT_NOFILE, {rlim_cur=0, rlim_max=4096}, NULL)
    app  pidfd_open($app, 0)`,
  ],
  [
    "no-room-and-none",
    "a process that there is not, and no room for a descriptor",
    `app  prlimit64(0, RLIMIT_NOFILE, {rlim_cur=0, rlim_max=4096}, NULL)
    app  pidfd_open(0x3fffffff, 0)`,
  ],
  [
    "zombie",
    "a process that has ended",
    `app  fork() = $child
    $child  exit_group(0)
    app  pidfd_open($child, 0) = $fd`,
  ],
  [
    "reaped",
    "a process that was waited for",
    `app  fork() = $child
    $child  exit_group(0)
    app  wait4($child, NULL, 0, NULL)
    app  pidfd_open($child, 0)`,
  ],
  [
    "other-user",
    "anybody's process",
    `app  spawn({uid=2000})
    manager  spawn({uid=1000})
    manager  pidfd_open($app, 0) = $fd`,
  ],
]);

const LIFE: readonly PackCase[] = caseGroup("pidfd-life", [
  [
    "alive-then-zombie-then-reaped",
    "before the end, behind it, and after the wait",
    `${written("app", 2)}
    app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    ${advise("app")}
    $child  exit_group(3)
    ${advise("app")}
    app  waitid(P_PID, $child, NULL, WEXITED, NULL)
    ${advise("app")}`,
  ],
  [
    "killed",
    "a target that was killed",
    `${written("app", 2)}
    app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    app  kill($child, SIGKILL)
    ${advise("app")}`,
  ],
  [
    "stopped",
    "a target that is stopped",
    `${written("app", 2)}
    app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    app  kill($child, SIGSTOP)
    ${advise("app")}`,
  ],
  [
    "zombie-unknown-advice",
    "a target that has ended, and advice that there is not",
    `${written("app", 2)}
    app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    $child  exit_group(0)
    ${advise("app", { advice: "9999" })}
    app  wait4($child, NULL, 0, NULL)
    ${advise("app", { advice: "9999" })}`,
  ],
  [
    "reaped-empty",
    "a target that was waited for, and an empty vector",
    `${written("app", 2)}
    app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    $child  exit_group(0)
    app  wait4($child, NULL, 0, NULL)
    ${advise("app", { vlen: "0" })}`,
  ],
  [
    "inherited",
    "a child advises by a pidfd that it inherited",
    `${SELF}
    app  fork() = $child
    ${advise("$child")}
    $child  close($fd)
    ${advise("$child")}
    ${advise("app")}`,
  ],
  [
    "inherited-own",
    "a child advises its parent by the parent's own pidfd",
    `${SELF}
    app  fork() = $child
    ${advise("$child", { advice: "MADV_DONTNEED" })}
    app  load($heap, 1)`,
  ],
  [
    "shared-table",
    "a process that shares the descriptors",
    `${SELF}
    app  clone(CLONE_FILES|SIGCHLD, NULL) = $child
    $child  close($fd)
    ${advise("app")}`,
  ],
  [
    "target-execs",
    "a target that executes a program has other memory",
    `${OTHER}
    ${advise("manager")}
    app  execve("/images/plain", ["plain"], [])
    ${advise("manager")}
    ${mapped("app", 8).replace(" = $heap", "")}
    ${advise("manager")}`,
  ],
  [
    "caller-execs",
    "a pidfd does not outlive its owner's exec",
    `${OTHER}
    manager  execve("/images/plain", ["plain"], [])
    ${advise("manager")}`,
  ],
  [
    "caller-execs-kept",
    "a pidfd that is not closed on exec does",
    `${OTHER}
    manager  fcntl($fd, F_SETFD, 0)
    manager  execve("/images/plain", ["plain"], [])
    ${advise("manager")}`,
  ],
  [
    "target-gives-up-root",
    "access is asked for at each call",
    `${OTHER}
    manager  setresuid(1000, 1000, 1000)
    ${advise("manager")}`,
  ],
  [
    "no-room",
    "a call needs no room for descriptors",
    `${SELF}
    app  prlimit64(0, RLIMIT_NOFILE, {rlim_cur=0, rlim_max=4096}, NULL)
    ${advise("app")}`,
  ],
  [
    "dup3",
    "a copy of a pidfd",
    `${OTHER}
    manager  dup3($fd, 90, 0)
    manager  close($fd)
    ${advise("manager", { pidfd: "90" })}`,
  ],
  [
    "unmapped-meanwhile",
    "a range that was there when the pidfd was opened",
    `${OTHER}
    app  munmap($heap, 4096)
    ${advise("manager")}`,
  ],
  [
    "mapped-meanwhile",
    "a range that was mapped behind that",
    `app  getpid()
    manager  pidfd_open($app, 0) = $fd
    ${written("app", 1)}
    ${advise("manager")}`,
  ],
]);

/** What a pidfd leads to while its process begins, runs, ends and is waited for. */
export const LIFETIME_CASES: readonly PackCase[] = [...OPEN, ...LIFE];
