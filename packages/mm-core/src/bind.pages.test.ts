import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { bindRange, policyAt } from "./bind.ts";
import { space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function laid(...stretches: (readonly [number, number])[]): AddressSpace {
  const mm = space("6.12", { maxMapCount: 3 });
  for (const [start, end] of stretches)
    must(mm.map({ at: B + start, pages: end - start, prot: "rw", flags: FIXED }));
  return mm;
}

/** mbind: "ok", or the reason and where. */
function bound(
  mm: AddressSpace,
  [start, end]: readonly [number, number],
  policy = "a",
  refusesPages = false,
): string {
  const refusal = bindRange(mm, { start: B + start, end: B + end, policy, refusesPages });
  if (refusal === undefined) return "ok";
  const [compared] = Object.values(refusal.reason.compared);
  return `${refusal.code} ${refusal.reason.id} ${String(compared)}`;
}

describe("mbind over a hole", () => {
  test.each([
    [[0, 2], "a", "EFAULT mbind/hole 0x1000000"],
    [[0, 2], "", "EFAULT mbind/hole 0x1000000"],
    [[0, 4], "a", "EFAULT mbind/hole 0x1000000"],
    [[0, 4], "", "ok"],
    [[2, 4], "a", "ok"],
    [[3, 7], "a", "EFAULT mbind/hole 0x1004000"],
    [[3, 7], "", "ok"],
    [[6, 9], "a", "EFAULT mbind/hole 0x1008000"],
    [[6, 9], "", "ok"],
    [[4, 6], "", "EFAULT mbind/hole 0x1004000"],
    [[9, 12], "", "EFAULT mbind/hole 0x1009000"],
  ] as const)("pages %j with policy '%s': %s", (range, policy, answer) => {
    const mm = laid([2, 4], [6, 8]);
    expect(bound(mm, range, policy)).toBe(answer);
    if (answer !== "ok") expect(policyAt(mm, B + 3)).toBe("");
  });
});

describe("mbind that no page may contradict", () => {
  const written = (...pages: number[]): AddressSpace => {
    const mm = laid([2, 4], [4, 8]);
    for (const page of pages) must(mm.write(B + page, "1"));
    return mm;
  };
  test.each([
    [[], [2, 8], "ok"],
    [[7], [2, 7], "ok"],
    [[1 + 1], [3, 8], "ok"],
    [[7], [2, 8], "EIO mbind/misplaced 0x1007000"],
    [[5, 3], [2, 8], "EIO mbind/misplaced 0x1003000"],
    [[3], [3, 4], "EIO mbind/misplaced 0x1003000"],
  ] as const)("with pages %j there, of %j: %s", (pages, range, answer) => {
    expect(bound(written(...pages), range, "a", true)).toBe(answer);
    expect(bound(written(...pages), range, "a", false)).toBe("ok");
  });

  test("passes the page of zeros and what lies in swap by", () => {
    const mm = written(3);
    must(mm.touch(B + 2, "read"));
    must(mm.advise(B + 3, 1, "MADV_PAGEOUT"));
    expect(bound(mm, [2, 8], "a", true)).toBe("ok");
  });
});

test("mbind that needs an area too many is refused, and what it did before stays", () => {
  const mm = space("6.12", { maxMapCount: 3 });
  for (const at of [0, 4, 8])
    must(mm.map({ at: B + at, pages: 4, prot: at === 4 ? "r" : "rw", flags: FIXED }));
  expect(bound(mm, [0, 10])).toBe("ENOMEM mbind/too-many-areas 3");
  expect([0, 4, 8].map((page) => policyAt(mm, B + page))).toEqual(["a", "a", ""]);
  // What has the policy already need not be cut for it.
  expect(bound(mm, [1, 3])).toBe("ok");
});

test("mbind of part of a special mapping is refused", () => {
  const mm = space("6.12");
  const object = { kind: "special", sizeBytes: 8192 } as const;
  const backing = { object, name: "[vdso]", readable: true, writable: false };
  must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x12, backing }));
  expect(bound(mm, [0, 1])).toBe("EINVAL mbind/special 0x1000000");
});
