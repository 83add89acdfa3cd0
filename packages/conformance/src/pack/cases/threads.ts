import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, mapped, SELF, written } from "./stage.ts";

const THREAD = "CLONE_VM|CLONE_SIGHAND|CLONE_THREAD";

const THREADS: readonly PackCase[] = caseGroup("threads", [
  [
    "tid-without-flag",
    "a thread's number without PIDFD_THREAD",
    `${written("app", 2)}
    app  clone(${THREAD}, NULL) = $thread
    app  pidfd_open($thread, 0)`,
  ],
  [
    "tid",
    "a pidfd of a thread that does not lead",
    `${written("app", 2)}
    app  clone(${THREAD}, NULL) = $thread
    app  pidfd_open($thread, PIDFD_THREAD) = $fd
    ${advise("app")}`,
  ],
  [
    "leader",
    "a PIDFD_THREAD pidfd of the leader",
    `${written("app", 2)}
    app  pidfd_open($app, PIDFD_THREAD) = $fd
    ${advise("app")}`,
  ],
  [
    "by-a-thread",
    "a thread advises its own process",
    `${SELF}
    app  clone(${THREAD}, NULL) = $thread
    ${advise("$thread")}
    ${advise("$thread", { advice: "MADV_DONTNEED" })}`,
  ],
  [
    "self-by-a-thread",
    "PIDFD_SELF_THREAD and PIDFD_SELF_THREAD_GROUP by a thread",
    `${SELF}
    app  clone(${THREAD}, NULL) = $thread
    ${advise("$thread", { pidfd: "-10000" })}
    ${advise("$thread", { pidfd: "-10001" })}`,
  ],
  [
    "thread-ended",
    "a thread that has ended leaves its process as it was",
    `${SELF}
    app  clone(${THREAD}, NULL) = $thread
    $thread  exit(0)
    ${advise("app")}`,
  ],
  [
    "leader-ended",
    "a process whose leader has ended, and a thread lives on",
    `${written("app", 2)}
    app  clone(${THREAD}, NULL) = $thread
    manager  pidfd_open($app, 0) = $fd
    app  exit(0)
    ${advise("manager")}`,
  ],
  [
    "leader-ended-self",
    "a thread whose leader has ended advises itself",
    `${written("app", 2)}
    app  clone(${THREAD}|CLONE_FILES, NULL) = $thread
    app  pidfd_open($app, 0) = $fd
    app  exit(0)
    ${advise("$thread", { pidfd: "-10000" })}
    ${advise("$thread", { pidfd: "-10001" })}
    ${advise("$thread")}`,
  ],
  [
    "thread-ids",
    "ids that one thread alone has changed",
    `app  spawn({uid=1000})
    ${written("app", 2)}
    app  clone(${THREAD}, NULL) = $thread
    manager  spawn({uid=1000, caps=[CAP_SYS_NICE]})
    manager  pidfd_open($app, 0) = $fd
    $thread  setresuid(1000, 1000, 1000)
    ${advise("manager")}`,
  ],
]);

const WAITING: readonly PackCase[] = caseGroup("waitid", [
  [
    "alive",
    "a child that lives",
    `app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    app  waitid(P_PIDFD, $fd, NULL, WEXITED|WNOHANG, NULL)`,
  ],
  [
    "ended",
    "a child that has ended",
    `app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    $child  exit_group(0)
    app  waitid(P_PIDFD, $fd, NULL, WEXITED, NULL)
    app  waitid(P_PIDFD, $fd, NULL, WEXITED, NULL)`,
  ],
  [
    "nonblock",
    "a pidfd that does not block, of a child that lives",
    `app  fork() = $child
    app  pidfd_open($child, PIDFD_NONBLOCK) = $fd
    app  waitid(P_PIDFD, $fd, NULL, WEXITED, NULL)`,
  ],
  [
    "no-child",
    "a process that is no child",
    `app  getpid()
    manager  pidfd_open($app, 0) = $fd
    manager  waitid(P_PIDFD, $fd, NULL, WEXITED|WNOHANG, NULL)`,
  ],
  [
    "no-pidfd",
    "a descriptor that is no pidfd",
    "app  waitid(P_PIDFD, 0, NULL, WEXITED|WNOHANG, NULL)",
  ],
  [
    "closed",
    "a descriptor that is not open",
    "app  waitid(P_PIDFD, 98, NULL, WEXITED|WNOHANG, NULL)",
  ],
  ["minus-one", "a descriptor of -1", "app  waitid(P_PIDFD, -1, NULL, WEXITED|WNOHANG, NULL)"],
  [
    "kept",
    "a child that is left waitable",
    `app  fork() = $child
    app  pidfd_open($child, 0) = $fd
    $child  exit_group(0)
    app  waitid(P_PIDFD, $fd, NULL, WEXITED|WNOWAIT, NULL)
    ${mapped("app", 1)}
    ${advise("app")}
    app  waitid(P_PIDFD, $fd, NULL, WEXITED, NULL)`,
  ],
]);

const EXIT_SIGNAL: readonly PackCase[] = caseGroup(
  "exit-signal",
  (["0", "64", "65", "255"] as const).map((signal) => [
    signal,
    `a child that ends with signal ${signal}`,
    `app  clone(${signal}, NULL) = $child`,
  ]),
);

/** Threads as callers and targets, and waiting by pidfd. */
export const THREAD_CASES: readonly PackCase[] = [...THREADS, ...WAITING, ...EXIT_SIGNAL];
