import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const FORK = "1 clone(child_stack=NULL, flags=SIGCHLD) = 2";
const last = (...lines: readonly string[]): string =>
  verdicts(log(FORK, ...lines))
    .at(-1)!
    .replace(/^\d+ /, "");

const wait = (status: string): string => `1 wait4(-1, [{${status}}], 0, NULL) = 2`;
const EXITED = "WIFEXITED(s) && WEXITSTATUS(s) == 3";
const EXIT = "2 exit_group(3) = ?";
const info = (code: string, status: string): string =>
  `1 waitid(P_PID, 2, {si_signo=SIGCHLD, si_code=${code}, si_pid=2, si_uid=0, si_status=${status}, si_utime=0, si_stime=0}, WEXITED, NULL) = 0`;

// strace -qqq: 6.18, clone3 and capabilities tests.
describe("in a log that shows no ends, who waited tells of them", () => {
  test.each([
    ["that it exited", [EXIT, wait(EXITED)]],
    ["by which signal it was killed", [wait("WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL")]],
    ["that it left a core", [wait("WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)")]],
    ["waitid, that it exited", [EXIT, info("CLD_EXITED", "3")]],
    ["waitid, that it was killed", [info("CLD_KILLED", "SIGKILL")]],
  ])("%s", (_, lines) => {
    expect(last(...lines)).toMatch(/^wait(4|id) (exact|constrained)$/);
    expect(last(...lines, "1 wait4(-1, NULL, 0, NULL) = 2")).toBe("wait4 deviation");
  });

  test("also where somebody else was killed", () => {
    const other = ["1 clone(child_stack=NULL, flags=SIGCHLD) = 3", "3 +++ killed by SIGABRT +++"];
    expect(last(...other, EXIT, wait(EXITED))).toMatch(/^wait4 (exact|constrained)$/);
  });

  test("who was stopped goes on", () => {
    const stopped = wait("WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP").replace(", 0,", ", WUNTRACED,");
    expect(last(stopped, "2 getppid() = 1")).toBe("getppid exact");
  });
});

test("who calls exit_group leaves nothing to a parent that wants no zombies", () => {
  const ignores =
    "1 rt_sigaction(SIGCHLD, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}, NULL, 8) = 0";
  const none = "1 wait4(-1, NULL, 0, NULL) = -1 ECHILD (No child processes)";
  expect(last(ignores, EXIT, none)).toBe("wait4 exact");
  expect(last(ignores, none)).toBe("wait4 deviation");
});

test("where the log shows ends, none comes without its line", () => {
  const other = ["1 clone(child_stack=NULL, flags=SIGCHLD) = 3", "3 +++ exited with 0 +++"];
  expect(last(...other, wait(EXITED))).toBe("wait4 deviation");
});
