import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { bindRange, policyAt, readNode } from "./bind.ts";
import { OMNIPOTENT } from "./actor.ts";
import { remapFile } from "./remapFile.ts";
import { allocateKey, freeKey, isKey } from "./protectionKeys.ts";
import { space } from "./testing/world.ts";

const AT = 0x1000;
const lengths = (mm: AddressSpace): readonly number[] =>
  [...mm.areas].map((area) => mm.areas.end[area] - mm.areas.start[area]);

function mapped(pages: number, flags = 0x32): AddressSpace {
  const mm = space();
  must(mm.map({ pages, prot: "rw", at: AT, flags }));
  return mm;
}

const bind = (mm: AddressSpace, from: number, to: number, policy: string): string | undefined =>
  bindRange(mm, { start: AT + from, end: AT + to, policy, refusesPages: false })?.reason.id;

describe("a policy", () => {
  test("cuts an area, and equal ones join again", () => {
    const mm = mapped(8);
    expect(bind(mm, 2, 4, "a")).toBeUndefined();
    expect(bind(mm, 4, 6, "b")).toBeUndefined();
    expect(lengths(mm)).toEqual([2, 2, 2, 2]);
    expect([1, 3, 5].map((page) => policyAt(mm, AT + page))).toEqual(["", "a", "b"]);
    expect(bind(mm, 4, 6, "a")).toBeUndefined();
    expect(lengths(mm)).toEqual([2, 4, 2]);
  });

  test("is not given to part of a range with holes; none is taken away all the same", () => {
    const mm = mapped(8);
    bind(mm, 0, 8, "a");
    must(mm.unmap(AT + 3, 2));
    expect(bind(mm, 0, 8, "b")).toBe("mbind/hole");
    expect(policyAt(mm, AT)).toBe("a");
    expect(bind(mm, 0, 8, "")).toBeUndefined();
    expect([0, 7].map((page) => policyAt(mm, AT + page))).toEqual(["", ""]);
    expect(policyAt(mm, AT + 3)).toBeUndefined();
  });

  test("is taken back", () => {
    const mm = mapped(4);
    mm.attempt(() => {
      bind(mm, 1, 2, "a");
      return lengths(mm);
    });
    expect(lengths(mm)).toEqual([4]);
    expect(policyAt(mm, AT + 1)).toBe("");
  });

  test("tells the node of a page that can be read alone", () => {
    const mm = mapped(4);
    must(mm.protect(AT + 1, 1, "none"));
    must(mm.protect(AT + 2, 1, "w"));
    must(mm.protect(AT + 3, 1, "x"));
    expect([0, 1, 2, 3, 4].map((page) => readNode(mm, AT + page, OMNIPOTENT))).toEqual([
      true,
      ...[false, false, false, false],
    ]);
  });

  test("keeps areas apart for good whose pages came while their policies differed", () => {
    const mm = mapped(4);
    expect(bind(mm, 0, 1, "a")).toBeUndefined();
    must(mm.write(AT, "1"));
    must(mm.write(AT + 1, "1"));
    expect(bind(mm, 0, 1, "")).toBeUndefined();
    expect(lengths(mm)).toEqual([1, 3]);
    must(mm.write(AT + 2, "1"));
    expect(bind(mm, 2, 2, "b")).toBeUndefined();
    expect(bind(mm, 2, 2, "")).toBeUndefined();
    expect(lengths(mm)).toEqual([1, 3]);
  });
});

describe("a file's mapping that is mapped anew", () => {
  test("shows other pages of it, and keeps what was written", () => {
    const mm = mapped(4, MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
    must(mm.write(AT + 3, "end"));
    must(remapFile(mm, { at: AT, pages: 1, offsetPages: 3, flags: 0 }, OMNIPOTENT));
    expect(String.fromCharCode(...must(mm.read(AT, 3)))).toBe("end");
    must(remapFile(mm, { at: AT, pages: 4, offsetPages: 0, flags: 0 }, OMNIPOTENT));
    expect(String.fromCharCode(...must(mm.read(AT + 3, 3)))).toBe("end");
    expect(lengths(mm)).toEqual([4]);
  });

  test("must be shared", () => {
    const request = { at: AT, pages: 1, offsetPages: 0, flags: 0 };
    expect(remapFile(mapped(1), request, OMNIPOTENT)).toMatchObject({
      code: "EINVAL",
      reason: { id: "remap_file_pages/not-shared" },
    });
  });
});

test("keys are given from the lowest on, and a fork has them", () => {
  const mm = mapped(1);
  expect([allocateKey(mm), allocateKey(mm)]).toEqual([1, 2]);
  const child = mm.fork();
  freeKey(mm, 1);
  expect([isKey(mm, 1), isKey(child, 1), isKey(child, 2), isKey(child, 16)]).toEqual([
    ...[false, true],
    ...[true, false],
  ]);
  expect([allocateKey(mm), allocateKey(child)]).toEqual([1, 3]);
});
