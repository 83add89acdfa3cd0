import { expect, test } from "vitest";
import type { DocumentCase } from "./packDocument.ts";
import { expectedOf, tellsApart, wrongStep } from "./packVerdict.ts";

const at = (
  major: number,
  minor: number,
  point = 0,
): { major: number; minor: number; point: number } => ({
  ...{ major, minor, point },
});

const CASE: DocumentCase = {
  ...{ id: "some/case", asks: "something" },
  steps: [
    { step: "app  getpid()" },
    {
      step: "app  madvise(0, 0, 25)",
      answers: { "5.10-6.0 6.1.2": ["EINVAL"], "6.1-6.1.1": ["EINVAL", "0"], "6.2-7.3": ["0"] },
    },
  ],
};

test.each([
  [at(5, 15, 7), ["EINVAL"]],
  [at(6, 1, 1), ["EINVAL", "0"]],
  [at(6, 1, 2), ["EINVAL"]],
  [at(7, 3, 99), ["0"]],
  [at(7, 4), undefined],
])("of %j is expected %j", (version, answers) => {
  expect(expectedOf(CASE.steps[1].answers, version)).toEqual(answers);
});

test("of a step without answers it is expected to go well", () => {
  expect(expectedOf(undefined, at(6, 1))).toEqual(["ok"]);
});

test.each([
  [at(6, 12), ["ok", "0"], undefined],
  [at(6, 12), ["ok", "EINVAL"], 1],
  [at(6, 12), ["ENOMEM", "EINVAL"], 0],
  [at(6, 12), ["ok"], 1],
  [at(6, 1), ["ok", "EINVAL"], undefined],
  [at(8, 0), ["ok", "0"], 1],
])("on %j, %j is wrong at step %j", (version, answers, step) => {
  expect(wrongStep(CASE, version, answers)).toBe(step);
});

test("two releases are told apart where they have no answer in common", () => {
  expect(tellsApart(CASE, at(5, 15), at(6, 2))).toBe(true);
  expect(tellsApart(CASE, at(6, 2), at(5, 15))).toBe(true);
  expect(tellsApart(CASE, at(6, 1), at(6, 2))).toBe(false);
  expect(tellsApart(CASE, at(6, 1), at(5, 15))).toBe(false);
  expect(tellsApart(CASE, at(6, 2), at(6, 3))).toBe(false);
});
