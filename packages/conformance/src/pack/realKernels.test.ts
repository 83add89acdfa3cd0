import { resolveVersion } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { readPack } from "./packFiles.ts";
import { tellsApart, wrongStep } from "./packVerdict.ts";
import { recordedAnswers } from "./testing/recordedAnswers.ts";

const { cases } = readPack();
const kernels = recordedAnswers();
const RELEASES = kernels.map(({ release }) => release);

test("eleven releases were asked, and the machine's own kernel", () => {
  expect(RELEASES).toEqual([
    ...["5.10.223", "6.1.176", "6.12.107", "6.16.12", "6.17.13", "6.18.15", "6.18.44"],
    ...["6.19.14", "7.0.13", "7.1.13", "7.2.12", "7.3.4"],
  ]);
});

describe.each(kernels)("Linux $release", ({ release, answers, skipped }) => {
  const version = resolveVersion(release);

  test("was asked every case", () => {
    const left = cases.filter(({ id }) => answers[id] === undefined).map(({ id }) => id);
    expect(left).toEqual(Object.keys(skipped));
    expect(left.length).toBeLessThan(5);
  });

  test("answered as is expected of it, in every step", () => {
    const wrong = cases.flatMap((one) => {
      const seen = answers[one.id];
      const step = seen === undefined ? undefined : wrongStep(one, version, seen);
      return step === undefined ? [] : [`${one.id}: ${one.steps[step].step}: ${seen[step]}`];
    });
    expect(wrong).toEqual([]);
  });

  test.each(RELEASES)(
    "given the expectations of %s, fails exactly where they are others",
    (other) => {
      const asked = cases.filter(({ id }) => answers[id] !== undefined);
      const otherVersion = resolveVersion(other);
      const failing = asked.filter(
        (one) => wrongStep(one, otherVersion, answers[one.id]) !== undefined,
      );
      const differing = asked.filter((one) => tellsApart(one, version, otherVersion));
      expect(failing.map(({ id }) => id)).toEqual(differing.map(({ id }) => id));
    },
  );
});

test("the releases differ by what the cases find", () => {
  const differing = (a: string, b: string): number =>
    cases.filter((one) => tellsApart(one, resolveVersion(a), resolveVersion(b))).length;
  expect(differing("5.10.223", "7.3.4")).toBeGreaterThan(100);
  expect(differing("6.12.107", "6.16.12")).toBeGreaterThan(30);
  expect(differing("6.16.12", "6.17.13")).toBeGreaterThan(2);
  expect(differing("7.1.13", "7.2.12")).toBeGreaterThan(2);
});
