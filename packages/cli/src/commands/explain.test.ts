import { REASONS } from "@kadvise/kernel";
import { describe, expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

describe("a reason's page", () => {
  test("says errno, rule, place in Linux, release and remedy", async () => {
    const { code, out } = await tool("explain", "process_madvise/remote-needs-cap-sys-nice");
    expect(code).toBe(0);
    expect(out).toContain(
      "EPERM: the target is another process, and the caller lacks CAP_SYS_NICE",
    );
    expect(out).toMatch(/Linux: +mm\/madvise\.c process_madvise/);
    expect(out).toMatch(/since: +\d+\.\d+/);
    expect(out).toMatch(/to change it: gain CAP_SYS_NICE/);
  });

  test.each(Object.keys(REASONS))("of %s has every line", async (id) => {
    const { code, out } = await tool("explain", id);
    expect(code).toBe(0);
    expect(out).not.toMatch(/undefined|: *$/m);
    expect(out.trimEnd().split("\n")).toHaveLength(5);
  });
});

test("the reasons of a call are listed by its name", async () => {
  const { out } = await tool("explain", "iovec");
  const ids = Object.keys(REASONS).filter((id) => id.startsWith("iovec/"));
  expect(ids.length).toBeGreaterThan(3);
  for (const id of ids) expect(out).toContain(id);
});

test("an unknown reason exits 2 and names the nearest", async () => {
  const { code, err } = await tool("explain", "mm_access/deneid");
  expect(code).toBe(2);
  expect(err).toBe(
    'kadvise explain: no reason "mm_access/deneid"; did you mean mm_access/denied?\n',
  );
});
