import { expect, test } from "vitest";
import { found, lintText } from "../testing/lintText.ts";

const OPEN = "10 pidfd_open(10, 0) = 3\n";
const ADVISE =
  "process_madvise(3, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_COLD, 0) = 4096";

test("a child that uses its parent's pidfd of itself advises the parent", () => {
  const [{ line, rule, text }] = lintText(`${OPEN}10 fork() = 11\n11 ${ADVISE}`);
  expect([line, rule]).toEqual([3, "pidfd/inherited"]);
  expect(text).toContain("descriptor 3 was opened by process 10 for itself, before fork");
  expect(text).toContain("it still names 10, not process 11");
});

test.each([
  ["clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 11"],
  ["clone3({flags=0, exit_signal=SIGCHLD}, 88) = 11"],
])("%s makes a child as well", (call) => {
  expect(found(`${OPEN}10 ${call}\n11 ${ADVISE}`)).toEqual(["3 pidfd/inherited"]);
});

test("the child's lines may stand before the call that made it returns", () => {
  const log = `${OPEN}10 fork( <unfinished ...>
11 getuid() = 0
10 <... fork resumed>) = 11
11 ${ADVISE}`;
  expect(found(log)).toEqual(["5 pidfd/inherited"]);
});

test("a copy of the descriptor is the same pidfd", () => {
  const log = `${OPEN}10 fcntl(3, F_DUPFD_CLOEXEC, 5) = 5\n10 close(3) = 0\n10 fork() = 11
11 process_madvise(5, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_COLD, 0) = 4096`;
  expect(found(log)).toEqual(["5 pidfd/inherited"]);
});

test.each([
  ["its own, opened after fork", "10 fork() = 11\n11 pidfd_open(11, 0) = 3"],
  ["one of a third process", "10 close(3) = 0\n10 pidfd_open(9, 0) = 3\n10 fork() = 11"],
  ["of who runs in the same memory", "10 clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD) = 11"],
  ["in a thread", "10 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 11"],
  ["closed by exec", '10 fork() = 11\n11 execve("/bin/x", [], 0x7ffd /* 0 vars */) = 0'],
  ["closed by close_range", "10 close_range(3, 4294967295, 0) = 0\n10 fork() = 11"],
])("a pidfd is fine that is %s", (_, between) => {
  expect(found(`${OPEN}${between}\n11 ${ADVISE}`)).toEqual([]);
});

test("a signal through it goes to the parent, also in the same memory", () => {
  const log = `${OPEN}10 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|SIGCHLD) = 11
11 pidfd_send_signal(3, SIGTERM, NULL, 0) = 0`;
  expect(found(log)).toEqual(["3 pidfd/inherited"]);
});
