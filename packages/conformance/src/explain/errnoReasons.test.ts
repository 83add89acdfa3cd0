import { profile } from "@kadvise/releases";
import type { ErrnoName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { errnoReasons } from "./errnoReasons.ts";

function ids(errno: ErrnoName, release: string): readonly string[] {
  return errnoReasons(errno, profile(release)).processMadvise.map(({ id }) => id);
}

describe("the reasons of process_madvise for an error", () => {
  test.each([
    // Without CONFIG_ADVISE_SYSCALLS, and before 5.10.
    ["ENOSYS", "6.18", ["syscall/unknown"]],
    ["EBADF", "6.18", ["pidfd/negative", "pidfd/closed", "pidfd/other-file"]],
    ["ESRCH", "6.18", ["pidfd/reaped", "mm_access/no-memory"]],
    // Linux: mm/khugepaged.c madvise_collapse_errno
    ["EBUSY", "6.18", ["madvise/collapse-not-charged"]],
    ["EBUSY", "6.0", []],
    ["EXDEV", "6.18", []],
  ] as const)("%s on %s: %j", (errno, release, expected) => {
    expect(ids(errno, release)).toEqual(expected);
  });

  test("a filter comes first, and stands with the other calls, too", () => {
    const reasons = errnoReasons("EPERM", profile("6.12"));
    expect(reasons.processMadvise[0]?.id).toBe("seccomp/listed");
    expect(reasons.others["seccomp"]?.map(({ id }) => id)).toEqual(["seccomp/listed"]);
    expect(errnoReasons("ENOSYS", profile("6.12")).others["syscall"]).toHaveLength(1);
  });

  test("a length that wraps is madvise's: a vector's would be negative first", () => {
    const { processMadvise, others } = errnoReasons("EINVAL", profile("6.12"));
    const found = processMadvise.map(({ id }) => id);
    expect(found).toContain("iovec/negative-length");
    expect(found).not.toContain("madvise/length-wraps");
    expect(others["madvise"]?.map(({ id }) => id)).toEqual(["madvise/length-wraps"]);
  });
});
