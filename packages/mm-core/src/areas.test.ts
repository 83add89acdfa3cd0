import { Journal } from "@kadvise/ports";
import { expect, test } from "vitest";
import { Areas } from "./areas.ts";

/** Three areas with ten free pages between the last two. */
function threeAreas(): { areas: Areas; journal: Journal; middle: number; last: number } {
  const journal = new Journal();
  const areas = new Areas(journal);
  areas.insert(0, 100, 0, 0, null);
  const middle = areas.insert(100, 110, 0, 0, null);
  const last = areas.insert(120, 130, 0, 0, null);
  return { areas, journal, middle, last };
}

function place({ order }: Areas): number[] {
  return [order.highestGap(10, 0, 130, () => 0), order.lowestGap(10, 0, 130, () => 0)];
}

test.each([
  ["ends later", (areas: Areas, middle: number) => areas.setEnd(middle, 120)],
  ["starts earlier", (areas: Areas, _: number, last: number) => areas.setStart(last, 110)],
  ["is new there", (areas: Areas) => areas.insert(110, 120, 0, 0, null)],
])("a stretch that an area which %s took is found again once that is taken back", (_, take) => {
  const { areas, journal, middle, last } = threeAreas();
  journal.attempt(() => {
    take(areas, middle, last);
    expect(place(areas)).toEqual([-1, -1]);
  });
  expect(place(areas)).toEqual([110, 110]);
});

test("a stretch that an attempt made is gone with it", () => {
  const { areas, journal, middle } = threeAreas();
  journal.attempt(() => {
    areas.setEnd(middle, 102);
    areas.setStart(middle, 101);
    expect(areas.order.highestGap(18, 0, 130, () => 0)).toBe(102);
  });
  expect(areas.order.highestGap(11, 0, 130, () => 0)).toBe(-1);
  expect([areas.start[middle], areas.end[middle]]).toEqual([100, 110]);
});

test("areas that were taken over are found as where they come from, and are one's own", () => {
  const { areas, journal, middle } = threeAreas();
  const copy = new Areas(journal);
  copy.copyFrom(areas);
  expect([...copy]).toEqual([...areas]);
  copy.remove(middle);
  copy.setEnd(copy.at(0), 50);
  const added = copy.insert(60, 70, 0, 0, null);
  expect([...copy].map((area) => copy.start[area])).toEqual([0, 60, 120]);
  expect(added).toBe(middle);
  expect([...areas].map((area) => [areas.start[area], areas.end[area]])).toEqual([
    [0, 100],
    [100, 110],
    [120, 130],
  ]);
  expect([areas.count, copy.count]).toEqual([3, 3]);
});
