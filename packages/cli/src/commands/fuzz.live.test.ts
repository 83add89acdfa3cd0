import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

let out: string;
beforeEach(() => (out = mkdtempSync(join(tmpdir(), "kadvise-fuzz-"))));
afterEach(() => rmSync(out, { recursive: true }));

test("a short campaign on this machine's kernel finds nothing, and says what it did", async ({
  skip,
}) => {
  const ran = await tool(
    ...[
      "fuzz",
      "--target",
      "host",
      "--ops",
      "1000",
      "--seed",
      "3",
      "--format",
      "json",
      "--out",
      out,
    ],
  );
  skip(ran.code === 3 || ran.code === 2, ran.err.trim());
  expect(ran).toMatchObject({ code: 0 });
  const report = JSON.parse(ran.out) as { steps: number; differences: unknown[]; seed: number };
  expect(report).toMatchObject({ schemaVersion: 1, target: "host", seed: 3, differences: [] });
  expect(report.steps).toBeGreaterThanOrEqual(1000);
  expect(readdirSync(out)).toEqual([]);
});

test("held against a model of another kernel, each difference becomes a scenario that shows it", async ({
  skip,
}) => {
  const words = ["--ops", "3000", "--seed", "3", "--max-findings", "1", "--out", out];
  const ran = await tool("fuzz", "--target", "host", "--kernel", "5.10", ...words);
  skip(ran.code === 3, ran.err.trim());
  expect(ran.code).toBe(1);
  expect(ran.out).toContain("held against the model of 5.10");
  const [name = "", ...more] = readdirSync(out);
  expect(more).toEqual([]);
  const again = await tool(
    ...["run", join(out, name), "--target", "host", "--against", "model", "--kernel", "5.10"],
  );
  expect(again.code).toBe(1);
  expect(again.err).toContain("the first difference between model and host");
});
