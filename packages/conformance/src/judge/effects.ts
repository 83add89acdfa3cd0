import { Inode, OpenFile, SegmentNamespace, UnstatedFile } from "@kadvise/files";
import { punchHole, truncatePages, type AddressSpace } from "@kadvise/mm-core";
import { enterSeenNamespace, forgetCredentials } from "@kadvise/security";
import { integerOf, type CallEvent, type Value } from "@kadvise/strace";
import { Pidfd, PidNamespace } from "@kadvise/pidfd";
import { ownFiles, exitTask, SYSTEM_CALLS, type OpenEntry, type Task } from "@kadvise/syscalls";
import { FALLOC_FL, O, RLIMIT, SIG, type RlimitName } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import { closesOnExec, hasFlag, isNonblocking } from "./flagArgument.ts";
import { openFileOf } from "./openedFile.ts";
import { changesMode, memoryFileOf, notesSeals, setMode } from "./memoryFiles.ts";
import { readsMessages, receivesFiles } from "./receivedFiles.ts";
import { plainName } from "./scope.ts";
import { viewPath } from "./views/viewPath.ts";

/**
 * What a call that the model does not cover may change: exactly that becomes unknown, or is taken
 * from the log.
 */
export type Effect = (task: Task, event: CallEvent) => void;

/** Calls that change nothing that is modelled. */
const HARMLESS: ReadonlySet<string> = new Set(
  `accept access acct add_key adjtimex alarm arch_prctl bind bpf cachestat chdir chmod chown chroot clock_adjtime
  clock_getres clock_gettime clock_nanosleep clock_settime connect copy_file_range delete_module epoll_ctl epoll_pwait
  epoll_pwait2 epoll_wait faccessat faccessat2 fadvise64 fanotify_mark fchdir fchmodat fchmodat2 fchown
  fchownat fdatasync fgetxattr finit_module flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatfs fstatfs64
  fstatat64 fsync futex futex_time64 futex_waitv futimesat get_mempolicy get_robust_list get_thread_area getcpu getcwd
  getdents getdents64 getitimer getpeername getpgid getpgrp getpriority getrandom getrlimit getrusage getsid getsockname
  getsockopt gettimeofday getxattr init_module inotify_add_watch inotify_rm_watch io_cancel io_destroy io_getevents
  io_setup io_submit io_uring_enter io_uring_register ioperm iopl ioprio_get ioprio_set kcmp keyctl kill
  lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat lstat64 mbind membarrier
  memfd_secret migrate_pages mkdir mkdirat mknod mknodat mount mount_setattr move_mount move_pages mq_getsetattr mq_notify
  mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd nanosleep newfstatat newuname olduname pause
  perf_event_open personality pivot_root pkey_alloc pkey_free poll ppoll ppoll_time64 pread64 preadv preadv2 pselect6 pselect6_time64 pwrite64 pwritev pwritev2 quotactl readahead readlink readlinkat
  readv reboot recvfrom rename renameat renameat2 request_key restart_syscall rmdir rseq rt_sigaction
  rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select
  semctl semget semop semtimedop sendfile sendfile64 sendmmsg sendmsg sendto set_mempolicy set_robust_list set_thread_area
  setdomainname sethostname setitimer setpgid setpriority setsid setsockopt settimeofday setxattr shmctl shmget shutdown
  sigaction sigaltstack signal sigpending sigprocmask sigreturn sigsuspend splice stat stat64 statfs statfs64 statx swapoff
  swapon symlink symlinkat sync sync_file_range syncfs sysfs sysinfo syslog tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime timer_settime timerfd_gettime timerfd_settime times tkill umask umount umount2
  uname unlink unlinkat ustat utime utimensat utimes vhangup vmsplice write writev landlock_create_ruleset
  landlock_add_rule landlock_restrict_self set_mempolicy_home_node touch load store spawn ugetrlimit _llseek _newselect
  clock_gettime64 clock_nanosleep_time64 llseek setfsuid16 prctl fcntl fcntl64 getppid ptrace process_mrelease
  pidfd_send_signal mseal pkey_mprotect map_shadow_stack rt_sigtimedwait_time64 statmount listmount`
    .split(/\s+/)
    .filter((name) => name !== ""),
);

const EFFECTS: ReadonlyMap<string, Effect> = new Map<string, Effect>([
  ...["open", "openat", "openat2", "creat"].map((name): [string, Effect] => [name, opensFile]),
  ...[
    ...[
      "socket",
      "accept4",
      "epoll_create",
      "epoll_create1",
      "eventfd",
      "eventfd2",
      "timerfd_create",
      "signalfd",
    ],
    ...[
      "signalfd4",
      "inotify_init",
      "inotify_init1",
      "fanotify_init",
      "userfaultfd",
      "io_uring_setup",
      "mq_open",
    ],
    ...[
      "open_by_handle_at",
      "fsopen",
      "fsmount",
      "fspick",
      "open_tree",
      "perf_event_open",
      "bpf",
      "accept",
    ],
    ...["memfd_secret", "landlock_create_ruleset", "pidfd_getfd"],
  ].map((name): [string, Effect] => [name, opensSomething]),
  ["ioctl", mayOpen],
  ["memfd_create", opensMemoryFile],
  ["pipe", opensPipe],
  ["pipe2", opensPipe],
  ["socketpair", (task, event) => openPair(task, event, 3, [O.O_RDWR, O.O_RDWR])],
  ["ftruncate", (task, event) => resizes(task, event, 1)],
  ["ftruncate64", (task, event) => resizes(task, event, 1)],
  ["truncate", resizesNamed],
  ["truncate64", resizesNamed],
  ["fallocate", allocates],
  ...["write", "pwrite64", "writev", "copy_file_range", "sendfile", "splice"].map(
    (name): [string, Effect] => [name, growsFile],
  ),
  ["fcntl", notesSeals],
  ["fcntl64", notesSeals],
  ["fchmod", changesMode],
  ["recvmsg", receivesFiles],
  ["recvmmsg", receivesFiles],
  ["recvmmsg_time64", receivesFiles],
  ["read", readsMessages],
  ["fstat", statsFile],
  ["fstat64", statsFile],
  ["newfstatat", statsFile],
  ["rt_sigaction", setsHandler],
  ["prlimit64", tellsLimit],
  ["setrlimit", setsLimit],
  ["getrlimit", setsLimit],
  ["ugetrlimit", setsLimit],
  ["unshare", forgetsIdentity],
  ["setns", forgetsIdentity],
  ["mremap", forgetsMoved],
  ["shmat", forgetsAttached],
  ["shmdt", forgetsAttached],
  ["remap_file_pages", forgetsRange],
  ["modify_ldt", () => undefined],
  ["process_vm_readv", tellsOfMemory],
  ["process_vm_writev", tellsOfMemory],
]);

/**
 * What a call may change; undefined for one that nothing is known of: then everything of the caller
 * is forgotten.
 */
export function applyEffect(task: Task, event: CallEvent): void {
  if (event.result.injected && event.result.error !== undefined) return;
  const effect = EFFECTS.get(event.name);
  if (effect !== undefined) effect(task, event);
  else if (!HARMLESS.has(event.name)) forgetsAll(task, event);
}

/** Whether anything is known of what a call may change. */
export function isKnownCall(name: string): boolean {
  return EFFECTS.has(name) || HARMLESS.has(name) || SYSTEM_CALLS.has(plainName(name));
}

/** Whether a call that the model does not cover returns a new descriptor. */
export function makesDescriptors(name: string): boolean {
  const effect = EFFECTS.get(name);
  return effect === opensFile || effect === opensSomething || effect === opensMemoryFile;
}

function resultNumber(event: CallEvent): number | undefined {
  const { value, error } = event.result;
  return value === undefined || error !== undefined ? undefined : Number(value);
}

function argumentNumber(event: CallEvent, i: number): number | undefined {
  const value = event.args[i]?.value;
  const number = value === undefined ? undefined : integerOf(value, constant);
  return number === undefined ? undefined : Number(number);
}

/**
 * Puts a file where the log says that it went. What lies below was open: the kernel takes the
 * lowest free number.
 */
function put(task: Task, fd: number, file: OpenEntry, closeOnExec: boolean): void {
  if (task.files.unstated !== undefined) {
    for (let below = 0; below < fd; below++) task.files.stateOpen(below);
  }
  task.files.set(fd, { file, closeOnExec });
}

function opensFile(task: Task, event: CallEvent): void {
  const fd = resultNumber(event);
  if (fd === undefined) return;
  const { file, closeOnExec } = openFileOf(event);
  const opened = file.isPath
    ? file
    : (reopened(task, file) ?? openedView(task, file, event) ?? file);
  put(task, fd, opened, closeOnExec);
}

/** A file that shows memory: whose, and which opening of it. */
function openedView(task: Task, { name, flags }: OpenFile, event: CallEvent): OpenFile | undefined {
  const path = viewPath(task, name);
  if (path === undefined) return undefined;
  const inode = new Inode({ kind: "file", sizeBytes: 0, number: event.line });
  return new OpenFile(inode, { flags, path, mappable: false });
}

/** Whose descriptors a path leads through. Linux: fs/proc/fd.c proc_fd_link */
const DESCRIPTOR_LINK = /^\/proc\/([^/]+)\/(?:task\/\d+\/)?fd\/(\d+)$/;

/**
 * What is opened anew through /proc/PID/fd: the same file with other flags; another file of the same
 * pidfd (since 6.9), which names the process alone; or anything, where nobody said what was open
 * there. Linux: fs/pidfs.c
 */
function reopened(task: Task, { name, flags }: OpenFile): OpenEntry | undefined {
  const [, whose = "", number] = DESCRIPTOR_LINK.exec(name) ?? [];
  if (number === undefined) return undefined;
  const isOwn = /^(thread-)?self$/.test(whose) || Number(whose) === task.thread.group.pid.number;
  const known = isOwn ? task.files.peek(Number(number))?.file : undefined;
  if (known?.kind === "pidfd") return new Pidfd(known.pid);
  if (known?.kind !== "file") return new UnstatedFile();
  const { object, mappable, kindUnstated, noExec, identity } = known;
  if ((flags & O.O_TRUNC) !== 0) object.resize(task.machine.ports.journal, 0);
  return new OpenFile(object, {
    ...{ flags, path: known.name, mappable, kindUnstated, noExec, identity },
  });
}

function opensSomething(task: Task, event: CallEvent): void {
  const fd = resultNumber(event);
  if (fd !== undefined && fd >= 0) put(task, fd, new UnstatedFile(), closesOnExec(event));
}

/** Requests that return a descriptor: namespaces of pidfds and of others, a terminal's other end. */
const OPENING =
  /^(PIDFD_GET_\w+_NAMESPACE|NS_GET_(USERNS|PARENT)|TIOCGPTPEER|_IOC\(_IOC_NONE, 0xff, 0x([1-9]|a), 0\))$/;

/** Of other requests a log does not tell whether they return a descriptor or a number. */
function mayOpen(task: Task, event: CallEvent): void {
  const fd = resultNumber(event);
  if (fd === undefined || fd <= 0) return;
  if (OPENING.test(event.args[1]?.text ?? "")) put(task, fd, new UnstatedFile(), true);
  else if (task.files.peek(fd) === undefined) task.files.forget(fd, new UnstatedFile());
}

function opensMemoryFile(task: Task, event: CallEvent): void {
  const fd = resultNumber(event);
  if (fd !== undefined) put(task, fd, memoryFileOf(event), hasFlag(event, "MFD_CLOEXEC"));
}

/** A pipe's ends: the first reads, the second writes. Linux: fs/pipe.c create_pipe_files */
function opensPipe(task: Task, event: CallEvent): void {
  // Packets are the writing end's matter.
  const packets = hasFlag(event, "O_DIRECT") ? O.O_DIRECT : 0;
  openPair(task, event, 0, [O.O_RDONLY, O.O_WRONLY | packets]);
}

function openPair(
  task: Task,
  event: CallEvent,
  i: number,
  access: readonly [number, number],
): void {
  const value = event.args[i]?.value;
  if (resultNumber(event) === undefined) return;
  if (value?.kind !== "array" || value.items.length < 2) {
    // strace -s 0 cuts also this list.
    task.files.forgetAll(new UnstatedFile());
    return;
  }
  for (const [end, item] of value.items.entries()) {
    const fd = integerOf(item, constant);
    if (fd === undefined) continue;
    const inode = new Inode({ kind: "file", sizeBytes: 0, isPipe: true });
    const flags = (access[end] ?? O.O_RDWR) | (isNonblocking(event) ? O.O_NONBLOCK : 0);
    const file = new OpenFile(inode, { flags, path: "pipe", mappable: false });
    put(task, Number(fd), file, closesOnExec(event));
  }
}

function fileOf(task: Task, event: CallEvent): OpenFile | undefined {
  const fd = argumentNumber(event, 0);
  const file = fd === undefined ? undefined : task.files.peek(fd)?.file;
  return file?.kind === "file" ? file : undefined;
}

function resizes(task: Task, event: CallEvent, i: number): void {
  const file = fileOf(task, event);
  const size = argumentNumber(event, i);
  if (file === undefined || size === undefined || resultNumber(event) !== 0) return;
  const { memory, ports } = task.machine;
  // Also of a size that nobody told.
  if (!(size >= file.object.sizeBytes)) truncatePages(memory, file.object, size);
  file.object.resize(ports.journal, size);
}

/** Which open file a path names is not followed: any that has a path may be it. */
function resizesNamed(task: Task, event: CallEvent): void {
  if (resultNumber(event) !== 0) return;
  const { processes, ports } = task.machine;
  for (const { thread } of processes.pids.values()) {
    const { mm, files } = thread?.payload ?? {};
    for (const [, { file }] of files ?? [])
      if (file.kind === "file") file.object.resize(ports.journal, Number.NaN);
    if (mm !== undefined) forgetFiles(mm);
  }
}

/** What was mapped of a file may be gone. */
function forgetFiles(mm: AddressSpace): void {
  const { areas } = mm;
  const ranges = [...areas].flatMap((area) =>
    areas.backing[area]?.object.kind === "file" ? [[areas.start[area], areas.end[area]]] : [],
  );
  for (const [start, end] of ranges) mm.forget(start, end);
}

/**
 * Room makes a file longer unless its size is to stay, and a hole takes its pages away; other modes
 * move what lies in it.
 */
function allocates(task: Task, event: CallEvent): void {
  const file = fileOf(task, event);
  const [mode, offset, length] = [1, 2, 3].map((i) => argumentNumber(event, i));
  if (file === undefined || resultNumber(event) !== 0) return;
  const { object } = file;
  const { memory, ports } = task.machine;
  const isShown = mode !== undefined && offset !== undefined && length !== undefined;
  if (isShown && mode === 0) {
    object.resize(ports.journal, Math.max(object.sizeBytes, offset + length));
  } else if (isShown && mode === HOLE) punchHole(memory, object, offset, offset + length);
  else if (mode !== FALLOC_FL.FALLOC_FL_KEEP_SIZE) object.resize(ports.journal, Number.NaN);
}

const HOLE = FALLOC_FL.FALLOC_FL_PUNCH_HOLE | FALLOC_FL.FALLOC_FL_KEEP_SIZE;

/** Writing may make a file longer; how long it is then is not followed. */
function growsFile(task: Task, event: CallEvent): void {
  if (resultNumber(event) !== undefined)
    fileOf(task, event)?.object.resize(task.machine.ports.journal, Number.NaN);
}

/** fstat tells what a file is. */
function statsFile(task: Task, event: CallEvent): void {
  const file = fileOf(task, event);
  const stat = event.args.find(
    ({ value }) => value.kind === "struct" && value.fields.length > 0,
  )?.value;
  if (file === undefined || stat?.kind !== "struct" || resultNumber(event) !== 0) return;
  if (event.name === "newfstatat" && !event.argumentText.includes('""')) return;
  const mode = stat.fields.find(({ name }) => name === "st_mode")?.value;
  const size = stat.fields.find(({ name }) => name === "st_size")?.value;
  const { journal } = task.machine.ports;
  const regular = mode === undefined ? undefined : isRegular(mode);
  if (regular !== undefined) file.state(journal, regular);
  const bits = mode === undefined ? undefined : permissionsOf(mode);
  if (bits !== undefined) setMode(task, event, bits);
  const bytes = size === undefined ? undefined : integerOf(size, constant);
  if (bytes !== undefined) file.object.resize(journal, Number(bytes));
}

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

/** `S_IFREG|0644`, or the mode as a number. */
function isRegular(mode: Value): boolean | undefined {
  const text = textOf(mode);
  if (text.includes("S_IF")) return text.includes("S_IFREG");
  const number = integerOf(mode, constant);
  return number === undefined ? undefined : (Number(number) & S_IFMT) === S_IFREG;
}

function permissionsOf(mode: Value): number | undefined {
  const number = integerOf(mode, constant) ?? /(?:^|\|)(0[0-7]*)$/.exec(textOf(mode))?.[1];
  return number === undefined ? undefined : parsed(number) & 0o7777;
}

/** Behind the words stands an octal number, as strace prints it. */
function parsed(number: number | bigint | string): number {
  return typeof number === "string" ? parseInt(number, 8) : Number(number);
}

function textOf(value: Value): string {
  if (value.kind === "word" || value.kind === "number") return value.text;
  return value.kind === "flags" ? value.parts.map(textOf).join("|") : "";
}

/** A parent that ignores SIGCHLD leaves no zombies. Linux: kernel/signal.c do_notify_parent */
function setsHandler(task: Task, event: CallEvent): void {
  if (argumentNumber(event, 0) !== SIG.SIGCHLD || resultNumber(event) !== 0) return;
  const action = event.args[1]?.value;
  if (action?.kind !== "struct") return;
  const { group } = task.thread;
  task.machine.ports.journal.save(group, "ignoresChildren");
  const field = (name: string): Value | undefined =>
    action.fields.find((candidate) => candidate.name === name)?.value;
  const handler = field("sa_handler");
  const flags = field("sa_flags");
  const ignores = handler !== undefined && integerOf(handler, handlerNumber) === SIG_IGN;
  group.ignoresChildren = ignores || (flags !== undefined && leavesNoZombies(flags));
}

const SIG_IGN = 1;
const SA_NOCLDWAIT = 2;

function handlerNumber(word: string): number | undefined {
  return word === "SIG_IGN" ? SIG_IGN : word === "SIG_DFL" ? 0 : undefined;
}

function leavesNoZombies(flags: Value): boolean {
  if (textOf(flags).includes("SA_NOCLDWAIT")) return true;
  const number = integerOf(flags, () => undefined);
  return number !== undefined && (BigInt(number) & BigInt(SA_NOCLDWAIT)) !== 0n;
}

/** prlimit64 shows the limit that it set, or the one that it found. */
function tellsLimit(task: Task, event: CallEvent): void {
  if (argumentNumber(event, 0) !== 0) return;
  const set = event.args[2]?.value.kind === "struct";
  noteLimit(task, event, 1, set ? 2 : 3);
}

function setsLimit(task: Task, event: CallEvent): void {
  noteLimit(task, event, 0, 1);
}

function noteLimit(task: Task, event: CallEvent, resource: number, structure: number): void {
  const number = argumentNumber(event, resource);
  const name = Object.entries(RLIMIT).find(([, value]) => value === number)?.[0];
  const limit = event.args[structure]?.value;
  if (name === undefined || limit?.kind !== "struct" || resultNumber(event) !== 0) return;
  const field = (key: string): number => {
    const value = limit.fields.find((candidate) => candidate.name === key)?.value;
    const number = value === undefined ? undefined : integerOf(value, constant);
    return number === undefined || BigInt(number) >= 2n ** 63n
      ? Number.POSITIVE_INFINITY
      : Number(number);
  };
  task.limits.set(name as RlimitName, { soft: field("rlim_cur"), hard: field("rlim_max") });
}

function forgetsIdentity(task: Task, event: CallEvent): void {
  if (resultNumber(event) !== 0) return;
  if (event.name === "unshare" && hasFlag(event, "CLONE_FILES")) ownFiles(task);
  if (event.name === "setns" || hasFlag(event, "CLONE_NEWPID")) {
    task.machine.ports.journal.save(task, "childNamespace");
    task.childNamespace = new PidNamespace(task.pid.namespace);
    // Which namespace setns joins may not be told; whoever was in it was there before.
    task.childNamespace.firstUnstated = event.name === "setns";
  }
  if (event.name === "setns" || hasFlag(event, "CLONE_NEWTIME")) {
    task.machine.ports.journal.save(task, "childrenLeaveTime");
    task.childrenLeaveTime = event.name === "unshare";
  }
  if (event.name === "setns" || hasFlag(event, "CLONE_NEWIPC")) {
    task.machine.ports.journal.save(task, "ipc");
    task.ipc = new SegmentNamespace();
  }
  if (event.name === "unshare" && !hasFlag(event, "CLONE_NEWUSER")) return;
  if (event.name === "unshare" && enterSeenNamespace(task.machine.access, task.subject)) return;
  forgetCredentials(task.machine.access, task.subject);
  task.machine.ports.journal.save(task.subject, "idMapUnstated");
  task.subject.idMapUnstated = true;
}

/** remap_file_pages: the range shows something else, in another area. */
function forgetsRange(task: Task, event: CallEvent): void {
  const [from, length] = [argumentNumber(event, 0), argumentNumber(event, 1)];
  if (task.mm === undefined || event.result.error !== undefined) return;
  const { pageBytes } = task.machine.memory;
  if (from === undefined || length === undefined) task.mm.forget(0, task.mm.layout.limit);
  else task.mm.forget(Math.floor(from / pageBytes), Math.ceil((from + length) / pageBytes));
}

/** mremap: what was there and what came out of it. */
function forgetsMoved(task: Task, event: CallEvent): void {
  const to = resultNumber(event);
  const from = argumentNumber(event, 0);
  const oldLength = argumentNumber(event, 1);
  const newLength = argumentNumber(event, 2);
  if (to === undefined || from === undefined || oldLength === undefined || newLength === undefined)
    return;
  const { pageBytes } = task.machine.memory;
  const space = task.mm;
  if (space === undefined) return;
  space.forget(from / pageBytes, Math.ceil((from + oldLength) / pageBytes));
  space.forget(to / pageBytes, Math.ceil((to + newLength) / pageBytes));
}

/** shmat, shmdt: the length is not shown, so everything up to the next known area is forgotten. */
function forgetsAttached(task: Task, event: CallEvent): void {
  const at = event.name === "shmat" ? resultNumber(event) : argumentNumber(event, 0);
  const space = task.mm;
  if (at === undefined || resultNumber(event) === undefined || space === undefined) return;
  const { pageBytes } = task.machine.memory;
  const page = Math.floor(at / pageBytes);
  const above = space.areas.find(page);
  space.forget(page, above < 0 ? space.layout.limit : Math.max(space.areas.start[above], page + 1));
}

function forgetsAll(task: Task): void;
function forgetsAll(task: Task, event: CallEvent): void;
function forgetsAll(task: Task): void {
  const space = task.mm;
  if (space !== undefined) space.forget(0, space.layout.limit);
  task.files.forgetAll(new UnstatedFile());
  forgetCredentials(task.machine.access, task.subject);
}

/**
 * ESRCH of process_vm_readv tells of a process that is there that its memory is not, and nothing of
 * a kernel thread, which never had any. Linux: mm/process_vm_access.c process_vm_rw_core
 */
function tellsOfMemory(task: Task, event: CallEvent): void {
  const number = argumentNumber(event, 0);
  const thread = number === undefined ? undefined : task.machine.processes.find(number)?.thread;
  if (event.result.error !== "ESRCH" || thread?.payload.mm === undefined || !thread.alive) return;
  exitTask(thread.payload, { code: 0, signal: 0, coreDumped: false });
}
