import type { CheckReport } from "@kadvise/conformance";
import { describe, expect, test } from "vitest";
import { readXml } from "../testing/readXml.ts";
import { file, tool } from "../testing/tool.ts";

/** A log with every kind of verdict: one deviation, one unread line, names that need escaping. */
const LOG = [
  '5     execve("./a", ["a"], 0x7ffd /* 3 vars */) = 0',
  "5     close_range(3, 2, 0) = 0",
  "5     mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
  "5     munmap(0x7f0000000001, 4096) = 0",
  "5     process_madvise(9, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_COLD, 0) = 4096",
  "5     what is this <line> & 'that'",
].join("\n");

async function report(format: string, ...more: readonly string[]): Promise<string> {
  const log = file('odd <&"#name.strace', LOG);
  const { code, out } = await tool("check", log, "--kernel", "6.12", "--format", format, ...more);
  expect(code).toBe(1);
  return out;
}

const json = async (): Promise<CheckReport> => JSON.parse(await report("json")) as CheckReport;

test("the log has what the formats must tell", async () => {
  expect(await json()).toMatchObject({ deviations: 2, unread: 1 });
});

describe("jsonl", () => {
  test("has an object a line, and together they are the report", async () => {
    const lines = (await report("jsonl")).trimEnd().split("\n");
    const objects = lines.map((line) => JSON.parse(line) as { type: string });
    const { findings, logs, ...sum } = await json();
    const of = (type: string): object[] =>
      objects.filter((one) => one.type === type).map(({ type: _, ...rest }) => rest);
    expect(of("finding")).toEqual(findings);
    expect(of("log")).toEqual(logs);
    expect(of("report")).toEqual([sum]);
  });
});

describe("ktap", () => {
  test("numbers tests from 1 to what is planned, on both levels", async () => {
    const lines = (await report("ktap")).trimEnd().split("\n");
    expect(lines[0]).toBe("KTAP version 1");
    for (const indent of ["", "  "]) {
      const own = lines.filter((line) => line.startsWith(indent) && !line.startsWith(`${indent} `));
      const planned = Number(/^ *1\.\.(\d+)$/m.exec(own.join("\n"))?.[1]);
      const numbers = own.flatMap((line) => {
        const match = /^ *(?:not )?ok (\d+) \S/.exec(line);
        return match === null ? [] : [Number(match[1])];
      });
      expect(numbers).toEqual(Array.from({ length: planned }, (_, i) => i + 1));
    }
  });

  test("fails the forms that deviate, with the lines before them, and the log", async () => {
    const text = await report("ktap");
    expect(text).toMatch(
      /^ {2}# line 2: close_range = 0; Linux: -1 EINVAL.*\n {2}not ok \d+ close_range/m,
    );
    expect(text).toMatch(/^not ok 1 /m);
    expect(text).toMatch(/^# Totals: pass:0 fail:1 xfail:0 xpass:0 skip:0 error:0$/m);
  });

  test("skips a form of which nothing is decided", async () => {
    expect(await report("ktap")).toMatch(/^ {2}ok \d+ process_madvise .* # SKIP undetermined$/m);
  });

  test("has no name that looks like a directive", async () => {
    expect(await report("ktap")).toMatch(/^not ok 1 [^#]*$/m);
  });
});

describe("junit", () => {
  test("is well-formed XML whose counts are those of its elements", async () => {
    const root = readXml(await report("junit"));
    expect(root.name).toBe("testsuites");
    const suites = root.children.filter(({ name }) => name === "testsuite");
    const cases = suites.flatMap((suite) =>
      suite.children.filter(({ name }) => name === "testcase"),
    );
    const failing = cases.filter(({ children }) => children.some(({ name }) => name === "failure"));
    expect(Number(root.attributes["tests"])).toBe(cases.length);
    expect(Number(root.attributes["failures"])).toBe(failing.length);
    expect(failing).toHaveLength(2);
    expect(suites[0]?.attributes["name"]).toContain('odd <&"#name.strace');
  });

  test("keeps control characters out", async () => {
    const log = file(
      "control.strace",
      "5     close_range(3, 2, 0) = 0\n5     \u0001\u0002\u000b?\n",
    );
    const { out } = await tool("check", log, "--format", "junit");
    const codes = [...out].map((character) => character.charCodeAt(0));
    expect(codes.filter((code) => code < 32 && code !== 10)).toEqual([]);
  });
});

describe("sarif", () => {
  interface Sarif {
    readonly $schema: string;
    readonly version: string;
    readonly runs: readonly {
      readonly tool: {
        readonly driver: { readonly name: string; readonly rules: readonly { id: string }[] };
      };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly kind: string;
        readonly message: { readonly text: string };
        readonly locations: readonly {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string };
            readonly region: { readonly startLine: number };
          };
        }[];
      }[];
    }[];
  }

  test("has what SARIF 2.1.0 requires", async () => {
    const { $schema, version, runs } = JSON.parse(await report("sarif", "--all")) as Sarif;
    expect($schema).toMatch(/sarif-2\.1\.0/);
    expect(version).toBe("2.1.0");
    expect(runs).toHaveLength(1);
    const { tool: used, results } = runs[0];
    expect(used.driver.name).toBe("kadvise");
    expect(new Set(used.driver.rules.map(({ id }) => id)).size).toBe(used.driver.rules.length);
    expect(results.length).toBeGreaterThan(3);
    for (const { ruleId, ruleIndex, level, kind, message, locations } of results) {
      expect(used.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(["fail", "pass", "open"]).toContain(kind);
      // 3.27.10: a level other than none goes with the kind fail alone.
      expect(kind === "fail" ? ["error", "warning", "note"] : ["none"]).toContain(level);
      expect(message.text).not.toBe("");
      const { artifactLocation, region } = locations[0].physicalLocation;
      expect(() => new URL(artifactLocation.uri, "file:///here/")).not.toThrow();
      expect(artifactLocation.uri).not.toMatch(/[ <>"#]/);
      expect(region.startLine).toBeGreaterThanOrEqual(1);
    }
  });
});

describe("github", () => {
  test("has a command for each finding, at its line", async () => {
    const lines = (await report("github")).trimEnd().split("\n");
    const { findings } = await json();
    expect(lines).toHaveLength(findings.length + 1);
    expect(lines[0]).toMatch(
      /^::error file=[^:,]*odd <&"#name\.strace,line=2,title=deviation%3A close_range::close_range = 0; Linux: /,
    );
    expect(lines.filter((line) => line.startsWith("::warning "))).toHaveLength(1);
    expect(lines.at(-1)).toMatch(/^::notice title=kadvise check::.*2 deviations/);
  });
});

test("an unknown format names those that are known", async () => {
  const { code, err } = await tool("check", file("x.strace", LOG), "--format", "xml");
  expect(code).toBe(2);
  expect(err).toContain("text, json, jsonl, ktap, junit, sarif, github");
});

describe("what the lint finds", () => {
  const EMPTY = "5     process_madvise(3, NULL, 0, MADV_COLD, 0) = 0";
  const START = LOG.split("\n")[0] ?? "";
  const OPENED = "5     pidfd_open(5, 0) = 3";
  const linted = async (format: string, ...more: readonly string[]): Promise<string> => {
    const log = file("a,b.strace", [START, OPENED, EMPTY].join("\n"));
    const ran = await tool("check", log, "--kernel", "6.12", "--format", format, ...more);
    expect(ran.code).toBe(0);
    return ran.out;
  };

  test.each([
    ["github", /^::warning file=.*a%2Cb\.strace,line=3,title=lint%3A probe\/no-ranges::\S/m],
    ["ktap", /^ {2}# lint: line 3: .* \[probe\/no-ranges\]$/m],
    [
      "sarif",
      /"ruleId": "probe\/no-ranges",\s*"ruleIndex": 0,\s*"kind": "fail",\s*"level": "note"/,
    ],
    ["json", /"rule": ?"probe\/no-ranges"/],
    ["jsonl", /"rule":"probe\/no-ranges"/],
  ])("stands in %s, where it was asked for", async (format, shape) => {
    expect(await linted(format, "--lint")).toMatch(shape);
    expect(await linted(format)).not.toContain("probe/no-ranges");
  });
});
