import { ASKED, compareVersions, NEWEST_POINT, parseVersion, profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { allKernels, namedKernels } from "./tableKernels.ts";

function named(...words: readonly string[]): readonly string[] {
  return namedKernels(words).map(({ from, to }) => (from === to ? from : `${from}..${to}`));
}

test("every line from 5.8 to the newest is there, each from its mainline release on", () => {
  const firsts = allKernels().filter(({ from }) => from.endsWith(".0"));
  expect(firsts.map(({ from }) => from)).toEqual(
    Object.keys(NEWEST_POINT).map((line) => `${line}.0`),
  );
});

test("the stretches stand in order, and each follows the one before", () => {
  const all = allKernels();
  const versions = all.map(({ from }) => parseVersion(from)!);
  for (let i = 1; i < all.length; i++) {
    const [a, b] = [versions[i - 1], versions[i]].map(({ point = 0, ...rest }) => ({
      ...rest,
      point,
    }));
    expect(compareVersions(a, b)).toBeLessThan(0);
    expect(all[i].follows).toBe(true);
  }
  expect(all[0].follows).toBe(false);
});

test("every kernel that was asked stands in a stretch", () => {
  const found = allKernels().flatMap(({ asked }) => asked);
  // Debian's build carries a fix that no plain kernel of its version has; of a kernel that is open
  // about a change nobody says that it was asked.
  const plain = ASKED.filter((name) => !name.includes("+") && profile(name).asked);
  expect([...found].sort()).toEqual(plain.toSorted());
  expect(plain.length).toBeGreaterThan(ASKED.length - 3);
});

test("5.10.0 to 5.10.23 is another kernel than 5.10.24", () => {
  expect(named("5.10.20..5.10.30")).toEqual(["5.10.20..5.10.23", "5.10.24..5.10.30"]);
});

test.each([
  [["6.12"], ["6.12"]],
  [["5.10.24"], ["5.10.24"]],
  [
    ["5.10,6.12", "7.3"],
    ["5.10", "6.12", "7.3"],
  ],
  [["5.8-5.9"], ["5.8.0..5.8", "5.9.0..5.9"]],
  [["5.10.22-5.10.23"], ["5.10.22..5.10.23"]],
  [["seed"], ["seed"]],
  [["6.12+pidfd-self,-landlock,5.10"], ["6.12+pidfd-self,-landlock", "5.10"]],
  [["  6.1   6.6 "], ["6.1", "6.6"]],
])("%j names %j", (words, expected) => {
  expect(named(...words)).toEqual(expected);
});

test("a range of lines goes to the last point release of the newer", () => {
  const [last] = namedKernels(["5.10..5.11"]).slice(-1);
  expect([last.from, last.to]).toEqual(["5.11.7", "5.11"]);
});

test("a range may end before its line does", () => {
  expect(named("5.10.24..5.10.100").at(-1)).toBe("5.10.24..5.10.100");
});

test.each([
  ["7.4", /unknown release "7.4".*5.8 to 7.3/],
  ["debian", /unknown release "debian"/],
  ["5.10..", /unknown release/],
  ["6.12..5.10", /a range begins with the older/],
  ["6.12..7.4", /unknown release "7.4"/],
  ["6.12+nonsense-id", /unknown change/],
])("%s names no kernel", (word, message) => {
  expect(() => namedKernels([word])).toThrow(message);
  expect(() => namedKernels([word])).toThrow(RangeError);
});

test("a kernel with other changes than any that was asked says so", () => {
  const [plain, other] = namedKernels(["6.12", "6.12+pidfd-self"]);
  expect(plain.asked).toContain("6.12.117");
  expect(other.asked).toEqual([]);
});

test("settings reach the profiles, also those of the stretches", () => {
  for (const words of [["6.12"], ["all"]]) {
    for (const { usual } of namedKernels(words, { ksm: false }))
      expect(usual.settings.ksm).toBe(false);
  }
});
