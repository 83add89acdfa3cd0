import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CheckReport } from "@kadvise/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { file, tool } from "../testing/tool.ts";

const numbers = file("numbers", Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join(""));
const folder = join(numbers, "..");
const ALLOCATES = "my @a; for my $r (1..40) { push @a, 'x' x (50000 * $r); shift @a if @a > 8 }";
const DATABASE = "create table t(a); insert into t select 1; select count(*) from t;";

/** Programs of Debian: allocators, shells, interpreters, a database, threads, a compiler. */
const PROGRAMS: readonly (readonly [name: string, ...words: string[]])[] = [
  ["ls", "/bin/ls", "-l", "/"],
  ["shell", "/bin/sh", "-c", "for i in 1 2 3; do ls / | wc -l; done; echo $(id)"],
  ["bash", "/bin/bash", "-c", "a=$(seq 1 5000); for i in $a; do :; done; cat <(ls)"],
  ["allocates", "/usr/bin/perl", "-e", ALLOCATES],
  ["python", "/usr/bin/python3", "-c", "import json; print(json.dumps([1] * 1000))"],
  ["database", "/usr/bin/sqlite3", ":memory:", DATABASE],
  ["git", "/usr/bin/git", "--version"],
  ["tar", "/bin/tar", "czf", join(folder, "x.tgz"), "-C", folder, "numbers"],
  ["sort", "/usr/bin/sort", "--parallel=2", "-o", "/dev/null", numbers],
  ["xz", "/usr/bin/xz", "-k", "-f", "-T2", numbers],
  ["awk", "/usr/bin/awk", "{ s += $1; a[$1] = $1 } END { print s }", numbers],
  ["cc", "/usr/bin/cc", "--version"],
];

const why =
  process.platform !== "linux"
    ? "needs a Linux machine"
    : spawnSync("strace", ["-V"]).status === 0
      ? ""
      : "needs strace";

describe("record ends as its command does", () => {
  // As strace and env do it; a signal as a shell tells it.
  test.for([
    ["exit 0", 0],
    ["exit 7", 7],
    ["exit 255", 255],
    ["kill -TERM $$", 128 + 15],
    ["kill -KILL $$", 128 + 9],
  ] as const)("%s: %i, and the log is there", async ([script, expected], { skip }) => {
    skip(why !== "", why);
    const log = join(folder, "ended.strace");
    const { code, err } = await tool("record", "--output", log, "--", "/bin/sh", "-c", script);
    expect(code, err).toBe(expected);
    expect(existsSync(`${log}.facts.json`)).toBe(true);
  });
});

describe("programs of Debian, recorded and judged", () => {
  const sums = { inScope: 0, exact: 0, undetermined: 0 };
  afterAll(() => {
    if (sums.inScope === 0) return;
    expect(1 - sums.undetermined / sums.inScope).toBeGreaterThanOrEqual(0.98);
    expect(sums.exact / sums.inScope).toBeGreaterThanOrEqual(0.75);
  });

  test.for(PROGRAMS)("%s deviates nowhere", async ([name, ...words], { skip }) => {
    skip(why !== "", why);
    skip(!existsSync(words[0] ?? ""), `needs ${words[0]}`);
    const log = join(folder, `${name}.strace`);
    const recorded = await tool("record", "--output", log, "--", ...words);
    expect(recorded.code, recorded.err).toBe(0);
    const { out } = await tool("check", log, "--format", "json");
    const report = JSON.parse(out) as CheckReport;
    expect(report.findings).toEqual([]);
    expect(report.deviations).toBe(0);
    expect(report.inScope).toBeGreaterThan(20);
    sums.inScope += report.inScope;
    sums.exact += report.exact;
    sums.undetermined += report.undetermined;
  });
});
