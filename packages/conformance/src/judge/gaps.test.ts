import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";
import type { AssumptionName } from "./assumptions.ts";
import type { CheckReport } from "./report.ts";

function check(
  lines: readonly string[],
  assumptionsOff: readonly AssumptionName[] = [],
): CheckReport {
  const checker = new Checker({ kernel: "6.12.107", all: true, assumptionsOff });
  const log = checker.log("log");
  log.push(`${lines.join("\n")}\n`);
  log.end();
  return checker.finish();
}

const verdicts = (report: CheckReport): readonly string[] =>
  report.findings.map(({ syscall, verdict }) => `${syscall} ${verdict}`);

const START = 'execve("/bin/sh", ["sh"], 0x7ffd00000000 /* 3 vars */) = 0';
const FORK =
  "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f0000000a10) = 700";

describe("a log without -f shows no line of a child", () => {
  test.each([
    ["wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 700", "wait4 constrained"],
    [
      "wait4(700, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 700",
      "wait4 constrained",
    ],
    ["wait4(-1, [0x300], 0, NULL) = 700", "wait4 constrained"],
    ["wait4(-1, 0x7ffd00000010, WNOHANG, NULL) = 0", "wait4 constrained"],
    [
      "waitid(P_PID, 700, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=700, si_uid=0, si_status=3, si_utime=0, si_stime=0}, WEXITED, NULL) = 0",
      "waitid constrained",
    ],
    ["wait4(701, NULL, 0, NULL) = 701", "wait4 deviation"],
    ["wait4(-1, NULL, 0, NULL) = -1 ECHILD (No child processes)", "wait4 deviation"],
  ])("so a wait finds it when it may have ended: %s", (line, verdict) => {
    expect(verdicts(check([START, FORK, line])).at(-1)).toBe(verdict);
  });

  // strace without -f, 6.18.44.
  test("that was stopped goes on, and may end later", () => {
    const stopped = "wait4(700, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], WSTOPPED, NULL) = 700";
    const ended = "wait4(700, NULL, 0, NULL) = 700";
    expect(verdicts(check([START, FORK, stopped, ended])).slice(-2)).toEqual([
      "wait4 undetermined",
      "wait4 constrained",
    ]);
    const unseen = "wait4(700, NULL, WUNTRACED, NULL) = 700";
    expect(verdicts(check([START, FORK, unseen, ended])).at(-1)).toBe("wait4 constrained");
  });

  test("may leave children of its own to who asked for them", () => {
    const asks = "prctl(PR_SET_CHILD_SUBREAPER, 1) = 0";
    const [own, orphan] = [700, 701].map((pid) => `wait4(-1, NULL, 0, NULL) = ${pid}`);
    expect(verdicts(check([START, asks, FORK, own, orphan])).at(-1)).toBe("wait4 undetermined");
    expect(verdicts(check([START, FORK, own, orphan])).at(-1)).toBe("wait4 deviation");
  });

  test("shares with its parent what clone was told to, and changes that unseen", () => {
    const map = "mmap(NULL, 16384, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000";
    const cold = "madvise(0x7f0000000000, 16384, MADV_COLD) = -1 ENOMEM (Cannot allocate memory)";
    const said = (flags: string): string | undefined =>
      verdicts(
        check([START, map, `clone(child_stack=0x5000, flags=${flags}SIGCHLD) = 700`, cold]),
      ).at(-1);
    expect(said("CLONE_VM|")).toBe("madvise undetermined");
    expect(said("")).toBe("madvise deviation");
  });

  test("that a wait by an unknown descriptor took is gone", () => {
    const clone3 =
      "clone3({flags=CLONE_PIDFD, pidfd=0x7fff6dbe37bc, exit_signal=SIGCHLD, stack=NULL, stack_size=0} => {pidfd=[3]}, 88) = 700";
    const wait =
      "waitid(P_PIDFD, 9, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=700, si_uid=0, si_status=11, si_utime=0, si_stime=0}, WEXITED, NULL) = 0";
    const none = "wait4(-1, NULL, WNOHANG, NULL) = -1 ECHILD (No child processes)";
    expect(verdicts(check([START, clone3, wait, none])).at(-1)).toBe("wait4 exact");
  });

  test("and one that was waited for is gone", () => {
    const wait = "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 700";
    const none = "wait4(-1, 0x7ffd00000010, WNOHANG, NULL) = -1 ECHILD (No child processes)";
    expect(verdicts(check([START, FORK, wait, none])).slice(-2)).toEqual([
      "wait4 constrained",
      "wait4 exact",
    ]);
    expect(verdicts(check([START, FORK, wait, wait])).at(-1)).toBe("wait4 deviation");
  });

  test("nor what became of its memory", () => {
    const report = check([
      START,
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
      FORK,
      "pidfd_open(700, 0) = 3",
      "process_madvise(3, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_COLD, 0) = -1 ESRCH (No such process)",
    ]);
    expect(verdicts(report).at(-1)).toBe("process_madvise undetermined");
    expect(report.deviations).toBe(0);
  });

  test("but one that has lines is followed as ever", () => {
    const report = check([
      START,
      FORK,
      "strace: Process 700 attached",
      "[pid 700] exit_group(0) = ?",
      "[pid 700] +++ exited with 0 +++",
      "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 700",
    ]);
    expect(verdicts(report).at(-1)).toBe("wait4 exact");
  });
});

test("threads that are not followed may change memory and descriptors at any time", () => {
  const thread =
    "clone(child_stack=0x7f0000100000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM) = 701";
  const map = "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000";
  const advise = "madvise(0x7f0000000000, 4096, MADV_COLD) = -1 ENOMEM (Cannot allocate memory)";
  expect(verdicts(check([START, map, advise])).at(-1)).toBe("madvise deviation");
  expect(verdicts(check([START, thread, map, advise])).at(-1)).toBe("madvise undetermined");
});

describe("a filtered log", () => {
  const heap = "5 brk(NULL) = 0x555500000000";
  const library = "5 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7f0000100000";
  const map = "5 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000";
  // Between the two an munmap is missing.
  const twice = [map, map];

  const list = '5 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3';

  test.each([heap, library, list])("is known by a start without an execve: %s", (start) => {
    expect(check([start, ...twice]).deviations).toBe(0);
  });

  test.each([
    "5 set_tid_address(0x7f0000000a10) = 5",
    '5 execve("/bin/sh", ["sh"], 0x7ffd00000000 /* 3 vars */) = 0',
  ])("is none that shows %s", (line) => {
    expect(check([line, heap, ...twice]).deviations).toBe(1);
    expect(check([heap, line, ...twice]).deviations).toBe(1);
  });

  test("is none of a program that loads a hundred libraries before it does anything else", () => {
    const execve = '5 execve("/bin/sh", ["sh"], 0x7ffd00000000 /* 3 vars */) = 0';
    const libraries = Array.from({ length: 100 }, (_, i) => [
      `5 openat(AT_FDCWD, "/lib/lib${i}.so", O_RDONLY|O_CLOEXEC) = 3`,
      `5 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7f0000${(0x200 + i).toString(16)}000`,
      "5 close(3) = 0",
    ]);
    const lines = [execve, heap, ...libraries.flat(), "5 set_tid_address(0x7f0000000a10) = 5"];
    const { constrained, exact, inScope } = check(lines);
    expect(exact + constrained).toBe(inScope);
    expect(check([...lines, ...twice]).deviations).toBe(1);
  });

  test("is none that shows no start, unless the assumption is dropped", () => {
    expect(check(twice).deviations).toBe(1);
    expect(check(twice, ["whole-log"]).deviations).toBe(0);
  });

  test("still says what no other call can change", () => {
    const odd = "5 madvise(0x7f0000000001, 4096, MADV_COLD) = 0";
    expect(verdicts(check([heap, ...twice, odd])).at(-1)).toBe("madvise deviation");
  });
});

test("a child whose lines stand before the call that made it is a child all the same", () => {
  const report = check([
    "5 set_tid_address(0x7f0000000a10) = 5",
    "700 getpid() = 700",
    "5 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f0000000a10) = 700",
    "700 exit_group(2) = ?",
    "700 +++ exited with 2 +++",
    "5 wait4(700, [{WIFEXITED(s) && WEXITSTATUS(s) == 2}], 0, NULL) = 700",
  ]);
  expect(verdicts(report).filter((line) => line.startsWith("clone"))).toEqual([
    "clone undetermined",
  ]);
  expect(verdicts(report).at(-1)).toBe("wait4 exact");
});
