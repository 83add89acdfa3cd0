import { describe, expect, test } from "vitest";
import { CHANGES } from "./changes.ts";
import { NEWEST_POINT } from "./lines.ts";
import { parseName, resolveVersion } from "./name.ts";
import { formatVersion } from "./version.ts";

/** A name as `base` and its adjustments, sorted. */
function read(name: string): string {
  const { base, adjustments } = parseName(name);
  const ids = [...adjustments].map(([id, has]) => `${has ? "+" : "-"}${id}`);
  return [base, ...ids.toSorted()].join(" ");
}

describe("a kernel's name", () => {
  test.each([
    ["6.12", "6.12"],
    ["5.10.24", "5.10.24"],
    ["seed", "seed"],
    ["seed-code", "seed-code"],
    [" 6.12 ", "6.12"],
    ["6.12+pidfd-self", "6.12 +pidfd-self"],
    ["6.12-landlock", "6.12 -landlock"],
    ["6.12+pidfd-self,-landlock", "6.12 +pidfd-self -landlock"],
    ["6.12 +pidfd-self +mseal", "6.12 +mseal +pidfd-self"],
    ["seed-code+mseal", "seed-code +mseal"],
    ["6.12+mseal+mseal", "6.12 +mseal"],
  ])("%j reads as %s", (name, expected) => {
    expect(read(name)).toBe(expected);
  });

  test.each(CHANGES.map(({ id }) => id))("may name %s, added or taken away", (id) => {
    expect(read(`6.12+${id}`)).toBe(`6.12 +${id}`);
    expect(read(`6.12-${id}`)).toBe(`6.12 -${id}`);
  });

  test.each([
    ["6.12+landlok", 'unknown change "landlok": did you mean landlock?'],
    ["6.12+pidfd_self", 'cannot read "6.12+pidfd_self" from "_self" on'],
    ["6.12 landlock", 'cannot read "6.12 landlock" from "landlock" on: expected +id or -id'],
    ["6.12+mseal,-mseal", '"6.12+mseal,-mseal" both adds and takes away mseal'],
    ["6.12-mseal+mseal", '"6.12-mseal+mseal" both adds and takes away mseal'],
  ])("%j is refused, and what is meant is said", (name, message) => {
    expect(() => parseName(name)).toThrow(RangeError);
    if (!name.includes("_")) expect(() => parseName(name)).toThrow(message);
  });

  test("with an unknown change unlike any names them all", () => {
    const ids = CHANGES.map(({ id }) => id).join(", ");
    expect(() => parseName("6.12+zzzzzzzzzzzz")).toThrow(
      `unknown change "zzzzzzzzzzzz": expected one of ${ids}`,
    );
  });
});

describe("a release", () => {
  test.each(Object.entries(NEWEST_POINT))("%s means its newest point, %i", (line, point) => {
    expect(formatVersion(resolveVersion(line))).toBe(`${line}.${point}`);
    expect(formatVersion(resolveVersion(`${line}.0`))).toBe(`${line}.0`);
  });

  test("may be newer than the data, in a line that the data knows", () => {
    expect(formatVersion(resolveVersion("6.12.9999"))).toBe("6.12.9999");
  });

  test.each([
    ["4.19", "expected seed, seed-code, or a release from 5.8 to 7.3 such as 6.12 or 5.10.24"],
    ["9.9", 'unknown release "9.9": expected seed'],
    ["seeed", "did you mean seed?"],
    ["seed-cod", "did you mean seed-code?"],
    ["latest", 'unknown release "latest"'],
    ["", 'unknown release ""'],
  ])("%j is unknown, and the message says what is known", (name, message) => {
    expect(() => resolveVersion(name)).toThrow(RangeError);
    expect(() => resolveVersion(name)).toThrow(message);
  });
});

test("the lines follow each other without a gap, from 5.8 on", () => {
  const expected = [
    ...Array.from({ length: 12 }, (_, i) => `5.${i + 8}`),
    ...Array.from({ length: 20 }, (_, i) => `6.${i}`),
    ...Array.from({ length: 4 }, (_, i) => `7.${i}`),
  ];
  expect(Object.keys(NEWEST_POINT)).toEqual(expected);
});
