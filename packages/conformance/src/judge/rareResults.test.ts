import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";
import type { CheckReport } from "./report.ts";

function check(lines: readonly string[]): CheckReport {
  const checker = new Checker({ kernel: "6.18.44", all: true });
  const log = checker.log("log");
  log.push(`${lines.join("\n")}\n`);
  log.end();
  return checker.finish();
}

const verdicts = (report: CheckReport): readonly string[] =>
  report.findings.map(({ syscall, verdict }) => `${syscall} ${verdict}`);
const START = '7 execve("/bin/a", ["a"], 0x7ffd00000000 /* 3 vars */) = 0';

describe("what Linux answered once is not held against it", () => {
  test.each([
    ["prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) = 0", "prctl exact"],
    ["prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) = 1", "prctl constrained"],
    ['prctl(PR_SET_NAME, "a") = 0', "prctl exact"],
    ['prctl(PR_GET_NAME, "a") = 0', "prctl exact"],
    ['prctl(PR_GET_NAME, "fifteen letters") = 0', "prctl exact"],
    ["prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0) = 0", "prctl undetermined"],
    [
      "waitid(P_PIDFD, 9, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=8, si_uid=0, si_status=0, si_utime=0, si_stime=0}, WEXITED, NULL) = 0",
      "waitid undetermined",
    ],
    ["fcntl(1, F_DUPFD, 4294967295) = -1 EINVAL (Invalid argument)", "fcntl undetermined"],
    ["fcntl(1, F_DUPFD, 1073741824) = -1 EINVAL (Invalid argument)", "fcntl undetermined"],
    ["dup2(1, 1073741824) = -1 EBADF (Bad file descriptor)", "dup2 undetermined"],
    ["dup2(1, 1073741824) = 1073741824", "dup2 undetermined"],
    ["dup2(1, -1) = -1 EBADF (Bad file descriptor)", "dup2 exact"],
  ])("%s", (line, verdict) => {
    expect(verdicts(check([START, `7 ${line}`])).at(-1)).toBe(verdict);
  });
});

describe("the status flags of a file", () => {
  test.each([
    ["pipe2([3, 4], O_CLOEXEC|O_DIRECT) = 0", 4, "0x4001 (flags O_WRONLY|O_DIRECT)"],
    ["pipe2([3, 4], O_CLOEXEC|O_DIRECT) = 0", 3, "0 (flags O_RDONLY)"],
    [
      'openat(AT_FDCWD, "/tmp", O_RDWR|O_TMPFILE, 0600) = 3',
      3,
      "0x418002 (flags O_RDWR|O_LARGEFILE|O_TMPFILE)",
    ],
  ])("of %s: %i", (line, fd, flags) => {
    const report = check([START, `7 ${line}`, `7 fcntl(${fd}, F_GETFL) = ${flags}`]);
    expect(verdicts(report).at(-1)).toBe("fcntl exact");
  });

  test("change by F_SETFL: also the signal and the direct ones, where the file takes them", () => {
    const report = check([
      START,
      '7 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3',
      "7 fcntl(3, F_SETFL, O_RDONLY|O_DIRECT) = -1 EINVAL (Invalid argument)",
      "7 fcntl(3, F_SETFL, O_WRONLY|O_CREAT|O_APPEND|O_NOATIME|FASYNC) = 0",
      "7 fcntl(3, F_GETFL) = 0x4a400 (flags O_RDONLY|O_APPEND|O_LARGEFILE|O_NOATIME|FASYNC)",
    ]);
    expect(report.deviations).toBe(0);
    expect(verdicts(report).at(-1)).toBe("fcntl exact");
  });

  test("a file without a name can be mapped, though its path is a directory's", () => {
    const open = "7 openat(AT_FDCWD, 0x7ffd00000010, 0x410002, 0600) = 3";
    const map = "7 mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3, 0) = 0x7f0000000000";
    expect(check([START, open, map]).deviations).toBe(0);
  });
});

test("unshare gives a table of its own to one that shared it", () => {
  const report = check([
    START,
    "7 dup2(0, 50) = 50",
    "7 clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 8",
    "8 unshare(CLONE_FILES) = 0",
    "8 close(50) = 0",
    "7 fcntl(50, F_GETFD) = 0",
  ]);
  expect(verdicts(report).at(-1)).toBe("fcntl constrained");
});

test("a thread that executes a program comes back under its leader's number", () => {
  const report = check([
    START,
    "7 clone(child_stack=0x7f0000000000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 8",
    '8 execve("/bin/true", ["true"], 0x7ffd00000000 /* 3 vars */ <pid changed to 7 ...>',
    "7 +++ superseded by execve in pid 8 +++",
    "7 <... execve resumed>) = 0",
    "7 brk(NULL) = 0x55d3ff0ae000",
  ]);
  expect(report.unread).toBe(0);
  expect(report.deviations).toBe(0);
});

test("seals that a file got show in what may be done with its mappings", () => {
  const report = check([
    START,
    '7 memfd_create("m", MFD_ALLOW_SEALING) = 3',
    "7 ftruncate(3, 8192) = 0",
    "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f0000000000",
    "7 fcntl(3, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) = 0",
    "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = -1 EPERM (Operation not permitted)",
    "7 mmap(NULL, 8192, PROT_READ, MAP_SHARED, 3, 0) = 0x7f0000010000",
    "7 mprotect(0x7f0000010000, 4096, PROT_READ|PROT_WRITE) = -1 EACCES (Permission denied)",
    "7 madvise(0x7f0000000000, 4096, MADV_REMOVE) = -1 EPERM (Operation not permitted)",
  ]);
  expect(report.deviations).toBe(0);
});

test.each(["mseal(0x7f0000000000, 8192, 0)", "syscall_0x1ce(0x7f0000000000, 0x2000, 0, 0, 0, 0)"])(
  "memory that %s sealed may refuse to go",
  (seal) => {
    const report = check([
      START,
      "7 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
      `7 ${seal} = 0`,
      "7 munmap(0x7f0000000000, 4096) = -1 EPERM (Operation not permitted)",
      "7 mmap(0x7f0000000000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = -1 EPERM (Operation not permitted)",
      "7 mprotect(0x7f0000000000, 4096, PROT_NONE) = -1 EPERM (Operation not permitted)",
    ]);
    expect(report.deviations).toBe(0);
  },
);

test("whom a user namespace maps decides about ids", () => {
  const report = check([
    START,
    "7 unshare(CLONE_NEWUSER) = 0",
    "7 getuid() = 65534",
    "7 setresuid(0, 0, 0) = -1 EINVAL (Invalid argument)",
    "7 getuid() = 0",
    "7 setuid(5) = -1 EINVAL (Invalid argument)",
  ]);
  expect(report.deviations).toBe(0);
});

test("capget may ask of a process that the log does not show", () => {
  const report = check([
    START,
    "7 capget({version=_LINUX_CAPABILITY_VERSION_3, pid=1}, {effective=0, permitted=0, inheritable=0}) = 0",
  ]);
  expect(verdicts(report).at(-1)).toBe("capget undetermined");
});

test("a child that waitid took away is gone, also where the log cannot say that it was one", () => {
  const report = check([
    START,
    "7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f0000000a10) = 8",
    "8 +++ exited with 0 +++",
    "7 waitid(P_PIDFD, 9, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=8, si_uid=0, si_status=0, si_utime=0, si_stime=0}, WEXITED, NULL) = 0",
    "7 wait4(8, NULL, 0, NULL) = -1 ECHILD (No child processes)",
    "7 pidfd_open(8, 0) = -1 ESRCH (No such process)",
  ]);
  expect(report.deviations).toBe(0);
});
