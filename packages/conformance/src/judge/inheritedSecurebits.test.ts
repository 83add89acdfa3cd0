import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const GET = "prctl(PR_GET_SECUREBITS) = ";
const KEEP = "0x10 (SECBIT_KEEP_CAPS)";

/** A log of a process that was there before: one file of several that strace -ff writes. */
const said = (...lines: readonly string[]): readonly string[] =>
  verdicts(`set_robust_list(0x7f00, 24) = 0\n${lines.join("\n")}\nexit_group(0) = ?\n`)
    .slice(0, -1)
    .map((verdict) => verdict.replace(/^\d+ /, ""));

// Recorded on 6.18.44: strace -ff, of a child whose parent had set SECBIT_KEEP_CAPS.
test("a process may have inherited any securebits, and keeps them", () => {
  expect(said(`${GET}${KEEP}`, `${GET}${KEEP}`)).toEqual(["prctl constrained", "prctl exact"]);
  expect(said(`${GET}${KEEP}`, `${GET}0`)).toEqual(["prctl constrained", "prctl deviation"]);
  expect(said("prctl(PR_GET_KEEPCAPS) = 1", `${GET}${KEEP}`)).toEqual([
    ...["prctl constrained", "prctl exact"],
  ]);
});

test("no process has bits that there are not", () => {
  expect(said(`${GET}0x1000`)).toEqual(["prctl deviation"]);
  expect(said("prctl(PR_GET_KEEPCAPS) = 2")).toEqual(["prctl deviation"]);
});

test("a child has its parent's", () => {
  const lines = [
    "1 prctl(PR_SET_SECUREBITS, 0x20) = 0",
    "1 clone(child_stack=NULL, flags=SIGCHLD) = 2",
  ];
  const child = (answer: string): string | undefined =>
    verdicts(log(...lines, `2 ${GET}${answer}`)).at(-1);
  expect(child("0x20 (SECBIT_KEEP_CAPS_LOCKED)")).toBe("4 prctl exact");
  expect(child(KEEP)).toBe("4 prctl deviation");
});
