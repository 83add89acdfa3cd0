import { CHANGES } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { diffReleases, type DiffedChange } from "./releaseDiff.ts";
import { answersDiffer } from "./tryExample.ts";

function ids(changes: readonly DiffedChange[]): readonly string[] {
  return changes.map(({ change }) => change.id);
}

test("5.10.23 and 5.10.24 differ in who may advise, and its example shows it", () => {
  const { changes } = diffReleases("5.10.23", "5.10.24");
  expect(ids(changes)).toEqual(["process-madvise-read-and-nice"]);
  expect(changes[0]).toMatchObject({
    how: "came",
    shown: {
      kind: "example",
      from: { answers: ["= 4096", "20000000-20001000 rw-p"] },
      to: { answers: ["= -1 EPERM (Operation not permitted)", "20000000-20001000 rw-p"] },
    },
  });
});

test("a release does not differ from itself, nor from a point release without changes", () => {
  expect(diffReleases("6.12", "6.12")).toMatchObject({ changes: [], switches: [] });
  expect(diffReleases("5.10.30", "5.10.100")).toMatchObject({ changes: [], switches: [] });
});

test("backwards, the same changes went", () => {
  const there = diffReleases("5.13.0", "5.14.0", { tries: false }).changes;
  const back = diffReleases("5.14.0", "5.13.0", { tries: false }).changes;
  expect(ids(back)).toEqual(ids(there));
  expect(ids(there)).toContain("madv-populate");
  expect(there.every(({ how }) => how === "came")).toBe(true);
  expect(back.every(({ how }) => how === "went")).toBe(true);
});

test("a kernel that may have a change is open about it", () => {
  const { changes } = diffReleases("6.18.15", "6.18.40");
  const open = changes.filter(({ how }) => how === "open");
  expect(ids(open).toSorted()).toEqual([
    ...["droppable-not-locked", "guard-flag", "mseal-merge-kept", "protect-keeps-huge-dirty"],
    "rewritten-huge-page-in-entries",
  ]);
  // To two kernels of which nobody knows it, it makes no difference that is known.
  expect(ids(diffReleases("6.18.40", "6.18.41").changes)).toEqual([]);
});

test("a vendor's kernel differs in what it was given", () => {
  const { changes } = diffReleases("6.12", "6.12+pidfd-self,-landlock");
  expect(changes.map(({ change, how }) => [change.id, how])).toEqual([
    ["landlock", "went"],
    ["pidfd-self", "came"],
  ]);
});

describe("between the first release and the newest", () => {
  const { changes, switches } = diffReleases("5.8.0", "7.3");

  test("every change is told", () => {
    expect(ids(changes)).toEqual(CHANGES.map(({ id }) => id));
  });

  test("what has an example is answered otherwise, on both or alone on its own release", () => {
    const wrong = changes.filter(({ shown }) => {
      if (shown.kind === "example") return !answersDiffer(shown.from, shown.to);
      return shown.kind === "hidden" && !answersDiffer(shown.without, shown.with);
    });
    expect(ids(wrong)).toEqual([]);
    const shown = changes.filter((one) => one.shown.kind === "example");
    expect(shown.length).toBeGreaterThan(80);
  });

  test("what has none says why", () => {
    for (const { shown } of changes)
      if ("why" in shown) expect(shown.why).toMatch(/^[^\n]{10,120}$/);
  });

  test("switches are named with both values", () => {
    expect(switches).toContainEqual({ name: "processMadvise.exists", from: false, to: true });
    expect(switches).toContainEqual({ name: "pidfd.selfGroup", from: null, to: -10001 });
  });
});

test("what a later change hides is shown alone, on its own release", () => {
  const { changes } = diffReleases("5.10", "6.12");
  const hidden = changes.find(({ change }) => change.id === "bridge-right");
  // 6.12 took back what 6.1 brought.
  expect(hidden?.shown).toMatchObject({ kind: "hidden", release: "6.1.0" });
});

test("the proposal has no dated changes of its own: its switches and examples tell", () => {
  const { changes, switches, examples } = diffReleases("seed", "5.10");
  expect(changes).toEqual([]);
  expect(switches).toContainEqual({
    ...{ name: "processMadvise.accessMode" },
    ...{ from: "PTRACE_MODE_ATTACH_FSCREDS", to: "PTRACE_MODE_READ_FSCREDS" },
  });
  const found = examples.map(({ example }) => example.change);
  expect(found).toContain("process-madvise-read-and-nice");
  expect(found).not.toContain("madv-populate");
});

test("one change can be asked for alone, and examples can be left untried", () => {
  const only = diffReleases("6.12", "6.13", { only: ["guard-anonymous"] });
  expect(ids(only.changes)).toEqual(["guard-anonymous"]);
  expect(only.changes[0].shown.kind).toBe("example");
  const { changes } = diffReleases("5.8.0", "7.3", { tries: false });
  expect(ids(changes)).toEqual(CHANGES.map(({ id }) => id));
  expect(new Set(changes.map(({ shown }) => shown.kind))).toEqual(new Set(["untried"]));
});

test("examples that differ are told of the proposal alone: releases have their changes", () => {
  expect(diffReleases("6.12", "6.13").examples).toEqual([]);
});

test.each(["7.4", "debian", "6.12+nonsense"])("%s is no kernel", (name) => {
  expect(() => diffReleases("6.12", name)).toThrow(RangeError);
});
