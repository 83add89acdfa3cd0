import { describe, expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

describe("what is asked wrongly exits 2 and says what was expected", () => {
  test.each([
    [[], /expected --pid PID, or an error such as EACCES/],
    [["--pid", "x"], /--pid/],
    [["1234"], /expected --pid PID, or the name of an error/],
    [["--pid", "1", "--advice", "MADV_COLT"], /did you mean MADV_COLD/],
    [["--pid", "1", "--heap", "--all"], /choose one of --range, --heap, --anon, --all/],
    [["--pid", "1", "--range", "7f00"], /expected START-END in hexadecimal/],
    [["--pid", "1", "--range", "2000-1000"], /the end lies before the start/],
    [["--pid", "1", "--from", "2", "--apply"], /--apply calls as this process/],
    [["--pid", "1", "--format", "xml"], /unknown format "xml"/],
  ])("%j", async (words, message) => {
    const { code, err } = await tool("why", ...words);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

test("a process that does not exist is named", async ({ skip }) => {
  skip(process.platform !== "linux", "needs a Linux machine");
  const { code, err } = await tool("why", "--pid", "4194305");
  expect(code).toBe(2);
  expect(err).toBe("kadvise why: there is no process 4194305\n");
});

test("an error in general is explained as explain does", async () => {
  const [one, other] = [await tool("why", "ESRCH"), await tool("explain", "ESRCH")];
  expect(one.code).toBe(0);
  expect(one.out).toBe(other.out);
  expect(one.out).toContain("mm_access/no-memory");
});
