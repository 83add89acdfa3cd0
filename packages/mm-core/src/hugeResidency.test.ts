import { Checks, Journal, USUAL, type Choices } from "@kadvise/ports";
import { must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { OMNIPOTENT } from "./actor.ts";
import { AddressSpace } from "./addressSpace.ts";
import { Memory } from "./memory.ts";
import { residency } from "./residency.ts";

const HUGE = 512;
const FIXED = 0x32;

/** Memory of which somebody notes what it asks. */
function asking(): { mm: AddressSpace; asked: string[] } {
  const asked: string[] = [];
  const choices: Choices = {
    choose(question) {
      asked.push(question.id);
      return USUAL.choose(question);
    },
  };
  const ports = { choices, checks: new Checks(), journal: new Journal() };
  return { mm: new AddressSpace({ memory: new Memory({ ports }) }), asked };
}

test("beside a touched page, memory that may hold huge pages may be resident or not", () => {
  const { mm, asked } = asking();
  must(mm.map({ at: HUGE, pages: 2 * HUGE, prot: "rw", flags: FIXED }));
  must(mm.advise(HUGE, 2 * HUGE, "MADV_HUGEPAGE"));
  must(mm.touch(HUGE, "read"));
  const resident = (from: number): readonly number[] => [
    ...must(residency(mm, from, from + 2, OMNIPOTENT)),
  ];
  expect(resident(2 * HUGE)).toEqual([0, 0]);
  expect(asked).toEqual([]);
  expect(resident(HUGE)[0]).toBe(1);
  expect(asked).toEqual(["mincore/residency"]);
});

test.each([
  ["without the advice", 2 * HUGE, undefined],
  ["where none is wanted", 2 * HUGE, "MADV_NOHUGEPAGE"],
  ["where none has room", HUGE - 1, "MADV_HUGEPAGE"],
] as const)("%s only what was touched is resident", (_, pages, advice) => {
  const { mm, asked } = asking();
  must(mm.map({ at: HUGE, pages, prot: "rw", flags: FIXED }));
  if (advice !== undefined) must(mm.advise(HUGE, pages, advice));
  must(mm.touch(HUGE, "read"));
  expect([...must(residency(mm, HUGE, HUGE + 3, OMNIPOTENT))]).toEqual([1, 0, 0]);
  expect(asked).toEqual([]);
});
