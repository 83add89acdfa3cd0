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
