import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const last = (kernel: string, ...lines: readonly string[]): string =>
  verdicts(log(...lines), { kernel })
    .at(-1)!
    .replace(/^\d+ /, "");

const LEAVES = "1 unshare(CLONE_NEWTIME) = 0";
const made = (flags: string, result: string): string =>
  `1 clone3({flags=${flags}, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88) = ${result}`;
const refused = (flags: string): string => made(flags, "-1 EINVAL (Invalid argument)");
const SHARES = "CLONE_VM|CLONE_VFORK";

// facts/time-namespace: 5.10.223 and 6.1.176 refuse, 6.12.107 does not.
test("up to 6.1 who shares memory may not have another time namespace", () => {
  for (const kernel of ["5.10.223", "6.1.176"]) {
    expect(last(kernel, LEAVES, refused(SHARES))).toBe("clone3 exact");
    expect(last(kernel, LEAVES, made(SHARES, "2"))).toBe("clone3 deviation");
  }
  for (const kernel of ["6.2.0", "6.12.107"]) {
    expect(last(kernel, LEAVES, refused(SHARES))).toBe("clone3 deviation");
    expect(last(kernel, LEAVES, made(SHARES, "2"))).toBe("clone3 constrained");
  }
});

test("nobody else is refused one", () => {
  expect(last("6.1.176", refused(SHARES))).toBe("clone3 deviation");
  expect(last("6.1.176", LEAVES, refused("CLONE_FS"))).toBe("clone3 deviation");
  const failed = LEAVES.replace("= 0", "= -1 EPERM (Operation not permitted)");
  expect(last("6.1.176", failed, refused(SHARES))).toBe("clone3 deviation");
});

test("which namespace a descriptor names is not told: it may be one of time, for children alone", () => {
  const joins = ['1 openat(AT_FDCWD, "/ns", O_RDONLY) = 3', "1 setns(3, 0) = 0"];
  expect(last("6.1.176", ...joins, refused(SHARES))).toBe("clone3 undetermined");
  expect(last("6.1.176", LEAVES, ...joins, made(SHARES, "2"))).not.toBe("clone3 deviation");
});
