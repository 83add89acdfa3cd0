import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

/** 10. Does my kernel agree with Linux on these 500 cases, in KTAP? */
test("question 10: the pack's program asks this kernel 500 cases and prints KTAP", async ({
  skip,
}) => {
  skip(process.platform !== "linux", "needs a Linux machine");
  skip(spawnSync("cc", ["--version"]).status !== 0, "needs a C compiler");
  const folder = mkdtempSync(join(tmpdir(), "kadvise-test-"));
  try {
    expect((await tool("pack", "--out", folder)).code).toBe(0);
    const build = spawnSync("sh", ["-c", "cc -w -o runner *.c"], { cwd: folder });
    expect(build.status).toBe(0);
    const { stdout } = spawnSync(join(folder, "runner"), [], { encoding: "utf8" });
    const [first, ...lines] = stdout.split("\n");
    expect(first).toBe("KTAP version 1");
    const planned = Number(lines.find((line) => line.startsWith("1.."))?.slice(3));
    const results = lines.filter((line) => /^(not )?ok \d+ /.test(line));
    expect(planned).toBeGreaterThan(500);
    expect(results).toHaveLength(planned);
    expect(results.filter((line) => line.startsWith("not ok"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
