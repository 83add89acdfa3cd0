import { describe, expect, test } from "vitest";
import { adviceAnswer } from "./adviceAnswer.ts";
import { ADVICE_TABLE } from "./adviceTable.generated.ts";
import { CHANGES } from "./changes.ts";
import { NEWEST_POINT } from "./lines.ts";
import { resolveVersion } from "./name.ts";
import { compareVersions, parseVersion } from "./version.ts";

const LINES = Object.keys(NEWEST_POINT);

// The ladder that users code by hand. Linux: process_madvise_behavior_valid, release by release
test.each([
  ["5.9", "MADV_COLD", "remote", "ENOSYS"],
  ["5.10.0", "MADV_COLD", "remote", "ok"],
  ["5.14", "MADV_WILLNEED", "remote", "EINVAL"],
  ["5.15", "MADV_WILLNEED", "remote", "ok"],
  ["6.0", "MADV_COLLAPSE", "remote", "EINVAL"],
  ["6.1", "MADV_COLLAPSE", "remote", "ok"],
  ["7.3", "MADV_DONTNEED", "remote", "EINVAL"],
  ["7.3", "MADV_POPULATE_READ", "remote", "EINVAL"],
  ["6.12", "MADV_DONTNEED", "self", "EINVAL"],
  ["6.13.0", "MADV_DONTNEED", "self", "ok"],
  ["5.8", "MADV_DONTNEED", "madvise", "ok"],
  ["6.12", "MADV_GUARD_INSTALL", "madvise", "EINVAL"],
  ["6.13", "MADV_GUARD_INSTALL", "madvise", "ok"],
  ["seed", "MADV_MERGEABLE", "remote", "ok"],
  ["seed", "MADV_WILLNEED", "remote", "EINVAL"],
] as const)("on %s, %s by %s is %s", (release, advice, call, answer) => {
  expect(adviceAnswer(release, advice, call).answer).toBe(answer);
});

test("5.10.23 and 5.10.24 are told apart", () => {
  expect(adviceAnswer("5.10.23", "MADV_COLD", "remote").needs).toBeUndefined();
  expect(adviceAnswer("5.10.24", "MADV_COLD", "remote").needs).toEqual(["CAP_SYS_NICE"]);
});

test.each([
  ["7.4", "MADV_COLD"],
  ["debian", "MADV_COLD"],
  ["seed-code", "MADV_COLD"],
  ["6.12", "MADV_NONSENSE"],
] as const)("%s, %s is in no table", (release, advice) => {
  expect(() => adviceAnswer(release, advice, "self")).toThrow(RangeError);
});

test("each advice is there once for each call and entry", () => {
  const cells = ADVICE_TABLE.flatMap(({ advice, call, architectures }) =>
    architectures.map((architecture) => `${advice} ${call} ${architecture}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(cells.length).toBe(27 * 3 * 3);
});

test("advice by madvise is what the changes say that a release knows", () => {
  for (const { addsAdvice = [], mainline } of CHANGES) {
    for (const advice of addsAdvice) {
      const since = adviceAnswer(`${mainline}.0`, advice, "madvise");
      const before = LINES[LINES.indexOf(mainline) - 1];
      expect([advice, since.answer]).toEqual([advice, "ok"]);
      expect([advice, adviceAnswer(before, advice, "madvise").answer]).toEqual([advice, "EINVAL"]);
    }
  }
});

describe.each(ADVICE_TABLE)("$advice by $call", ({ kernels }) => {
  const released = kernels.filter(({ from }) => from !== "seed");

  test("has every release, without a gap", () => {
    expect(released[0].from).toBe("5.8.0");
    expect(released.at(-1)?.to).toBe(LINES.at(-1));
    for (const [i, { from }] of released.slice(1).entries()) {
      const last = parseVersion(released[i].to)!;
      const next = resolveVersion(from);
      // The newest of a line is followed by the next line, a point release by the next one.
      const follows =
        last.point === undefined
          ? [LINES[LINES.indexOf(released[i].to) + 1], 0]
          : [`${last.major}.${last.minor}`, last.point + 1];
      expect([`${next.major}.${next.minor}`, next.point]).toEqual(follows);
    }
  });

  test("is never taken back by a later release", () => {
    const taken = released.map(({ answer }) => answer === "ok");
    const first = taken.indexOf(true);
    expect(first >= 0 && taken.slice(first).includes(false)).toBe(false);
  });

  test("has a reason for each refusal, and none for a success", () => {
    for (const { answer, reason, open } of kernels)
      expect([answer, reason !== undefined]).toEqual([answer, answer !== "ok" && !open]);
  });

  test("the stretches stand in order", () => {
    for (const { from, to } of released) {
      const last = parseVersion(to)!;
      const end = { ...last, point: last.point ?? Number.POSITIVE_INFINITY };
      expect(compareVersions(resolveVersion(from), end)).toBeLessThanOrEqual(0);
    }
  });
});
