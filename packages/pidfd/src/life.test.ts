import { profile } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { machineOf } from "./testing/machine.ts";
import { MODEL } from "./testing/model.ts";
import { recordedLives } from "./testing/recorded.ts";

describe.each(recordedLives())("Linux $release", ({ release, answers }) => {
  const features = profile(release).pidfd;

  test("was asked every question", () => {
    expect([...answers.keys()].toSorted()).toEqual(Object.keys(MODEL).toSorted());
  });

  test.each([...answers])("answered %s: %s", (question, answer) => {
    expect(MODEL[question](machineOf(features), features)).toBe(answer);
  });
});

test("eleven kernels and a vendor's were asked, from 5.10 on", () => {
  const releases = recordedLives().map(({ release }) => release.split(".").slice(0, 2).join("."));
  expect(new Set(releases).size).toBe(11);
  expect(releases).toContain("5.10");
});
