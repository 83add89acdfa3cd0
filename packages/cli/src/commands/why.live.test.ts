import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { file, tool } from "../testing/tool.ts";

const SOURCE = `
#include <sys/mman.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
	char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(p, 1, 1 << 20);
	mlock(p + (1 << 19), 4096);
	write(1, "x", 1);
	pause();
}
`;

describe("a living process", () => {
  let child: ChildProcess | undefined;
  let why = "";

  beforeAll(async () => {
    if (process.platform !== "linux") {
      why = "needs a Linux machine";
      return;
    }
    const source = file("target.c", SOURCE);
    const program = join(source, "../target");
    if (spawnSync("cc", ["-w", "-o", program, source]).status !== 0) {
      why = "needs a C compiler";
      return;
    }
    child = spawn(program, { stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((resolve) => child?.stdout?.once("data", resolve));
  });
  afterAll(() => child?.kill("SIGKILL"));

  const pid = (): string => String(child?.pid);

  test("refuses an advice that nobody knows, as predicted", async ({ skip }) => {
    skip(why !== "", why);
    const { code, out, err } = await tool("why", "--pid", pid(), "--advice", "99", "--apply");
    expect(err).toBe("");
    expect(out).toMatch(/came: -1 E\w+, as predicted/);
    expect(code).toBe(0);
  });

  test("is told without being touched", async ({ skip }) => {
    skip(why !== "", why);
    const referenced = (): string =>
      readFileSync(`/proc/${pid()}/smaps`, "utf8")
        .split("\n")
        .filter((line) => line.startsWith("Referenced"))
        .join();
    const before = referenced();
    const { code, out } = await tool("why", "--pid", pid(), "--advice", "cold", "--all");
    expect(code).toBe(0);
    expect(referenced()).toBe(before);
    expect(out).toMatch(/^target {2}\d+ target: uid /m);
    expect(out).not.toContain("came:");
  });

  test("has its locked area, vvar and vsyscall left out of everything", async ({ skip }) => {
    skip(why !== "", why);
    const { out } = await tool("why", "--pid", pid(), "--advice", "cold", "--all");
    expect(out).toMatch(/rw-p: EINVAL: the area is locked.*\[madvise\/locked\]/);
    expect(out).toMatch(/\[vvar\]: EINVAL/);
    if (readFileSync("/proc/self/maps", "utf8").includes("[vsyscall]"))
      expect(out).toMatch(/\[vsyscall\]: EFAULT for the whole vector/);
  });

  test("answers as predicted, and smaps shows what became of it", async ({ skip }) => {
    skip(why !== "", why);
    const words = ["why", "--pid", pid(), "--advice", "cold", "--anon", "--apply"];
    const { code, out } = await tool(...words, "--format", "json");
    const report = JSON.parse(out) as {
      calls: { answered: number; isAsPredicted: boolean; prediction: { value: number } }[];
      before: { Referenced: number };
      after: { Referenced: number };
    };
    expect(code).toBe(0);
    for (const { answered, isAsPredicted, prediction } of report.calls) {
      expect(answered).toBe(prediction.value);
      expect(isAsPredicted).toBe(true);
    }
    const isRoot = process.getuid?.() === 0;
    if (isRoot) expect(report.after.Referenced).toBeLessThan(report.before.Referenced / 2);
  });

  test("stops at its locked page when a range is named, and says where to go on", async ({
    skip,
  }) => {
    skip(why !== "" || process.getuid?.() !== 0, why === "" ? "needs root" : why);
    const maps = readFileSync(`/proc/${pid()}/smaps`, "utf8").split("\n");
    const at = maps.findIndex((line) => /^VmFlags:.* lo\b/.test(line));
    const head = maps.slice(0, at).findLast((line) => /^[0-9a-f]+-[0-9a-f]+ /.test(line)) ?? "";
    const [start, end] = (head.split(" ")[0] ?? "")
      .split("-")
      .map((hex) => Number.parseInt(hex, 16));
    const range = `${((start ?? 0) - 8192).toString(16)}-${((end ?? 0) + 8192).toString(16)}`;
    const { code, out } = await tool("why", "--pid", pid(), "--range", range, "--apply");
    expect(out).toMatch(/came: -1 EINVAL, as predicted/);
    expect(out).toMatch(/^ {2}0: .*: partly: EINVAL at 0x/m);
    expect(out).toContain(`go on at element 0, offset 12288 (0x${(end ?? 0).toString(16)})`);
    expect(code).toBe(0);
  });
});
