import { expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

test.each([
  [[], "--target says which kernel to ask"],
  [["--target", "model"], 'expected host or qemu:RELEASE, got "model"'],
  [["--target", "host", "story.scenario"], "fuzz takes no operands"],
  [["--target", "host", "--format", "xml"], '--format text or json, got "xml"'],
])("%j makes no sense", async (words, why) => {
  const { code, out, err } = await tool("fuzz", ...words);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(`kadvise fuzz: ${why}`);
});

test("a kernel that is not there is a reason to exit with 3", async () => {
  const { code, out, err } = await tool(
    ...["fuzz", "--target", "qemu:6.12", "--image", "/nowhere/vmlinuz"],
  );
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(/cannot run on qemu:6\.12: no (emulator|kernel image)/);
});
