import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

/** A grandchild outlives the child, and the first process waits for it. */
function family(first: string, answer: string): string {
  return log(
    ...[first, "1 clone(child_stack=NULL, flags=SIGCHLD) = 2"],
    ...["2 clone(child_stack=NULL, flags=SIGCHLD) = 3", "2 exit_group(0) = ?"],
    ...["2 +++ exited with 0 +++", "1 wait4(2, NULL, 0, NULL) = 2", "3 exit_group(3) = ?"],
    ...["3 +++ exited with 3 +++", `1 wait4(3, ${answer}`],
  );
}

const FOUND = "[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 3";
const NOT_FOUND = "NULL, 0, NULL) = -1 ECHILD (No child processes)";
const last = (text: string): string | undefined => verdicts(text).at(-1);

test("a subreaper waits for its grandchild, and is not accused of it", () => {
  const first = "1 prctl(PR_SET_CHILD_SUBREAPER, 1) = 0";
  expect(last(family(first, FOUND))).toBe("10 wait4 exact");
  expect(last(family(first, NOT_FOUND))).toBe("10 wait4 deviation");
});

test("a child of the log that is none finds no grandchild", () => {
  const inner = (first: string, answer: string): string =>
    log(
      ...["1 clone(child_stack=NULL, flags=SIGCHLD) = 2", first],
      ...["2 clone(child_stack=NULL, flags=SIGCHLD) = 3"],
      ...["3 clone(child_stack=NULL, flags=SIGCHLD) = 4", "3 exit_group(0) = ?"],
      ...["3 +++ exited with 0 +++", "2 wait4(3, NULL, 0, NULL) = 3", "4 exit_group(3) = ?"],
      ...["4 +++ exited with 3 +++", `2 wait4(4, ${answer}`],
    );
  const found = FOUND.replace("= 3", "= 4").replace(/\) = 3$/, ") = 4");
  const none = "2 getpid() = 2";
  expect(last(inner(none, NOT_FOUND))).toBe("11 wait4 exact");
  expect(last(inner(none, found))).toBe("11 wait4 deviation");
});

test("one that was a subreaper before the log began is not accused, whether it was or not", () => {
  const first = "1 getpid() = 1";
  expect(last(family(first, FOUND))).toBe("10 wait4 undetermined");
  expect(last(family(first, NOT_FOUND))).toMatch(/^10 wait4 (exact|undetermined)$/);
  const said = "1 prctl(PR_SET_CHILD_SUBREAPER, 0) = 0";
  expect(last(family(said, FOUND))).toBe("10 wait4 deviation");
  expect(last(family(said, NOT_FOUND))).not.toMatch(/deviation/);
});

test("without orphans, nobody has any", () => {
  const alone = log(
    ...["1 clone(child_stack=NULL, flags=SIGCHLD) = 2", "2 exit_group(0) = ?"],
    ...["2 +++ exited with 0 +++", "1 wait4(2, NULL, 0, NULL) = 2", `1 wait4(3, ${FOUND}`],
  );
  expect(last(alone)).toMatch(/deviation$/);
});
