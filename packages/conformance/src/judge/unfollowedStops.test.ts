import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const said = (...lines: readonly string[]): readonly string[] =>
  verdicts(log(...lines))
    .slice(1)
    .map((verdict) => verdict.replace(/^\d+ /, ""));

const CHILD =
  "clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f00) = 15847";
const STOPPED = "wait4(15847, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], 0, NULL) = 15847";
const EXITED = "wait4(15847, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 15847";
const NONE = "wait4(15847, 0x7ffe, 0, NULL) = -1 ECHILD (No child processes)";

/** As strace writes without -f: no line has a number. */
const unfollowed = (...lines: readonly string[]): readonly string[] =>
  verdicts(`execve("./program", ["./program"], []) = 0\n${[CHILD, ...lines].join("\n")}\n`)
    .slice(2)
    .map((verdict) => verdict.replace(/^\d+ /, ""));

// Recorded on 6.18.44: a child behind PTRACE_TRACEME stops, is asked again, goes on and ends.
test("without -f, who traces a child is told that it stopped, and it lives on", () => {
  const answers = unfollowed(STOPPED, "wait4(15847, 0x7ffe, WNOHANG, NULL) = 0", EXITED, NONE);
  expect(answers).toEqual([
    ...["wait4 constrained", "wait4 constrained", "wait4 constrained"],
    "wait4 exact",
  ]);
});

test("a child that ended is told of once", () => {
  expect(unfollowed(EXITED, STOPPED)).toEqual(["wait4 constrained", "wait4 deviation"]);
  expect(unfollowed(STOPPED, NONE)).toEqual(["wait4 constrained", "wait4 deviation"]);
});

test("with -f, a child that nobody saw stopped did not end by that", () => {
  const lines = ["1 clone(child_stack=NULL, flags=SIGCHLD) = 2", "2 exit_group(3) = ?"];
  lines.push("2 +++ exited with 3 +++", `1 ${STOPPED.replaceAll("15847", "2")}`);
  expect(said(...lines).at(-1)).toBe("wait4 deviation");
});
