import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

/** Verdicts on a log's lines from the second on, without their numbers. */
const said = (...lines: readonly string[]): readonly string[] =>
  verdicts(log(...lines))
    .slice(1)
    .map((verdict) => verdict.replace(/^\d+ /, ""));

const CHILD = "1 clone(child_stack=NULL, flags=SIGCHLD) = 2";
const INVALID = "-1 EINVAL (Invalid argument)";

// Recorded on 6.18.44: strace -f -e 'trace=!unshare', of a program that unshares a pid namespace.
describe("a log that leaves out unshare", () => {
  test("shows who is the first process of a pid namespace, and whose parent is outside", () => {
    const [, getpid, getppid] = said(CHILD, "2 getpid() = 1", "2 getppid() = 0");
    expect([getpid, getppid]).toEqual(["getpid undetermined", "getppid constrained"]);
  });

  // And of one that unshares a user namespace: nothing is mapped there.
  test("shows that an id is none", () => {
    expect(said("1 setresuid(0, 0, 0) = 0", `1 setuid(0) = ${INVALID}`).at(-1)).toBe(
      "setuid undetermined",
    );
  });

  test.each(["1 unshare(CLONE_FILES) = 0", "1 setns(9, 0) = -1 EBADF (Bad file descriptor)"])(
    "is not one that shows %s",
    (shown) => {
      expect(said(CHILD, shown, "2 getpid() = 1").at(-1)).toBe("getpid deviation");
    },
  );

  test("explains no other number", () => {
    expect(said(CHILD, "2 getpid() = 3").at(-1)).toBe("getpid deviation");
    expect(said(CHILD, "2 getppid() = 3").at(-1)).toBe("getppid deviation");
  });
});
