import { describe, expect, test } from "vitest";
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
    verdicts(log("1 clone(child_stack=NULL, flags=SIGCHLD) = 2", "2 getpid() = 3")).at(-1),
  ).toMatch(/getpid deviation$/);
});

test("whoever setns lets be made may have any number", () => {
  const joined = ["1 setns(3, CLONE_NEWPID) = 0", "1 clone(child_stack=NULL, flags=SIGCHLD) = 9"];
  expect(verdicts(log(...joined, "9 getpid() = 44")).at(-1)).toMatch(/getpid (constrained|exact)$/);
});

describe("the numbers that clone3 is asked for", () => {
  const root = ["1 setresgid(0, 0, 0) = 0", "1 setresuid(0, 0, 0) = 0"];
  const clone = (numbers: string, result: string, flags = "0", pid = 1): string =>
    `${pid} clone3({flags=${flags}, exit_signal=SIGCHLD, stack=NULL, stack_size=0, set_tid=[${numbers}], set_tid_size=${numbers.split(",").length}}, 88) = ${result}`;
  const IN_USE = "-1 EEXIST (File exists)";
  const INVALID = "-1 EINVAL (Invalid argument)";
  const last = (...lines: readonly string[]): string => verdicts(log(...root, ...lines)).at(-1)!;

  test.each([
    ["a free one", clone("4711", "4711")],
    ["one that somebody has of whom the log does not tell", clone("4711", IN_USE)],
    ["the first of all", clone("1", IN_USE)],
    ["one above a pid_max that the log does not show", clone("32768", INVALID)],
    ["one below it", clone("32768", "32768")],
    ["one that nobody can have", clone("-1", INVALID)],
    ["more than there are namespaces", clone("1, 2", INVALID)],
  ])("%s", (_, line) => {
    expect(last(line)).not.toMatch(/deviation/);
  });

  test.each([
    ["another than asked for", clone("4711", "4712")],
    ["the caller's own", clone("1", "20")],
    ["one that nobody can have", clone("-1", "4711")],
    ["refused though it is possible", clone("4711", INVALID)],
  ])("%s is a deviation", (_, line) => {
    expect(last(line)).toMatch(/clone3 deviation$/);
  });

  test("hold in the namespaces of a child that has one of its own", () => {
    const lines = [
      ...[clone("1", "4711", "CLONE_NEWPID"), "4711 getpid() = 1"],
      ...["4711 exit_group(0) = ?", "4711 +++ exited with 0 +++"],
      ...["1 wait4(4711, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 4711"],
      ...[clone("1, 4711", "4711", "CLONE_NEWPID"), "4711 getpid() = 1"],
    ];
    const found = verdicts(log(...root, ...lines));
    expect(found.filter((verdict) => verdict.endsWith("deviation"))).toEqual([]);
    expect(found.slice(3).filter((verdict) => verdict.endsWith("undetermined"))).toEqual([
      "4 clone3 undetermined",
      "9 clone3 undetermined",
    ]);
  });

  test("are not known where the log cuts them off", () => {
    expect(last(clone("4711, ...", INVALID))).toMatch(/undetermined$/);
  });
});

// 6.12: strace prints the caller's number for the child, and its lines may come first.
test("a child that has lines before its clone returns another number is nobody's stranger", () => {
  const found = verdicts(
    log(
      ...["1 unshare(CLONE_NEWPID) = 0", "1 clone(child_stack=NULL, flags=SIGCHLD) = 20"],
      ...["20 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>", "21 getpid() = 2"],
      ...["20 <... clone resumed>) = 2", "21 exit_group(0) = ?", "21 +++ exited with 0 +++"],
      ...["20 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2"],
      ...[
        "20 clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0, set_tid=[7, 21], set_tid_size=2}, 88) = 7",
      ],
    ),
  );
  expect(found.filter((verdict) => verdict.endsWith("deviation"))).toEqual([]);
});

test("a clone of which the log does not show all makes a child of its caller", () => {
  const exit = ["2 exit_group(0) = ?", "2 +++ exited with 0 +++"];
  const wait = "1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2";
  const clone = (flags: string): string =>
    `1 clone3({flags=${flags}, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88) = 2`;
  for (const flags of ["CLONE_NEWTIME", "CLONE_NEVER_SEEN", "0x80"])
    expect(verdicts(log(clone(flags), ...exit, wait)).at(-1)).toMatch(/wait4 (exact|constrained)$/);
  const thread = clone("CLONE_NEVER_SEEN|CLONE_THREAD");
  expect(verdicts(log(thread, ...exit, wait)).at(-1)).not.toMatch(/wait4 exact/);
});
