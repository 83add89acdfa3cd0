import { describe, expect, test } from "vitest";
import { explainedOwn, ownLine } from "../testing/ownLog.ts";
import { file, tool } from "../testing/tool.ts";

/** 14. A 32-bit caller, a 64-bit target: what happens? */
describe("question 14: a 32-bit caller", () => {
  test("advises what lies below 4 GiB as anybody does", async () => {
    const { observed, ways } = await explainedOwn("compatEntry:24");
    expect(observed).toBe("24576");
    expect(ways[0]?.refusal).toBeUndefined();
  });

  test("cannot name an address above: the low half is another range", async () => {
    const scenario = file(
      "compat.scenario",
      [
        "app        spawn({uid=0})",
        "app        mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $heap",
        "small      spawn({uid=0})",
        "small/i386 pidfd_open($app, 0) = $fd",
        "small/i386 process_madvise($fd, [{iov_base=$heap, iov_len=4096}], 1, MADV_COLD, 0) = ?",
        "app        process_madvise(-10000, [{iov_base=$heap, iov_len=4096}], 1, MADV_COLD, 0) = ?",
      ].join("\n"),
    );
    const { out } = await tool("run", scenario, "--kernel", "6.18");
    const [compat, own] = out.split("\n").filter((line) => line.includes("process_madvise"));
    expect(compat).toMatch(
      /= -1 (ENOMEM|EFAULT|EINVAL) .*\/\* (madvise\/hole|iovec\/beyond-user-space|madvise\/unaligned-start) \*\//,
    );
    expect(own).toMatch(/= 4096$/);
  });

  test("its limits are its own: a length of 2 GiB is negative for it", async () => {
    const { out } = await tool("explain", "iovec/negative-length");
    expect(out).toContain("from a 32-bit caller below 2^31");
    const { out: checked } = await tool(
      "check",
      ownLine("compatEntry.strace"),
      "--kernel",
      "6.18.44",
    );
    expect(checked).toMatch(/ 0 deviations/);
  });
});
