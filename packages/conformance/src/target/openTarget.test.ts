import { expect, test } from "vitest";
import { CannotRun } from "./cannotRun.ts";
import { openTarget } from "./openTarget.ts";

test.each(["", "hosts", "qemu", "qemu:", "qemu:6.12/../x", "model"])(
  "%j names no real kernel",
  (name) => {
    expect(() => openTarget(name)).toThrow(RangeError);
  },
);

test("a kernel that is not there is a reason why it cannot run here, not misuse", () => {
  expect(() => openTarget("qemu:6.12", { image: "/nowhere/vmlinuz" })).toThrow(CannotRun);
});
