import { describe, expect, test } from "vitest";
import { answersOf, ownLine } from "../testing/ownLog.ts";
import { tool } from "../testing/tool.ts";

/** 11. Is this feature probe sound? */
describe("question 11: is a probe sound", () => {
  const answers = async (line: string, releases: string): Promise<readonly string[]> =>
    (await answersOf(line, releases)).map(([, answer]) => answer);

  test("an empty vector answers 0 with any advice from 6.13 to 7.1: it proves access alone", async () => {
    expect(await answers("ownAdvice:22", "6.12,6.13")).toEqual(["EINVAL", "12288"]);
    expect(await answers("access:87", "5.10,6.12,6.18,7.3")).toEqual(["0", "0", "0", "0"]);
    const { out } = await tool("check", "--lint", ownLine("access.strace"), "--kernel", "6.18.44");
    expect(out).toMatch(/access\.strace:87: lint: .*\[probe\/no-ranges\]/);
  });

  test("PIDFD_SELF is EBADF up to 6.14 and oneself from 6.15 on", async () => {
    expect(await answers("ownSpace:50", "6.12,6.14,6.16,6.18")).toEqual([
      ...["EBADF", "EBADF", "4096", "4096"],
    ]);
  });
});
