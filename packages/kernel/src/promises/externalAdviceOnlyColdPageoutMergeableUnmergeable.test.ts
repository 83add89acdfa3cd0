import { MADV, must, type AdviceName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { PAGE, pages, PROFILES, said, scene, since, why } from "../testing/scene.ts";

/**
 * What may be given to others. The proposal has four; 5.10 came with two of them and the others
 * never came back. Sheet 2.2.
 */
const ALLOWED = since<readonly AdviceName[]>({
  seed: ["MADV_COLD", "MADV_PAGEOUT", "MADV_MERGEABLE", "MADV_UNMERGEABLE"],
  "5.10.0": ["MADV_COLD", "MADV_PAGEOUT"],
  "5.15": ["MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED"],
  "6.1": ["MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED", "MADV_COLLAPSE"],
});
const EVERY = [...new Set([...Object.values(MADV), 5, 6, 7, 26, 99, 104, 9999, -1, 2 ** 31 - 1])];

describe.each(PROFILES)("external advice on %s", (release) => {
  test("of all numbers only the listed ones pass, asked with an empty vector", () => {
    const { manager, other } = scene(release);
    const passed = EVERY.filter((advice) => manager.processMadvise(other, [], advice).ok);
    const numbers = ALLOWED[release].map((name) => MADV[name]);
    expect(passed.sort((a, b) => a - b)).toEqual([...numbers].sort((a, b) => a - b));
  });

  test("whatever else is asked is EINVAL and leaves the target as it was", () => {
    const { manager, app, heap, other } = scene(release, { pages: 2 });
    const before = [pages(app, heap, 2), app.maps()];
    const ranges = [{ base: heap, length: 2 * PAGE }];
    const numbers = ALLOWED[release].map((name): number => MADV[name]);
    for (const advice of EVERY.filter((number) => !numbers.includes(number))) {
      expect([advice, said(manager.processMadvise(other, ranges, advice))]).toEqual([
        advice,
        "EINVAL",
      ]);
    }
    expect([pages(app, heap, 2), app.maps()]).toEqual(before);
  });

  test("COLD ages the target's pages, PAGEOUT sends them to swap", () => {
    const { manager, app, heap, other } = scene(release, { pages: 2 });
    const ranges = [{ base: heap, length: PAGE }];
    must(manager.processMadvise(other, ranges, "MADV_COLD"));
    expect(pages(app, heap, 2)).toBe("cu");
    must(manager.processMadvise(other, ranges, "MADV_PAGEOUT"));
    expect(pages(app, heap, 2)).toBe("su");
    expect(pages(manager, heap, 2)).toBe("uu");
  });

  test("the refusal names what would have been allowed", () => {
    const { manager, heap, other } = scene(release);
    const refused = manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_FREE");
    expect(refused).toMatchObject({
      ok: false,
      code: "EINVAL",
      reason: { compared: { advice: 8, allowed: ALLOWED[release].join(" ") } },
    });
  });
});

test.each(["seed", "seed-code"])("MERGEABLE marks the target's area and no other on %s", (name) => {
  const { kernel, manager, app, heap, other } = scene(name, { pages: 3 });
  const range = { base: heap + BigInt(PAGE), length: PAGE };
  const lines = (): number => app.maps().trim().split("\n").length;
  expect(lines()).toBe(1);
  expect(must(manager.processMadvise(other, [range], "MADV_MERGEABLE"))).toBe(PAGE);
  // The marked page becomes an area of its own, as its flags are others.
  expect(lines()).toBe(3);
  expect(manager.maps().trim().split("\n")).toHaveLength(1);
  expect(must(manager.processMadvise(other, [range], "MADV_UNMERGEABLE"))).toBe(PAGE);
  expect(lines()).toBe(1);
  expect(kernel.pids).toHaveLength(2);
});

test("without CONFIG_KSM the proposal's list still passes, and the range is refused", () => {
  const { manager, heap, other } = scene("seed", { settings: { ksm: false } });
  const advise = (length: number): number | string =>
    why(manager.processMadvise(other, [{ base: heap, length }], "MADV_MERGEABLE"));
  expect([advise(0), advise(PAGE)]).toEqual([0, "madvise/unknown-advice"]);
});

/** Sheet F3, F10: whether access or the list is asked first changed with 6.13. */
const STRANGER = since({ seed: "EINVAL", "6.13": "EACCES" });

test.each(PROFILES)("a stranger's refused advice is told by the first check on %s", (release) => {
  const { manager, heap, other } = scene(release, { manager: { uid: 5000 } });
  const ranges = [{ base: heap, length: PAGE }];
  expect(said(manager.processMadvise(other, ranges, "MADV_DONTNEED"))).toBe(STRANGER[release]);
  expect(said(manager.processMadvise(other, ranges, 9999))).toBe(STRANGER[release]);
});
