import { expect, test } from "vitest";
import { ownLine } from "../testing/ownLog.ts";
import { file, tool } from "../testing/tool.ts";

/** 13. Is this advice argument an OR of two? */
test("question 13: numbers in a recorded log that are sums of advice", async () => {
  const { out } = await tool("check", "--lint", ownLine("ownAdvice.strace"), "--kernel", "6.18.44");
  expect(out).toMatch(/:95: lint: 5 is no advice; it looks like MADV_RANDOM\|MADV_DONTNEED/);
});

test("question 13: logrotate's 2|3|10 is a valid advice, and another one", async () => {
  const log = file(
    "logrotate.strace",
    [
      '7     execve("./a", ["a"], 0x7ffd /* 3 vars */) = 0',
      "7     mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
      "7     madvise(0x7f0000000000, 4096, MADV_DOFORK) = 0",
    ].join("\n"),
  );
  const { code, out } = await tool("check", "--lint", log);
  expect(code).toBe(0);
  expect(out).toMatch(/:3: lint: .*MADV_SEQUENTIAL\|MADV_WILLNEED\|MADV_DONTFORK/);
});
