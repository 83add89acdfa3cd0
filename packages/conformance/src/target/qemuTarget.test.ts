import { expect, test } from "vitest";
import { CannotRun } from "./cannotRun.ts";
import { QemuTarget } from "./qemuTarget.ts";

test("without an emulator it says so, and what to install", () => {
  expect(() => new QemuTarget({ release: "6.12", emulator: "/nowhere/qemu" })).toThrow(CannotRun);
  expect(() => new QemuTarget({ release: "6.12", emulator: "/nowhere/qemu" })).toThrow(
    /no emulator: .*install qemu-system-x86/,
  );
});

test("an image that is not there is named", () => {
  // Whatever answers to --version stands for an emulator here.
  expect(
    () =>
      new QemuTarget({ release: "6.12", emulator: process.execPath, image: "/nowhere/vmlinuz" }),
  ).toThrow(new CannotRun("no kernel image: /nowhere/vmlinuz is not there"));
});
