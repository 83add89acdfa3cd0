import { join } from "node:path";
import { expect, test, type TestContext } from "vitest";
import { file, REPOSITORY, tool, type Ran } from "../testing/tool.ts";

const FIRST = join(REPOSITORY, "examples/first.scenario");

/** Runs a scenario on this machine's kernel, or skips where that cannot be. */
async function onHost({ skip }: TestContext, ...words: readonly string[]): Promise<Ran> {
  skip(process.getuid?.() !== 0, "needs root: the scenario makes processes of several users");
  const ran = await tool("run", ...words);
  skip(ran.code === 3, ran.err.trim());
  return ran;
}

test("a real kernel's answers are printed as strace would have", async (context) => {
  const { code, out, err } = await onHost(context, FIRST, "--target", "host");
  expect(code).toBe(0);
  expect(err).toMatch(/^host: Linux \d+\.\d+/);
  expect(out).toMatch(/MADV_PAGEOUT, 0\) = -1 EPERM \(Operation not permitted\)\n/);
  expect(out.trimEnd().split("\n")).toHaveLength(9);
});

test("what a real kernel answered is judged to conform", async (context) => {
  const { out } = await onHost(context, FIRST, "--target", "host");
  const { code } = await tool("check", "--kernel", "auto", file("host.strace", out));
  expect(code).toBe(0);
});

test("beside the model every line is the same, and says why the kernel refused", async (context) => {
  const { code, out } = await onHost(context, FIRST, "--target", "model", "--against", "host");
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines.filter((line) => line.startsWith("both "))).toHaveLength(9);
  expect(out).toContain("/* process_madvise/remote-needs-cap-sys-nice */");
});

test("a model of another kernel differs, and the first difference is named", async (context) => {
  // The proposal asked for no CAP_SYS_NICE.
  const { code, out, err } = await onHost(
    context,
    ...[FIRST, "--target", "host", "--against", "model", "--kernel", "seed"],
  );
  expect(code).toBe(1);
  expect(out).toMatch(
    /^model \d+ +process_madvise.* = 32768\nhost {2}\d+ +process_madvise.* = -1 EPERM/m,
  );
  expect(err).toContain("first.scenario:7: the first difference between model and host");
});

test("expectations count on a real kernel too, and maps are shown on request", async (context) => {
  const path = file(
    "maps.scenario",
    [
      "app  mmap(0x20000000, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = $at",
      "app  munmap($at, 4096) = 1",
      "",
    ].join("\n"),
  );
  const { code, out, err } = await onHost(context, path, "--target", "host", "--maps");
  expect(code).toBe(1);
  expect(err).toContain("maps.scenario:2: expected 1\n1 of 2 steps were not as expected");
  expect(out).toMatch(/# \d+ - 20000000-20002000 r--p .*\n# \d+ \+ 20001000-20002000 r--p/);
});
