import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

// Linux: lib/usercopy.c copy_struct_from_user; strace shows bytes that it has no name for
const clone3 = (more: string, size: number, result: string): string =>
  `1 clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0${more}}, ${size}) = ${result}`;
const TOO_BIG = "-1 E2BIG (Argument list too long)";

test.each([
  [', /* bytes 88..95 */ "\\x78\\xab\\xf1\\x39\\x03\\x00\\x00\\x00"', 96, TOO_BIG, "exact"],
  [', /* bytes 88..95 */ "\\x78\\xab\\xf1\\x39\\x03\\x00\\x00\\x00"', 96, "2", "deviation"],
  ["", 96, "2", "constrained"],
  ["", 96, TOO_BIG, "deviation"],
  ["", 5000, TOO_BIG, "exact"],
])("a structure that ends in %j, %i bytes long, to which clone3 says %s: %s", (...is) => {
  const [more, size, result, verdict] = is;
  expect(verdicts(log(clone3(more, size, result))).at(-1)).toBe(`2 clone3 ${verdict}`);
});

// glibc's posix_spawn asks for CLONE_CLEAR_SIGHAND: what else it asks for counts all the same.
test.each([
  ["CLONE_VM|CLONE_VFORK|CLONE_CLEAR_SIGHAND", "exact"],
  ["CLONE_CLEAR_SIGHAND", "deviation"],
  ["CLONE_VM|CLONE_OF_TOMORROW", "undetermined"],
])("a child of clone3 with %s: that it took its parent's memory away is %s", (flags, verdict) => {
  const at = "0x7f0000000000, 4096";
  const lines = [
    `1 mmap(${at}, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f0000000000`,
    `1 clone3({flags=${flags}, exit_signal=SIGCHLD, stack=0x7f1000000000, stack_size=0x9000}, 88) = 2`,
    `2 munmap(${at}) = 0`,
    "2 +++ exited with 0 +++",
    `1 madvise(${at}, MADV_COLD) = -1 ENOMEM (Cannot allocate memory)`,
  ];
  const found = verdicts(log(...lines));
  expect(found.at(verdict === "undetermined" ? 2 : -1)).toMatch(new RegExp(`${verdict}$`));
});

test("what CLONE_INTO_CGROUP names may be no cgroup", () => {
  const call = "{flags=CLONE_INTO_CGROUP, exit_signal=SIGCHLD, stack=NULL, stack_size=0, cgroup=9}";
  const refused = "-1 EBADF (Bad file descriptor)";
  expect(verdicts(log(`1 clone3(${call}, 88) = ${refused}`)).at(-1)).toBe("2 clone3 undetermined");
});
