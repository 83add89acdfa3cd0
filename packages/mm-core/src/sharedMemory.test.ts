import { must } from "@kadvise/uapi";
import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { AddressSpace } from "./addressSpace.ts";

const SHARED_ANONYMOUS = 0x21;

/** Device and inode of each area, as maps prints them. */
function files(mm: AddressSpace): readonly string[] {
  return mm
    .maps()
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ").slice(3, 5).join(" "));
}

test("two shared anonymous mappings are two files; a part of one is the same file", () => {
  const mm = new AddressSpace({ features: profile("6.12").mm });
  const map = (at: number): number =>
    must(mm.map({ at, pages: 3, prot: "rw", flags: SHARED_ANONYMOUS }));
  const first = map(0x1000);
  map(0x2000);
  must(mm.unmap(first + 1, 1));
  const [left, right, other] = files(mm);
  expect(left).toMatch(/^00:01 \d+$/);
  expect(right).toBe(left);
  expect(other).not.toBe(left);
});

test("a mapping that is taken back takes its file's number back", () => {
  const mm = new AddressSpace({ features: profile("6.12").mm });
  const map = (): readonly string[] => {
    must(mm.map({ pages: 1, prot: "rw", flags: SHARED_ANONYMOUS }));
    return files(mm);
  };
  const tried = mm.attempt(map);
  expect(map()).toEqual(tried);
});
