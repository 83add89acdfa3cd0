import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Checker } from "../judge/check.ts";
import { readFacts } from "../recorded/index.ts";
import { OPEN_QUESTIONS } from "./questions.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The ids that the sources of the model ask for; what stands in `${}` is any. */
function askedIds(): readonly string[] {
  const sources = ["mm-core", "pidfd", "security", "syscalls"].flatMap((name) =>
    readdirSync(join(ROOT, name, "src"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(name, "src", path)),
  );
  const ids = sources
    .filter((path) => !path.includes(".test.") && !path.includes("testing"))
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .flatMap((text) => [
      ...text.matchAll(/(?:choose(?:<[^(]*>)?\(\{|Question<\w+> = \{)\s*id: ["`]([^"`]+)["`]/g),
    ])
    .map(([, id = ""]) => id);
  return [...new Set(ids)];
}

function isListed(id: string): boolean {
  return OPEN_QUESTIONS.some((question) =>
    question.id.endsWith("*") ? id.startsWith(question.id.slice(0, -1)) : question.id === id,
  );
}

test("each question that a source asks is listed", () => {
  const asked = askedIds();
  expect(asked.length).toBeGreaterThan(40);
  expect(asked.filter((id) => !id.startsWith("${") && !isListed(id))).toEqual([]);
});

test("each question is listed once", () => {
  const ids = OPEN_QUESTIONS.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
});

function log(name: string): string {
  return readFileSync(join(ROOT, `conformance/choices/${name}.strace`), "latin1");
}

/** How many results of a log no Linux gives; each log is judged once. */
const judged = new Map<string, number>();

function deviations(text: string): number {
  const known = judged.get(text) ?? judge(text);
  judged.set(text, known);
  return known;
}

function judge(text: string): number {
  const checker = new Checker({ kernel: "6.18.44" });
  const check = checker.log("log");
  check.push(text);
  check.end();
  return checker.finish().deviations;
}

/** What real kernels did, twice, and what none may do: the log with one text in place of another. */
const SHOWN: readonly {
  readonly id: string;
  readonly logs: readonly string[];
  readonly result: RegExp;
  readonly instead: readonly [string, string];
}[] = [
  {
    id: "pid/next",
    logs: ["ending"],
    result: /^.*clone.* = (\d+)$/gm,
    instead: ["child_tidptr=0x386f7650) = 26169", "child_tidptr=0x386f7650) = 26166"],
  },
  {
    id: "wait/which",
    logs: ["ending"],
    result: /wait4.* (?:= )(\d+)$/gm,
    instead: ["0, NULL) = 26167", "0, NULL) = 26169"],
  },
  {
    id: "signal/target-still-alive",
    logs: ["ending"],
    result: /process_madvise.* = (4096|-1 ESRCH)/g,
    instead: ["MADV_COLD, 0) = 4096", "MADV_COLD, 0) = 8192"],
  },
  {
    id: "collapse/obstacle",
    logs: ["obstacle"],
    result: /MADV_COLLAPSE\) = (0|-1 EAGAIN)/g,
    instead: ["MADV_COLLAPSE) = -1 EAGAIN", "MADV_COLLAPSE) = -1 EBADF"],
  },
  {
    id: "signal/pending",
    logs: ["signal"],
    result: /process_madvise.*MADV_UNMERGEABLE, 0\) = (\d+)/g,
    instead: ["MADV_UNMERGEABLE, 0) = 8388608", "MADV_UNMERGEABLE, 0) = 8392704"],
  },
  {
    id: "signal/ends-sleep",
    logs: ["restart"],
    // The handler returns to the call's number where it starts again.
    result: /rt_sigreturn\(\{mask=\[\]\}\) += (61|247|-1 EINTR)/g,
    instead: [
      "= ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
      "= ? ERESTARTNOHAND (To be restarted if no handler)",
    ],
  },
  {
    id: "signal/fatal",
    logs: ["killed"],
    // The first pages are out each time; those behind stay where the caller was killed.
    result: /mincore\(0x20600000, 4096, \[(\d)\]\) += 0/g,
    instead: ["mincore(0x20600000, 4096, [0])", "mincore(0x20600001, 4096, [0])"],
  },
  {
    id: "fault/huge-page",
    logs: ["hugePage", "hugePage.limited"],
    result: /AnonHugePages: +(\d+) kB/g,
    instead: ["MADV_HUGEPAGE) = 0", "MADV_HUGEPAGE) = -1 ENOMEM (Cannot allocate memory)"],
  },
  {
    id: "mmap/address",
    logs: ["../logs/6.18.44/files", "../logs/6.18.44/holes"],
    result: /mmap\(NULL.* = (0x\w+)$/gm,
    instead: [
      "mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7",
      "mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0xf",
    ],
  },
  {
    id: "brk/initial",
    logs: ["ending", "obstacle"],
    result: /brk\(NULL\) += (0x\w+)$/gm,
    instead: ["madvise", "madvise"],
  },
];

describe.each(SHOWN)("$id", ({ id, logs, result, instead: [was, is] }) => {
  test("is Linux' to decide", () => {
    expect(OPEN_QUESTIONS.find((question) => question.id === id)?.by).toBe("linux");
  });

  test("was decided in two ways by a real kernel, and the judge allows both", () => {
    const texts = logs.map(log);
    const seen = texts.flatMap((text) => [...text.matchAll(result)].map(([, value]) => value));
    expect(new Set(seen).size).toBeGreaterThan(1);
    expect(texts.map(deviations)).toEqual(texts.map(() => 0));
  });

  test("is not open to everything", ({ skip }) => {
    skip(was === is, "any page above the program may be it");
    const text = log(logs[0]);
    expect(text).toContain(was);
    expect(deviations(text.replace(was, is))).toBeGreaterThan(0);
  });
});

test("kcmp/order was decided in two ways by real kernels, one the other way round", () => {
  const { text = "" } = readFacts().find(({ name }) => name === "kcmp-order") ?? {};
  const seen = [...text.matchAll(/^# On .*:\n# +(= 0)\n# +(= \d)\n# +(= \d)$/gm)];
  expect(seen.map((answer) => answer.slice(1).join(" ")).toSorted()).toEqual([
    "= 0 = 1 = 2",
    "= 0 = 2 = 1",
  ]);
});

test("mm/commit-lag was decided in two ways: the same sum was granted, then refused", () => {
  const { text = "" } = readFacts().find(({ name }) => name === "committed-count-lags") ?? {};
  const [, ...recorded] = text.split(/^# On .*:$/m);
  // Three pieces one behind the other; the first given back, it is not to be had again.
  const ends = recorded.map((answers) => answers.trim().split("\n").slice(-8).map(kindOf));
  expect(ends).toContainEqual(["0x", "0x", "0x", "-1", "-1", "-1", "0", "-1"]);
});

/** `0x` of `#   = 0x180000000`. */
function kindOf(line: string): string {
  return /= (0x|-1|0)/.exec(line)?.[1] ?? line;
}

test("each question of Linux is among those that records show", () => {
  const shown = [...SHOWN.map(({ id }) => id), "kcmp/order", "mm/commit-lag"];
  const open = OPEN_QUESTIONS.filter(({ by }) => by === "linux").map(({ id }) => id);
  expect(open.toSorted()).toEqual(shown.toSorted());
});
