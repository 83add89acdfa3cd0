import { describe, expect, test } from "vitest";
import { file, tool } from "../testing/tool.ts";

const LOG = file(
  "suspicious.strace",
  [
    '100 execve("/bin/x", ["x"], 0x7ffd00000000 /* 0 vars */) = 0',
    "100 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
    "100 madvise(0x7f0000000000, 8192, MADV_DOFORK) = 0",
    "100 pidfd_open(100, 0) = 3",
    "100 process_madvise(3, NULL, 0, MADV_COLD, 0) = 0",
    "",
  ].join("\n"),
);

describe("check --lint", () => {
  test("tells what is suspicious, with line and rule, and leaves the exit code alone", async () => {
    const { code, out } = await tool("check", "--kernel", "6.12", "--lint", LOG);
    expect(code).toBe(0);
    expect(out).toMatch(
      /suspicious\.strace:3: lint: 11 is MADV_DOFORK.*MADV_SEQUENTIAL\|MADV_WILLNEED\|MADV_DONTFORK.*\[advice\/or-of-several\]/,
    );
    expect(out).toMatch(/suspicious\.strace:5: lint: an empty vector .*\[probe\/no-ranges\]/);
  });

  test("JSON has it under lint", async () => {
    const { out } = await tool("check", "--kernel", "6.12", "--lint", "--format", "json", LOG);
    expect(JSON.parse(out)).toMatchObject({
      lint: [
        { file: LOG, line: 3, rule: "advice/or-of-several" },
        { file: LOG, line: 5, rule: "probe/no-ranges" },
      ],
      lintOmitted: 0,
    });
  });

  test("says nothing unless asked", async () => {
    const text = await tool("check", "--kernel", "6.12", LOG);
    expect(text.out).not.toContain("lint");
    const { out } = await tool("check", "--kernel", "6.12", "--format", "json", LOG);
    expect(JSON.parse(out)).not.toHaveProperty("lint");
  });

  test("tells at most as much as --max-findings, and counts the rest", async () => {
    const words = ["check", "--kernel", "6.12", "--lint", "--max-findings", "1", LOG];
    const { out } = await tool(...words);
    expect([...out.matchAll(/: lint: /g)].length).toBe(1);
    expect(out).toContain("and 1 more findings of the lint (--max-findings)");
  });
});
