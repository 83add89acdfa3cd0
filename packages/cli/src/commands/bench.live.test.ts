import { expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

test("chosen loads are measured on this machine's kernel", async ({ skip }) => {
  const ran = await tool(
    ...["bench", "--loads", "churn-top-10,fork-write", "--rounds", "1", "--format", "json"],
  );
  skip(ran.code === 3 || ran.code === 2, ran.err.trim());
  expect(ran.code).toBe(0);
  const report = JSON.parse(ran.out) as { loads: { id: string; ratio: number }[] };
  expect(report.loads.map(({ id }) => id)).toEqual(["fork-write", "churn-top-10"]);
  for (const { ratio } of report.loads) expect(ratio).toBeGreaterThan(0);
  expect(report).not.toHaveProperty("memory");
});
