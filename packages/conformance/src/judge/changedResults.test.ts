import { describe, expect, test } from "vitest";
import { changedResults, type Changed } from "./testing/changedResults.ts";
import { changedVerdict } from "./testing/changedVerdict.ts";
import { otherResults } from "./testing/changes.ts";
import { judgeText } from "./testing/judgeText.ts";
import { ownLogs, RECORDED_KERNELS } from "./testing/ownLogs.ts";
import { oneOf, randomFrom, sampleOf } from "./testing/random.ts";

/** KADVISE_EVERY_KERNEL=1 takes the logs of all kernels; else three of them stand for the rest. */
const KERNELS =
  process.env["KADVISE_EVERY_KERNEL"] === "1"
    ? RECORDED_KERNELS
    : ["5.10.223", "6.12.107", "7.3.4"];
/** How many changes are made in the very text of a log. */
const IN_TEXT = 40;

const logs = ownLogs(KERNELS);
const everything = logs.flatMap(changedResults);

function described({ log, line, form, observed }: Changed, result: string): string {
  return `${log.name}:${line} ${form}: ${observed} became ${result}`;
}

describe("a result that was called exact", () => {
  const exact = everything.filter(({ verdict }) => verdict === "exact");

  test("is a deviation as soon as it is changed to any other that the call can give", () => {
    const changes = exact.flatMap((one) => one.others.map((other) => ({ one, other })));
    const passed = changes.filter(({ other }) => other.verdict !== "deviation");
    console.log(`${changes.length} changes to exact results, ${passed.length} passed unnoticed`);
    expect(changes.length).toBeGreaterThan(20_000);
    expect(passed.map(({ one, other }) => described(one, other.result))).toEqual([]);
  });

  test("is one also where it is changed in the text of the log, calls that overlap included", () => {
    const random = randomFrom(20_200_519);
    const inText = sampleOf(random, logs, IN_TEXT).flatMap((log) => {
      const found = judgeText(log.text, log).findings.filter(
        ({ verdict, syscall, observed }) =>
          verdict === "exact" && otherResults(syscall, observed).length > 0,
      );
      return found.length === 0 ? [] : [{ log, finding: oneOf(random, found) }];
    });
    const passed = inText.filter(({ log, finding }) => {
      const result = oneOf(random, otherResults(finding.syscall, finding.observed));
      return changedVerdict(log, finding.line, result).verdict !== "deviation";
    });
    expect(inText.length).toBeGreaterThan(IN_TEXT / 2);
    expect(passed.map(({ log, finding }) => `${log.name}:${finding.line}`)).toEqual([]);
  });
});

test("of changes drawn evenly over calls and outcomes, nine in ten are deviations", () => {
  const groups = new Map<string, { flagged: number; all: number }>();
  for (const { call, observed, others } of everything) {
    const outcome = /^-1 (\w+)/.exec(observed)?.[1] ?? "ok";
    const key = `${call} = ${outcome}`;
    const group = groups.get(key) ?? { flagged: 0, all: 0 };
    group.flagged += others.filter(({ verdict }) => verdict === "deviation").length;
    group.all += others.length;
    groups.set(key, group);
  }
  const shares = [...groups].map(([key, { flagged, all }]) => ({ key, share: flagged / all }));
  const mean = (100 * shares.reduce((sum, { share }) => sum + share, 0)) / shares.length;
  const weakest = [...shares].sort((a, b) => a.share - b.share).slice(0, 8);
  console.log(
    `over ${groups.size} kinds of results ${mean.toFixed(1)} % of changes are deviations; least of ` +
      weakest.map(({ key, share }) => `${key} (${(100 * share).toFixed(0)} %)`).join(", "),
  );
  expect(groups.size).toBeGreaterThanOrEqual(50);
  expect(mean).toBeGreaterThanOrEqual(90);
});
