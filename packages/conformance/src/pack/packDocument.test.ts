import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ASKED, resolveVersion } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { CASES } from "./cases/index.ts";
import { compileCase } from "./compileCase.ts";
import { CaseExpectation } from "./expectCase.ts";
import { packDocument } from "./packDocument.ts";
import { RECORDED_CASES, readPack } from "./packFiles.ts";
import { packKernels } from "./packKernels.ts";
import { inRanges, rangesText } from "./packReleases.ts";
import { packText } from "./packText.ts";
import { expectedOf } from "./packVerdict.ts";

// KADVISE_RECORD=1 asks the model of every release, and keeps what it answers: minutes.
if (process.env["KADVISE_RECORD"] !== undefined) {
  mkdirSync(dirname(RECORDED_CASES), { recursive: true });
  writeFileSync(RECORDED_CASES, packText(packDocument(CASES)));
}

const recorded = readPack();

test("the recorded cases are the curated ones, line by line", () => {
  expect(
    recorded.cases.map(({ id, asks, steps }) => ({
      ...{ id, asks },
      scenario: steps.map(({ step }) => step).join("\n"),
    })),
  ).toEqual(CASES);
});

test("the text of the recorded cases is what the document is written as", () => {
  expect(readFileSync(RECORDED_CASES, "utf8")).toBe(packText(recorded));
});

/** Some cases on every kernel; with all that they need, a few. */
const SOME = CASES.filter((_, i) => i % 25 === 3);
const FEW = CASES.filter((_, i) => i % 250 === 3);

describe("the recorded answers are those of the model", () => {
  test.each([
    [0, "5.10.223"],
    [1, "6.12.107"],
    [2, "7.3.4"],
  ] as const)("each third case from %i on, of %s", (part, release) => {
    const version = resolveVersion(release);
    const kernels = packKernels().find(({ stretch }) =>
      inRanges(
        version,
        rangesText([stretch], () => true),
      ),
    )!;
    const wrong = recorded.cases.flatMap((one, i) => {
      if (i % 3 !== part) return [];
      const answers = new CaseExpectation(compileCase(CASES[i])).answersOn(kernels);
      const kept = one.steps.map((step) => expectedOf(step.answers, version));
      return JSON.stringify(answers) === JSON.stringify(kept) ? [] : [one.id];
    });
    expect(wrong).toEqual([]);
  });

  test.each(SOME)("of every release, in $id", (one) => {
    const expectation = new CaseExpectation(compileCase(one));
    const kept = recorded.cases.find(({ id }) => id === one.id)!.steps;
    for (const kernels of packKernels()) {
      const { first } = kernels.stretch;
      const answers = expectation.answersOn(kernels).map((allowed) => allowed.toSorted());
      expect(answers).toEqual(kept.map((step) => expectedOf(step.answers, first)?.toSorted()));
    }
  });

  test.each(FEW)("and so is what $id needs", (one) => {
    const [modelled] = packDocument([one]).cases;
    expect(modelled).toEqual(recorded.cases.find(({ id }) => id === one.id));
  });
});

test("every step of every case says what each release answers", () => {
  const releases = packKernels().map(({ stretch }) => stretch.first);
  const silent = recorded.cases.flatMap(({ id, steps }) =>
    steps.flatMap(({ step, answers }) =>
      releases.some((version) => (expectedOf(answers, version) ?? []).length === 0)
        ? [`${id}: ${step}`]
        : [],
    ),
  );
  expect(silent).toEqual([]);
});

test("no step has two answers on a kernel that was asked", () => {
  const open = recorded.cases.flatMap(({ id, steps }) =>
    steps.flatMap(({ answers }) =>
      ASKED.map((name) => name.replace(/[+-].*$/, "")).flatMap((name) =>
        (expectedOf(answers, resolveVersion(name)) ?? []).length === 1 ? [] : [`${id} on ${name}`],
      ),
    ),
  );
  expect(open).toEqual([]);
});

test("the cases tell the lines apart between which something changed", () => {
  const versions = ["5.10.223", "6.1.176", "6.12.107", "6.16.12", "6.17.13", "7.1.13", "7.2.12"];
  const answers = versions.map((name) =>
    JSON.stringify(
      recorded.cases.map(({ steps }) =>
        steps.map((step) => expectedOf(step.answers, resolveVersion(name))),
      ),
    ),
  );
  expect(new Set(answers).size).toBe(versions.length);
});
