import { beforeAll, describe, expect, test } from "vitest";
import { tool, type Ran } from "../testing/tool.ts";

describe("the demo", () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await tool("demo");
  });

  test("succeeds, without a note", () => {
    expect(ran.code).toBe(0);
    expect(ran.err).toBe("");
  });

  test("advises 2000 areas by two vectors, 1024 and 976 ranges", () => {
    expect(ran.out).toMatch(/\.\.\.\], 1024, MADV_COLD, 0\) = 16777216$/m);
    expect(ran.out).toMatch(/\.\.\.\], 976, MADV_COLD, 0\) = 15990784$/m);
  });

  test("shows refusals with their reasons", () => {
    expect(ran.out).toMatch(
      /, 2000, MADV_COLD, 0\) = -1 EINVAL .*\n +the vector has more than 1024/,
    );
    expect(ran.out).toMatch(/= -1 EPERM .*\n.*\[process_madvise\/remote-needs-cap-sys-nice\]/);
    expect(ran.out).toMatch(
      /= -1 EACCES .*\n.*\[mm_access\/denied\]\n.*\[ptrace_access\/ids-differ\]/,
    );
  });

  test("draws the areas: in use, cold, swapped out", () => {
    const rows = ran.out.split("\n").filter((line) => /^ {2}[0-9a-f]{12} [█▒░·]+$/.test(line));
    const seen = rows.map((row) => row.at(-1));
    expect([...new Set(seen)]).toEqual(["█", "▒", "░"]);
    expect(rows.every((row) => row.length <= 100)).toBe(true);
  });

  test("counts what vectors save on this release: look-ups and access checks", () => {
    const row = (name: string): readonly number[] =>
      (new RegExp(`^ {2}${name} +(.*)$`, "m").exec(ran.out)?.[1] ?? "").split(/ +/).map(Number);
    expect(row("MADV_COLD by single calls")).toEqual([2000, 2000, 2000, 2000, 2000]);
    expect(row("MADV_COLD by vectors")).toEqual([2, 2, 2, 2000, 2000]);
  });

  test("judges a log that strace recorded, line by line", () => {
    expect(ran.out).toMatch(/recorded on Linux 6\.18\.44, judged line by line/);
    expect(ran.out).toMatch(/^ +\d+ exact +process_madvise\(3<anon_inode:\[pidfd\]>.* = 16384$/m);
    expect(ran.out).toMatch(/all \d+ results of the log: .* 0 deviations\n$/);
  });
});

test("newer kernels take the lock once a vector, and flush once", async () => {
  const { out } = await tool("demo", "--kernel", "7.3");
  expect(out).toMatch(/MADV_COLD by vectors +2 +2 +2 +2 /);
});

test("the proposal's own kernel runs the same story", async () => {
  const { code, out } = await tool("demo", "--kernel", "seed");
  expect(code).toBe(0);
  expect(out).toContain("kadvise demo, Linux seed");
  expect(out).not.toContain("EPERM");
});

test("its scenario can be printed and run", async () => {
  const { out } = await tool("demo", "--scenario");
  expect(out.split("\n").filter((line) => line.startsWith("manager")).length).toBeGreaterThan(2000);
});
