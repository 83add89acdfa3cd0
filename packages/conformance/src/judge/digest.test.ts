import { profile, USUAL_SETTINGS } from "@kadvise/releases";
import { must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { haveSameColumns, World } from "./world.ts";

const AT = 0x10000;

const settings = { settings: USUAL_SETTINGS, assume: "all" } as const;

/** A world in which one page of one process was written. */
function world(): World {
  const one = new World({ profile: profile("6.12.107", settings), assumptionsOff: [] });
  const { mm } = one.spawn(1).task;
  if (mm === undefined) throw new Error("a process without memory");
  must(mm.map({ at: AT, pages: 2, prot: "rw", flags: 0x32 }));
  must(mm.touch(AT));
  return one;
}

test("worlds in which the same happened are equal", () => {
  const [one, other] = [world().digest(), world().digest()];
  expect(one.text).toBe(other.text);
  expect(haveSameColumns(one, other)).toBe(true);
});

test("worlds whose pages differ are told apart by their columns alone", () => {
  const [one, other] = [world(), world()];
  must(other.process(1)!.task.mm!.advise(AT, 1, "MADV_DONTNEED"));
  const [digest, changed] = [one.digest(), other.digest()];
  expect(haveSameColumns(digest, changed)).toBe(false);
  expect(haveSameColumns(digest, { ...digest, columns: digest.columns.slice(1) })).toBe(false);
});
