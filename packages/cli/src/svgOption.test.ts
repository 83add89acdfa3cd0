import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { file, tool } from "./testing/tool.ts";

const log = file(
  "drawn.strace",
  [
    '1 execve("/bin/app", ["app"], 0x7ffd00001000 /* 1 var */) = 0',
    "1 mmap(0x20000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x20000000",
    "1 madvise(0x20000000, 4096, MADV_COLD) = 0",
    "1 madvise(0x20000001, 4096, MADV_COLD) = -1 EINVAL (Invalid argument)",
    "1 getpid() = 1",
    "",
  ].join("\n"),
);
const drawing = join(log, "..", "drawn.svg");

test("of a call that has no range nothing is drawn, and that is said", async () => {
  const { err } = await tool("explain", `${log}:5`, "--svg", drawing);
  expect(err).toContain(`${drawing}: not written: the call reached no range, as far as is known\n`);
  expect(existsSync(drawing)).toBe(false);
});

test.each([3, 4])(
  "of the advice of line %i, the areas around its range are drawn",
  async (line) => {
    const { code } = await tool("explain", `${log}:${line}`, "--svg", drawing);
    expect(code).toBe(0);
    expect(readFileSync(drawing, "utf8")).toMatch(/^<svg /);
  },
);

test("a file that cannot be written is bad usage", async () => {
  const { code, err } = await tool("explain", `${log}:3`, "--svg", join(log, "..", "no", "x.svg"));
  expect(code).toBe(2);
  expect(err).toContain("x.svg");
});
