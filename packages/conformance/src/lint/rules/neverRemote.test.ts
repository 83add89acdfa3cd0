import { expect, test } from "vitest";
import { found, lintText } from "../testing/lintText.ts";

function remote(advice: string, before = "10 pidfd_open(11, 0) = 3"): string {
  return `${before}\n10 process_madvise(3, [{iov_base=0x7f0000000000, iov_len=4096}], 1, ${advice}, 0) = -1 EINVAL (Invalid argument)`;
}

test.each(["MADV_DONTNEED", "MADV_FREE", "MADV_POPULATE_READ", "MADV_MERGEABLE", "MADV_REMOVE"])(
  "%s is never taken for another process",
  (advice) => {
    expect(found(remote(advice))).toEqual(["2 remote/never-allowed"]);
  },
);

// Linux: process_madvise_remote_valid, release by release
test.each(["MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED", "MADV_COLLAPSE"])(
  "%s is taken by some release",
  (advice) => {
    expect(found(remote(advice))).toEqual([]);
  },
);

test("it says what to do instead", () => {
  const [{ text }] = lintText(remote("MADV_DONTNEED"));
  expect(text).toBe(
    "no release takes MADV_DONTNEED for another process (11): EINVAL; " +
      "MADV_PAGEOUT reclaims without losing data",
  );
});

test("oneself is not another process", () => {
  expect(found(remote("MADV_DONTNEED", "10 pidfd_open(10, 0) = 3"))).toEqual([]);
});

test("a process in the same memory is not another one", () => {
  const before =
    "10 clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD) = 11\n10 pidfd_open(11, 0) = 3";
  expect(found(remote("MADV_DONTNEED", before))).toEqual([]);
});

test("a thread's own process is not another one", () => {
  const log = `10 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 11
10 pidfd_open(10, 0) = 3
11 process_madvise(3, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_DONTNEED, 0) = 4096`;
  expect(found(log)).toEqual([]);
});

test("of a descriptor from nowhere, nothing is said", () => {
  expect(found(remote("MADV_DONTNEED", "10 getuid() = 0"))).toEqual([]);
});

test("a descriptor that was closed and opened anew is another one", () => {
  const before = "10 pidfd_open(11, 0) = 3\n10 close(3) = 0\n10 pidfd_open(10, 0) = 3";
  expect(found(remote("MADV_DONTNEED", before))).toEqual([]);
});

test("in a pid namespace numbers mean something else: nothing is said", () => {
  // The log calls it 10, it calls itself 2, and opens a pidfd for itself.
  const before = "10 getpid() = 2\n10 pidfd_open(2, 0) = 3";
  expect(found(remote("MADV_DONTNEED", before))).toEqual([]);
});
