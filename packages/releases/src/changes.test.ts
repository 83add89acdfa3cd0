import { describe, expect, test } from "vitest";
import { applyChange } from "./applyChange.ts";
import { BASE } from "./base.ts";
import type { Change } from "./change.ts";
import { CHANGES } from "./changes.ts";
import { isInForce } from "./inForce.ts";
import { NEWEST_POINT } from "./lines.ts";
import { compareVersions, firstOf, lastOf, lineOf, parseVersion, type Version } from "./version.ts";

const LINES = Object.keys(NEWEST_POINT);

/** The versions of which a source says that a kernel was asked, and what it had. */
function askedBy(source: string): readonly { readonly version: Version; readonly has: boolean }[] {
  const [, list = ""] = /\basked on ([^;]*)/.exec(source) ?? [];
  const groups = [...list.matchAll(/([\d., a-z]*?)(?:\((with|without)\)|$)/g)];
  return groups.flatMap(([, versions, word]) =>
    [...versions.matchAll(/\d+\.\d+\.\d+/g)].map(([version]) => ({
      version: firstOf(version),
      has: word !== "without",
    })),
  );
}

test("every change has an id of its own, of words and hyphens", () => {
  const ids = CHANGES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))).toEqual([]);
});

test("the changes stand in the order of their mainline releases", () => {
  for (const [i, change] of CHANGES.entries()) {
    if (i === 0) continue;
    const before = firstOf(CHANGES[i - 1].mainline);
    expect(compareVersions(before, firstOf(change.mainline))).toBeLessThanOrEqual(0);
  }
});

test("each change, laid on those before it, changes something", () => {
  let features = BASE;
  for (const change of CHANGES) {
    const changed = applyChange(features, change);
    // What the model does not carry out turns nothing.
    if (change.notModelled === undefined) expect(changed, change.id).not.toEqual(features);
    else expect(changed, change.id).toEqual(features);
    features = changed;
  }
});

test("no release gives the same advice or call twice", () => {
  const { mm, processMadvise, abi } = CHANGES.reduce(applyChange, BASE);
  for (const names of [mm.advice, processMadvise.remoteAdvice, abi.calls])
    expect(new Set(names).size).toBe(names.length);
});

describe.each(CHANGES)("$id", (change: Change) => {
  const mainline = firstOf(change.mainline);

  test("says what changed in one line, and where the fact comes from", () => {
    expect(change.subject).toMatch(/^[^\n]{5,100}[^.\n]$/);
    // A file, a commit, a release that was read, or a kernel that was asked.
    expect(change.source).toMatch(
      /\w\.[ch]\b|\b[0-9a-f]{12}\b|"[^"]{10,}"|asked on \d|\b(absent|present|read) in \d/,
    );
  });

  test("begins in a line that the data knows", () => {
    expect(LINES).toContain(lineOf(mainline));
    expect(mainline.point).toBeLessThanOrEqual(NEWEST_POINT[lineOf(mainline)]);
  });

  test("was last missing before it began", () => {
    if (change.lastWithout === undefined) return;
    expect(compareVersions(lastOf(change.lastWithout), mainline)).toBeLessThan(0);
    expect(LINES).toContain(lineOf(firstOf(change.lastWithout)));
  });

  test("reached older lines only, at a point release that there was, brackets in order", () => {
    for (const [line, backport] of Object.entries(change.stable ?? {})) {
      const { point, ...version } = parseVersion(line)!;
      expect([line, point]).toEqual([lineOf(version), undefined]);
      expect(compareVersions({ ...version, point: 0 }, mainline)).toBeLessThan(0);
      const [without, present] = typeof backport === "number" ? [backport - 1, backport] : backport;
      expect(without).toBeGreaterThanOrEqual(0);
      expect(without).toBeLessThan(present);
      expect(present).toBeLessThanOrEqual(NEWEST_POINT[line]);
    }
  });

  test("is there, or not, on the kernels that its source names", () => {
    for (const { version, has } of askedBy(change.source))
      expect([version, isInForce(change, version)]).toEqual([version, has]);
  });
});

test("most changes rest on kernels that were asked", () => {
  const asked = CHANGES.filter(({ source }) => askedBy(source).length > 0);
  expect(asked.length / CHANGES.length).toBeGreaterThan(0.8);
  const both = asked.flatMap(({ source }) => askedBy(source).map(({ has }) => has));
  expect(both.filter((has) => !has).length).toBeGreaterThan(25);
});
