import { expect, test } from "vitest";
import type { ReportedFinding } from "./report.ts";
import { changedVerdict } from "./testing/changedVerdict.ts";
import { otherResults } from "./testing/changes.ts";
import { judgeText } from "./testing/judgeText.ts";
import { ownLogs, type OwnLog } from "./testing/ownLogs.ts";
import { oneOf, randomFrom, sampleOf } from "./testing/random.ts";

/** KADVISE_EVERY_CHANGE=1 tries every change of every exact result; that takes half an hour. */
const EVERY = process.env["KADVISE_EVERY_CHANGE"] === "1";
const SAMPLE = 420;
const DRAWN = 240;

interface Judged {
  readonly log: OwnLog;
  readonly finding: ReportedFinding;
}

interface Change extends Judged {
  readonly result: string;
}

function judged(logs: readonly OwnLog[]): readonly Judged[] {
  return logs.flatMap((log) =>
    judgeText(log.text, log).findings.map((finding) => ({ log, finding })),
  );
}

function changesOf({ log, finding }: Judged): readonly Change[] {
  return otherResults(finding.syscall, finding.observed).map((result) => ({
    log,
    finding,
    result,
  }));
}

function isFlagged({ log, finding, result }: Change): boolean {
  return changedVerdict(log, finding.line, result).verdict === "deviation";
}

function described({ log, finding, result }: Change): string {
  return `${log.name}:${finding.line} ${finding.form}: ${finding.observed} became ${result}`;
}

const random = randomFrom(20_200_519);
const everything = judged(ownLogs());

test(
  "every change to a result that was called exact is a deviation",
  { timeout: 3_600_000 },
  () => {
    const exact = everything.filter(
      ({ log, finding }) => finding.verdict === "exact" && changesOf({ log, finding }).length > 0,
    );
    const changes = EVERY
      ? exact.flatMap(changesOf)
      : sampleOf(random, exact, SAMPLE).map((one) => oneOf(random, changesOf(one)));
    const passed = changes.filter((change) => !isFlagged(change)).map(described);
    console.log(`${changes.length} changes to exact results, ${passed.length} passed unnoticed`);
    expect(changes.length).toBeGreaterThanOrEqual(400);
    expect(passed).toEqual([]);
  },
);

test(
  "of changes drawn evenly over calls and outcomes, nine in ten are deviations",
  { timeout: 600_000 },
  () => {
    const groups = new Map<string, Judged[]>();
    for (const one of everything) {
      if (changesOf(one).length === 0) continue;
      const outcome = /^-1 (\w+)/.exec(one.finding.observed)?.[1] ?? "ok";
      const key = `${one.finding.syscall} = ${outcome}`;
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    const kinds = [...groups.values()];
    const changes = Array.from({ length: DRAWN }, (_, i) =>
      oneOf(random, changesOf(oneOf(random, kinds[i % kinds.length] ?? []))),
    );
    const flagged = changes.filter(isFlagged);
    const share = (100 * flagged.length) / changes.length;
    console.log(
      `${flagged.length} of ${changes.length} changes over ${kinds.length} kinds of results are ` +
        `deviations: ${share.toFixed(1)} %`,
    );
    expect(share).toBeGreaterThanOrEqual(90);
  },
);
