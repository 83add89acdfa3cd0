import { describe, expect, test } from "vitest";
import { drawn, mutantsOf } from "./testing/draw.ts";
import { changed } from "./testing/plant.ts";
import { sitesOf } from "./testing/sites.ts";

/** A source with each of its sites changed. */
const variants = (source: string): readonly string[] =>
  sitesOf(source, "a.ts").map((site) => changed(source, [site]));

describe("where a fault can be planted", () => {
  test.each([
    ["x = a < b;", ["x = a <= b;"]],
    ["x = a && b;", ["x = a || b;"]],
    ["x = a === 7;", ["x = a !== 7;", "x = a === 8;"]],
    ["x = 0x10n;", ["x = 17n;"]],
    ["f(true);", ["f(false);"]],
    ['e = { errno: "EPERM", text: "IN" };', ['e = { errno: "EACCES", text: "IN" };']],
    ["if (a) b();", ["if (!(a)) b();"]],
    ["while (a < b) c();", ["while (a <= b) c();"]],
    ["x = !a ? b : c;", ["x = !(!a) ? b : c;"]],
    ["for (; a && b;) c();", ["for (; !(a && b);) c();", "for (; a || b;) c();"]],
  ])("%s", (source, expected) => {
    expect(variants(source)).toEqual(expected);
  });

  test("not in types, nor in what is imported", () => {
    expect(variants('import a from "EPERM";\ntype T = 1 | true;\nlet t: 5;')).toEqual([]);
    expect(variants("interface I { a: 1 }\nexport * from './b';")).toEqual([]);
  });
});

test("several changes of one text do not shift each other", () => {
  const source = "x = a < 1 && b;";
  const sites = sitesOf(source, "a.ts");
  expect(changed(source, sites)).toBe("x = a <= 2 || b;");
});

test("the order of the draw is the seed's, and what else is there does not change it", () => {
  const source = Array.from({ length: 40 }, (_, i) => `x${i} = a < ${i};`).join("\n");
  const all = mutantsOf(source, "a.ts");
  const order = (seed: number, mutants = all): string[] =>
    drawn(mutants, seed).map(({ text, change }) => `${text} ${change}`);
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
  expect(order(1)).not.toEqual(all.map(({ text, change }) => `${text} ${change}`));
  const fewer = mutantsOf(source.replace("x7 = a < 7;", "x7 = a;"), "a.ts");
  expect(order(1, fewer)).toEqual(order(1).filter((text) => !text.startsWith("x7 ")));
});

test("of the same changes of one line each has its number", () => {
  const same = mutantsOf("x = 0 + 0;\ny = 1;\nx = 0 + 0;", "a.ts");
  expect(same.map(({ text, nth, line }) => [text, nth, line])).toEqual([
    ["x = 0 + 0;", 0, 1],
    ["x = 0 + 0;", 1, 1],
    ["y = 1;", 0, 2],
    ["x = 0 + 0;", 2, 3],
    ["x = 0 + 0;", 3, 3],
  ]);
});
