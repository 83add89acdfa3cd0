import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";
import { caller } from "../testing/caller.ts";
import { space } from "../testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function laid(release = "6.18"): AddressSpace {
  const mm = space(release);
  for (const [at, prot] of [
    [0, "rw"],
    [2, "r"],
    [6, "rw"],
  ] as const)
    must(mm.map({ at: B + at, pages: 2, prot, flags: FIXED }));
  return mm;
}

function said(mm: AddressSpace, [start, pages]: readonly [number, number], how: "READ" | "WRITE") {
  const answer = mm.advise(B + start, pages, `MADV_POPULATE_${how}`, caller());
  const there = must(mm.residency(B, 4)).join("");
  return `${answer.ok ? "ok" : `${answer.code} ${answer.reason.id}`} ${there}`;
}

describe("MADV_POPULATE_*", () => {
  test.each([
    [[0, 4], "READ", "ok 1111"],
    [[1, 2], "READ", "ok 0110"],
    [[0, 2], "WRITE", "ok 1100"],
    [[0, 4], "WRITE", "EINVAL madvise/populate-refused 1100"],
    [[3, 3], "READ", "ENOMEM madvise/hole 0001"],
    [[4, 2], "READ", "ENOMEM madvise/hole 0000"],
    [[8, 2], "READ", "ENOMEM madvise/hole 0000"],
  ] as const)("of pages %j by %s: %s", (range, how, answer) => {
    expect(said(laid(), range, how)).toBe(answer);
  });

  test("brings nothing in for a caller who is about to be killed", () => {
    const mm = laid();
    const dying = caller({}, { fatalSignalPending: () => true });
    const answer = mm.advise(B, 2, "MADV_POPULATE_READ", dying);
    expect(answer).toMatchObject({ code: "EINTR", reason: { id: "madvise/killed" } });
    expect(must(mm.residency(B, 2)).join("")).toBe("00");
  });

  test("stops at a guard, which no access passes", () => {
    const mm = laid();
    must(mm.advise(B + 1, 1, "MADV_GUARD_INSTALL"));
    expect(said(mm, [0, 4], "READ")).toBe("EFAULT madvise/populate-fault 1000");
  });
});
