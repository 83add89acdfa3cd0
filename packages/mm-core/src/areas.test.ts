import { Journal } from "@kadvise/ports";
import { must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { Areas } from "./areas.ts";
import { labelOf } from "./label.ts";
import { violations } from "./testing/invariants.ts";
import { file, space } from "./testing/world.ts";

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

test("what an attempt does to an area, and to the row that it left, is gone with it", () => {
  const mm = space("6.18");
  const backing = file(8);
  must(mm.map({ at: 64, pages: 4, prot: "rw", flags: 0x12, backing, offsetPages: 3 }));
  must(mm.write(64, "own"));
  const child = mm.fork();
  const row = child.areas.at(64);
  child.areas.setLabel(row, labelOf({ name: "n" }));
  const told = (): unknown[] => {
    const { areas } = child;
    return [
      ...[areas.start[row], areas.end[row], areas.flags[row], areas.offset[row], areas.anon[row]],
      ...[areas.inherited[row], areas.backing[row], areas.nameOf(row), areas.count, areas.at(65)],
    ];
  };
  const before = told();
  expect(before.slice(5)).toEqual([1, backing, "n", 1, row]);
  child.attempt(() => {
    must(child.unmap(64, 4));
    must(child.map({ at: 512, pages: 9, prot: "r", flags: 0x32 }));
    must(child.touch(512, "read"));
    expect(child.areas.at(512)).toBe(row);
    must(child.map({ at: 64, pages: 1, prot: "x", flags: 0x32 }));
  });
  expect(told()).toEqual(before);
  expect(violations(child.memory)).toEqual([]);
  // The row is as free as it was: the next area takes another.
  must(child.map({ at: 512, pages: 1, prot: "r", flags: 0x32 }));
  expect(child.areas.at(512)).not.toBe(row);
  child.attempt(() => {
    must(child.unmap(64, 1));
    must(child.protect(66, 1, "r"));
    child.areas.setAnon(row, 99, false);
    child.areas.setBacking(row, null);
  });
  expect(told().slice(0, 8)).toEqual(before.slice(0, 8));
});
