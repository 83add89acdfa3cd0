import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Checker } from "../judge/check.ts";
import type { CheckReport } from "../judge/report.ts";
import { LogExplainer } from "../explain/explainLog.ts";
import { parseLogFacts, type ExecFacts, type LogFacts } from "./logFacts.ts";

const folder = join(import.meta.dirname, "testing/recordings");
const log = readFileSync(join(folder, "shell.strace"), "latin1");
const facts = parseLogFacts(readFileSync(join(folder, "shell.strace.facts.json"), "utf8"));

function check(used: LogFacts | undefined, text = log): CheckReport {
  const { kernel, settings } = facts;
  const checker = new Checker({ kernel, settings, all: true });
  const one = checker.log("shell.strace", used);
  one.push(text);
  one.end();
  return checker.finish();
}

/** The facts of each execve, changed. */
function withExecs(change: (facts: ExecFacts) => Partial<ExecFacts>): LogFacts {
  return { ...facts, execs: facts.execs.map((exec) => ({ ...exec, ...change(exec) })) };
}

describe("a recorded log", () => {
  const bare = check(undefined);
  const known = check(facts);

  test("is decided throughout with what was kept beside it, and deviates nowhere", () => {
    expect(known).toMatchObject({ undetermined: 0, deviations: 0, unread: 0 });
    expect(known.exact / known.inScope).toBeGreaterThan(0.9);
    expect(bare.undetermined).toBeGreaterThan(0);
    expect(bare.exact / bare.inScope).toBeLessThan(0.75);
  });

  test("has its places exact: the memory that was seen tells where a mapping goes", () => {
    const constrained = (report: CheckReport): number =>
      report.findings.filter(
        ({ syscall, verdict }) => syscall === "mmap" && verdict === "constrained",
      ).length;
    expect(constrained(bare)).toBeGreaterThan(5);
    expect(constrained(known)).toBe(0);
  });

  test("says that a place is Linux' own choice where it is not the predicted one", () => {
    const first = /mmap\(NULL, 8192, .*\) = (0x[0-9a-f]+)/.exec(log)?.[1] ?? "";
    const report = check(facts, log.replaceAll(first, "0x700000000000"));
    expect(report.deviations).toBe(0);
    const [place] = report.findings.filter(({ observed }) => observed === "0x700000000000");
    expect(place?.verdict).toBe("constrained");
  });

  test("is not accused for lack of any one fact", () => {
    const keys = ["areas", "startBreak", "descriptors", "children"] as const;
    for (const key of keys) {
      const { deviations } = check(withExecs(() => ({ [key]: undefined })));
      expect({ key, deviations }).toEqual({ key, deviations: 0 });
    }
    const { programs: _, ...without } = facts;
    expect(check(without).deviations).toBe(0);
    expect(check(without).undeterminedNeeds).toHaveProperty("execve/program");
  });

  test("is accused where it contradicts what was seen", () => {
    const program = log.replace(/(execve\("\/bin\/nosuch".*)= -1 ENOENT \([^)]*\)/, "$1= 0");
    expect(program).not.toBe(log);
    expect(check(facts, program).deviations).toBeGreaterThan(0);
    const heap = log.replace(/brk\(NULL\)( +)= 0x[0-9a-f]+/, "brk(NULL)$1= 0x10000");
    expect(check(facts, heap).deviations).toBeGreaterThan(0);
  });

  test("has who a program made of its process, though the log alone would have it otherwise", () => {
    const lines = [
      ...['1 execve("./a", ["./a"], []) = 0', "1 setresgid(9, 9, 9) = 0"],
      ...["1 setresuid(9, 9, 9) = 0", "1 prctl(PR_SET_DUMPABLE, SUID_DUMP_USER) = 0"],
      ...['1 execve("./b", ["./b"], []) = 0', "1 geteuid() = 0", "1 getegid() = 9"],
      ...["1 prctl(PR_GET_DUMPABLE) = 0 (SUID_DUMP_DISABLE)", ""],
    ];
    const [exec] = facts.execs;
    const other = (changes: Partial<ExecFacts["credentials"]>): LogFacts => {
      const { credentials, areas: _, ...rest } = exec;
      const ids = { uids: [9, 0, 0, 0], gids: [9, 9, 9, 9], ...changes };
      const second = { ...rest, line: 5, pid: 1, dumpable: 0 } as const;
      return { ...facts, execs: [{ ...second, credentials: { ...credentials, ...ids } }] };
    };
    const verdictsOf = (used: LogFacts): readonly string[] =>
      check(used, lines.join("\n"))
        .findings.slice(-3)
        .map(({ verdict }) => verdict);
    expect(verdictsOf(other({}))).toEqual(["exact", "exact", "exact"]);
    expect(verdictsOf(other({ uids: [9, 9, 9, 9] }))[0]).toBe("deviation");
  });

  test("is explained from the same facts", () => {
    const line = log.split("\n").findIndex((text) => text.includes("mmap(NULL")) + 1;
    const verdictOf = (used: LogFacts | undefined): string | undefined => {
      const explainer = new LogExplainer({
        ...{ line, kernel: facts.kernel, settings: facts.settings },
        ...(used === undefined ? {} : { facts: used }),
      });
      explainer.push(log);
      explainer.end();
      return explainer.result?.verdict;
    };
    expect([verdictOf(undefined), verdictOf(facts)]).toEqual(["constrained", "exact"]);
  });
});

describe("what is kept beside a log", () => {
  test.each([
    ["text", "no JSON"],
    ["[]", "not what kadvise record writes"],
    ['{"schemaVersion":2,"kernel":"6.12"}', "not what kadvise record writes"],
    ['{"schemaVersion":1,"kernel":"6.12"}', "settings or execs are missing"],
    ['{"schemaVersion":1,"kernel":"6.12","settings":{},"execs":[{}]}', "has no line or pid"],
  ])("is refused where it is something else: %s", (text, message) => {
    expect(() => parseLogFacts(text)).toThrow(message);
  });

  test("names nothing of the environment", () => {
    expect(log).toMatch(/execve\("\/usr\/bin\/sh", .*\/\* \d+ vars? \*\/\) = 0/);
  });
});
