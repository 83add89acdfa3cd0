import { describe, expect, test } from "vitest";
import { file, tool } from "../testing/tool.ts";

const GOOD = [
  "100 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
  "100 madvise(0x7f0000000000, 8192, MADV_DONTNEED) = 0",
  "100 munmap(0x7f0000000000, 8192) = 0",
  "",
].join("\n");
const BAD = GOOD.replace(
  "MADV_DONTNEED) = 0",
  "MADV_DONTNEED) = -1 ENOMEM (Cannot allocate memory)",
);

interface Json {
  readonly [key: string]: unknown;
  readonly findings: readonly { readonly [key: string]: unknown }[];
  readonly logs: readonly { readonly [key: string]: unknown }[];
}

async function json(...words: readonly string[]): Promise<Json> {
  const { out } = await tool("check", "--format", "json", ...words);
  return JSON.parse(out) as Json;
}

describe("a log in which Linux did what it does", () => {
  const log = file("good.strace", GOOD);

  test("conforms: exit 0, and a line that counts the verdicts", async () => {
    const { code, out, err } = await tool("check", "--kernel", "6.12", log);
    expect(code).toBe(0);
    expect(out).toContain(
      "good.strace: 3 results: 2 exact, 1 constrained, 0 undetermined, 0 deviations",
    );
    expect(err).toBe("");
  });

  test("prints the assumptions on which the verdicts rest", async () => {
    const { out } = await tool("check", "--kernel", "6.12", log);
    expect(out).toContain("  assuming ");
    const fewer = await tool("check", "--kernel", "6.12", "--assume", "no-reclaim=off", log);
    expect(fewer.out.split("  assuming ").length).toBe(out.split("  assuming ").length - 1);
  });

  test("as JSON has the keys that scripts read", async () => {
    const report = await json("--kernel", "6.12", "--all", log);
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining([
        ...["schemaVersion", "kernel", "assumptions", "calls", "inScope", "exact", "constrained"],
        ...["undetermined", "deviations", "logs", "findings", "unread", "outOfScope"],
        ...["undeterminedNeeds"],
      ]),
    );
    expect(report.logs[0]).toMatchObject({
      file: log,
      calls: 3,
      inScope: 3,
      exact: 2,
      constrained: 1,
    });
    expect(report.logs[0]?.forms).toContainEqual({
      ...{ form: "munmap = ok", inScope: 1, exact: 1 },
      ...{ constrained: 0, undetermined: 0, deviations: 0 },
    });
    expect(report.findings).toHaveLength(3);
    expect(report.findings[1]).toMatchObject({
      ...{ file: log, line: 2, entryLine: 2, pid: 100, syscall: "madvise", observed: "0" },
      ...{ allowed: ["0"], verdict: "exact" },
    });
  });

  test("without --all lists no finding", async () => {
    expect((await json("--kernel", "6.12", log)).findings).toEqual([]);
  });

  test("reads the same with Windows line ends and without a last one", async () => {
    for (const text of [GOOD.replaceAll("\n", "\r\n"), GOOD.trimEnd()]) {
      const report = await json("--kernel", "6.12", file("other.strace", text));
      expect(report).toMatchObject({ exact: 2, constrained: 1, unread: 0 });
    }
  });
});

describe("a log in which Linux would not have answered so", () => {
  const log = file("bad.strace", BAD);

  test("deviates: exit 1, with place, result, and what Linux allows", async () => {
    const { code, out } = await tool("check", "--kernel", "6.12", log);
    expect(code).toBe(1);
    expect(out).toContain(
      "bad.strace:2: deviation: madvise = -1 ENOMEM (Cannot allocate memory); Linux: 0:",
    );
  });

  test("is one deviation: what follows is judged as if the result were true", async () => {
    expect(await json("--kernel", "6.12", log)).toMatchObject({ deviations: 1, exact: 1 });
  });

  test("leaves out findings beyond --max-findings, and counts them", async () => {
    const many = file("many.strace", BAD.repeat(5));
    const report = await json("--kernel", "6.12", "--max-findings", "2", many);
    expect(report).toMatchObject({ deviations: 5, findingsOmitted: 3 });
    expect(report.findings).toHaveLength(2);
  });

  test("deviates too where a readable log stands beside it", async () => {
    const { code, out } = await tool("check", "--kernel", "6.12", file("good.strace", GOOD), log);
    expect(code).toBe(1);
    expect(out).toContain("2 logs, 6 results: 3 exact, 2 constrained, 0 undetermined, 1 deviation");
    expect(out).toMatch(/^a log in the mean, .*: 83\.33 % decided, 50\.00 % exact$/m);
  });
});

describe("what cannot be known or read", () => {
  test("does not fail a check, unless it is strict", async () => {
    const log = file(
      "unknown.strace",
      "100 madvise(0x10000, 4096, MADV_COLD) = 0\n100 what is this\n",
    );
    expect((await tool("check", "--kernel", "6.12", log)).code).toBe(0);
    expect((await tool("check", "--kernel", "6.12", "--strict", log)).code).toBe(1);
  });

  test("an unread line is a finding with its number", async () => {
    const log = file("torn.strace", `${GOOD}100 munmap(0x7f, \n`);
    expect((await json("--kernel", "6.12", log)).findings[0]).toMatchObject({
      ...{ line: 4, verdict: "unread" },
    });
  });
});

describe("bad input is one clear line on stderr and exit 2", () => {
  const cases: readonly [string, readonly string[], RegExp][] = [
    ["no log", [], /expected at least one LOG/],
    ["a missing file", ["/nowhere/app.log"], /^kadvise check: \/nowhere\/app\.log: no such file$/],
    ["a directory", [import.meta.dirname], /is a directory; name the logs in it$/],
    ["a binary file", [file("binary.log", Uint8Array.of(127, 69, 76, 70, 2, 0, 0))], /binary data/],
    ["an unknown release", ["--kernel", "9.9", "x"], /9\.9/],
    [
      "an unknown format",
      ["--format", "yaml", "x"],
      /unknown format "yaml"; expected text, json, jsonl/,
    ],
    ["an unknown option", ["--strct", "x"], /unknown option --strct; did you mean --strict\?/],
    ["an option without its value", ["--kernel"], /--kernel needs a value/],
    ["an unknown assumption", ["--assume", "no-reclam=off", "x"], /did you mean no-reclaim\?/],
    ["an assumption that is not dropped", ["--assume", "no-reclaim", "x"], /no-reclaim=off/],
    [
      "an unknown setting",
      ["--config", "swp=true", "x"],
      /unknown setting "swp"; did you mean swap\?/,
    ],
    ["a number that is none", ["--max-findings", "-1", "x"], /needs a (whole number|value)/],
  ];
  test.each(cases)("%s", async (_, words, message) => {
    const { code, out, err } = await tool("check", ...words);
    expect(code).toBe(2);
    expect(out.includes("assuming")).toBe(false);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(err.trimEnd()).toMatch(message);
  });
});

test("an empty file is judged as such: exit 0 and a note", async () => {
  const { code, err } = await tool("check", "--kernel", "6.12", file("empty.log", ""));
  expect(code).toBe(0);
  expect(err).toMatch(/empty, nothing to judge/);
});

test("one unreadable file does not keep the others from being judged, and 2 wins over 1", async () => {
  const { code, out, err } = await tool(
    ...["check", "--kernel", "6.12", "/nowhere/a.log", file("bad.strace", BAD)],
  );
  expect(code).toBe(2);
  expect(out).toContain("1 deviation");
  expect(err).toContain("no such file");
});
