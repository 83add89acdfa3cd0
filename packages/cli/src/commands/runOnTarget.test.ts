import { expect, test } from "vitest";
import { file, tool } from "../testing/tool.ts";

const SCENARIO = file("target.scenario", "app  getpid() = ?\n");

test.each([
  [["--target", "hosts"], 'expected model, host or qemu:RELEASE, got "hosts"'],
  [["--target", "host", "--against", "qemu:6.12"], "one of them is model"],
  [["--target", "model", "--against", "model"], "one of them is model"],
  [["--target", "host", "--policy", "yama=1"], "--policy is for the model alone"],
  [["--target", "host", "--kernel", "6.12"], "host is a real kernel"],
  [["--target", "qemu:6.12", "--config", "swap=false"], "qemu:6.12 is a real kernel"],
  [["--target", "host", "--image", "/boot/vmlinuz"], "name such a target"],
])("%j makes no sense", async (words, why) => {
  const { code, err, out } = await tool("run", SCENARIO, ...words);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(why);
});

test("a kernel that is not there is a reason to exit with 3", async () => {
  const { code, err, out } = await tool(
    ...["run", SCENARIO, "--target", "qemu:6.12", "--image", "/nowhere/vmlinuz"],
  );
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(/cannot run on qemu:6\.12: no (emulator|kernel image)/);
});

test("--target model is what run does anyway", async () => {
  const plain = await tool("run", SCENARIO);
  expect(await tool("run", SCENARIO, "--target", "model")).toEqual(plain);
});
