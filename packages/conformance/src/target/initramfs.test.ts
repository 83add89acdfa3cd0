import { expect, test } from "vitest";
import { imagePath, initramfs } from "./initramfs.ts";

const archive = Buffer.from(initramfs(Buffer.from("the agent"))).toString("latin1");

test("the agent is the machine's init, and lies there in each mode that an image may have", () => {
  const modes = [...archive.matchAll(/070701.{8}(.{8}).{88}(?:init|images\/\w+)\0/g)].map(
    ([, mode]) => (Number.parseInt(mode, 16) & 0o7777).toString(8),
  );
  expect(modes.sort()).toEqual(["2755", "4755", "711", "755", "755"]);
  expect(archive).toContain(`${imagePath("setUserId").slice(1)}\0`);
});

test("the folders that init mounts on are there, and a console to speak through", () => {
  for (const path of ["proc", "sys", "dev", "work", "dev/console"]) {
    expect(archive).toContain(`${path}\0`);
  }
});
