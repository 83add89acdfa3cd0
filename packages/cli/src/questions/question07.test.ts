import { describe, expect, test } from "vitest";
import { explainedOwn, explainOwn, ownLine } from "../testing/ownLog.ts";
import { tool } from "../testing/tool.ts";

/** 7. Why did the count exceed what is resident, or end in …552? */
describe("question 7: why is the count so large", () => {
  test("8 GiB advised, 2147479552 counted: MAX_RW_COUNT, and where the rest begins", async () => {
    const { observed, ways } = await explainedOwn("limits:22");
    expect(observed).toBe("2147479552");
    const [range] = ways[0]?.ranges ?? [];
    expect(range).toMatchObject({ length: 8589934592, counted: 2147479552, outcome: "done" });
    expect(ways[0]?.resume).toMatchObject({ element: 0, offset: 2147479552 });
    expect(ways[0]?.resume?.text).toContain("MAX_RW_COUNT");
  });

  test("one byte more than the limit is cut as well", async () => {
    expect((await explainOwn("limits:26")).out).toMatch(/go on at element 0, offset 2147479552/);
  });

  test("the lint points at such a count in a whole log", async () => {
    const { out } = await tool("check", "--lint", ownLine("limits.strace"), "--kernel", "6.18.44");
    expect(out).toMatch(/limits\.strace:22: lint: .*\[vector\/capped\]/);
  });
});
