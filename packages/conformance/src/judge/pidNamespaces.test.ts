import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

/** What a program showed under strace -f that made a pid namespace on 6.18.44. */
const NESTED = [
  ...["1 unshare(CLONE_NEWPID) = 0", "1 clone(child_stack=NULL, flags=SIGCHLD) = 20"],
  ...["20 getpid() = 1", "20 getppid() = 0", "20 gettid() = 1"],
  ...["20 clone(child_stack=NULL, flags=SIGCHLD) = 2", "21 getpid() = 2", "21 getppid() = 1"],
  ...["21 kill(1, SIGKILL) = 0", "21 exit_group(3) = ?", "21 +++ exited with 3 +++"],
  ...["20 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 2"],
  ...["20 pidfd_open(1, 0) = 3", "20 pidfd_open(2, 0) = -1 ESRCH (No such process)"],
  ...["20 exit_group(4) = ?", "20 +++ exited with 4 +++"],
  ...["1 wait4(20, [{WIFEXITED(s) && WEXITSTATUS(s) == 4}], 0, NULL) = 20"],
  ...["1 clone(child_stack=NULL, flags=SIGCHLD) = -1 ENOMEM (Cannot allocate memory)"],
];

test("nobody in a pid namespace is accused of the numbers that hold there", () => {
  const found = verdicts(log(...NESTED));
  expect(found.filter((verdict) => verdict.endsWith("deviation"))).toEqual([]);
});

test("nobody is made once the first process has ended", () => {
  const made = [...NESTED.slice(0, -1), "1 clone(child_stack=NULL, flags=SIGCHLD) = 30"];
  expect(verdicts(log(...made)).at(-1)).toMatch(/clone deviation$/);
  expect(verdicts(log(...NESTED)).at(-1)).toMatch(/clone exact$/);
});

test("outside, numbers are what they were", () => {
  expect(verdicts(log(...NESTED, "1 getpid() = 2")).at(-1)).toMatch(/getpid deviation$/);
  expect(
    verdicts(log("1 clone(child_stack=NULL, flags=SIGCHLD) = 2", "2 getpid() = 1")).at(-1),
  ).toMatch(/getpid deviation$/);
});

test("whoever setns lets be made may have any number", () => {
  const joined = ["1 setns(3, CLONE_NEWPID) = 0", "1 clone(child_stack=NULL, flags=SIGCHLD) = 9"];
  expect(verdicts(log(...joined, "9 getpid() = 44")).at(-1)).toMatch(/getpid (constrained|exact)$/);
});
