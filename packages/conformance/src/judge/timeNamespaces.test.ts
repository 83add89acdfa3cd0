import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const last = (kernel: string, ...lines: readonly string[]): string =>
  verdicts(log(...lines), { kernel })
    .at(-1)!
    .replace(/^\d+ /, "");

const LEAVES = "1 unshare(CLONE_NEWTIME) = 0";
const refused = (flags: string): string =>
  `1 clone3({flags=${flags}, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88) = -1 EINVAL (Invalid argument)`;

// 5.10.223 and 6.1.176 refuse a thread behind unshare(CLONE_NEWTIME), 6.12.107 does not.
test("who shares memory may not have another time namespace", () => {
  for (const kernel of ["5.10.223", "6.1.176"])
    expect(last(kernel, LEAVES, refused("CLONE_VM|CLONE_VFORK"))).toBe("clone3 undetermined");
});

test("nobody else is refused one", () => {
  expect(last("6.1.176", refused("CLONE_VM|CLONE_VFORK"))).toBe("clone3 deviation");
  expect(last("6.1.176", LEAVES, refused("CLONE_FS"))).toBe("clone3 deviation");
  const failed = LEAVES.replace("= 0", "= -1 EPERM (Operation not permitted)");
  expect(last("6.1.176", failed, refused("CLONE_VM|CLONE_VFORK"))).toBe("clone3 deviation");
});
