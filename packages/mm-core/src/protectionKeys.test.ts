import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { allocateKey, freeKey, isKey, keyAllows, loseKey, NO_KEY } from "./protectionKeys.ts";
import { caller } from "./testing/caller.ts";
import { areasOf, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function laid(pages = 4, prot = "rw", mm = space()): AddressSpace {
  must(mm.map({ at: B, pages, prot, flags: FIXED }));
  return mm;
}

/** The key of each area, in order. */
function keys({ areas }: AddressSpace): number[] {
  return [...areas].map((area) => areas.keyOf(area));
}

describe("the sixteen keys of a process", () => {
  test("are given out from 1 on, and then there is none", () => {
    const mm = space();
    const given = Array.from({ length: 16 }, () => allocateKey(mm));
    expect(given).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, NO_KEY]);
    expect(mm.keys).toBe(0xffff);
  });

  test("are given out again when they were given back, the lowest first", () => {
    const mm = space();
    for (let i = 0; i < 5; i++) allocateKey(mm);
    for (const key of [4, 2]) freeKey(mm, key);
    expect([isKey(mm, 2), isKey(mm, 3), mm.keys]).toEqual([false, true, 0b101011]);
    expect([allocateKey(mm), allocateKey(mm), allocateKey(mm)]).toEqual([2, 4, 6]);
  });

  test("exist from 0 to 15, and only those that are taken; 0 always is", () => {
    const mm = space();
    mm.keys = 0xffff;
    const known = [-2, -1, 0, 1, 15, 16, 17, 31, 32].filter((key) => isKey(mm, key));
    expect(known).toEqual([0, 1, 15]);
    mm.executeOnlyKey = 15;
    expect(isKey(mm, 15)).toBe(false);
  });

  test("are taken back with what was only tried", () => {
    const mm = space();
    expect(mm.attempt(() => [allocateKey(mm), mm.keys])).toEqual([1, 3]);
    expect(mm.keys).toBe(1);
    allocateKey(mm);
    mm.attempt(() => freeKey(mm, 1));
    expect(isKey(mm, 1)).toBe(true);
  });
});

describe("memory for execution alone", () => {
  test("takes a key when it is first mapped, once, and its owner loses the right to it", () => {
    const mm = space();
    const denied: number[] = [];
    const actor = caller({}, { denyKey: (key) => denied.push(key) });
    must(mm.map({ at: B, pages: 1, prot: "x", flags: FIXED }, actor));
    must(mm.map({ at: B + 2, pages: 1, prot: "x", flags: FIXED }, actor));
    must(mm.map({ at: B + 4, pages: 1, prot: "rx", flags: FIXED }, actor));
    expect([keys(mm), mm.executeOnlyKey, mm.keys]).toEqual([[1, 1, 0], 1, 3]);
    expect(denied).toEqual([1, 1]);
    expect(isKey(mm, 1)).toBe(false);
  });

  test("has key 0 where the processor has no keys, or all are taken", () => {
    const without = laid(1, "x", space("6.12", { protectionKeys: false }));
    expect([keys(without), without.keys, without.executeOnlyKey]).toEqual([[0], 1, NO_KEY]);
    const full = space();
    full.keys = 0xffff;
    expect([keys(laid(1, "x", full)), full.executeOnlyKey]).toEqual([[0], NO_KEY]);
  });

  test("made by mprotect has the key, and loses it when anything else is allowed", () => {
    const mm = laid(4);
    must(mm.protect(B + 1, 2, "x"));
    expect([areasOf(mm, B), keys(mm)]).toEqual(["0-1 rw, 1-3 x, 3-4 rw", [0, 1, 0]]);
    must(mm.protect(B + 2, 1, "rx"));
    expect([areasOf(mm, B), keys(mm)]).toEqual(["0-1 rw, 1-2 x, 2-3 rx, 3-4 rw", [0, 1, 0, 0]]);
    must(mm.protect(B + 1, 2, "rw"));
    expect([areasOf(mm, B), keys(mm)]).toEqual(["0-4 rw", [0]]);
  });

  test("keeps the key that it was given by hand, unless it is the one for execution", () => {
    const mm = laid(2);
    const key = allocateKey(mm);
    must(mm.protect(B, 2, "x", caller(), key));
    expect([keys(mm), mm.executeOnlyKey]).toEqual([[1], NO_KEY]);
    must(mm.protect(B, 2, "r"));
    expect(keys(mm)).toEqual([1]);
    must(mm.protect(B, 2, "x"));
    expect([keys(mm), mm.executeOnlyKey]).toEqual([[2], 2]);
  });

  test("stays with its own key where none is left for it", () => {
    const mm = laid(2);
    must(mm.protect(B, 2, "rw", caller(), allocateKey(mm)));
    mm.keys = 0xffff;
    must(mm.protect(B, 2, "x"));
    expect([keys(mm), mm.executeOnlyKey]).toEqual([[1], NO_KEY]);
  });

  test("that may be more than executed keeps the key of execution if it has it otherwise", () => {
    const mm = laid(2);
    must(mm.map({ at: B + 8, pages: 1, prot: "x", flags: FIXED }));
    // pkey_mprotect refuses that key; what has it must have been for execution alone.
    must(mm.protect(B, 2, "r", caller(), mm.executeOnlyKey));
    must(mm.protect(B, 2, "rw"));
    expect(keys(mm)).toEqual([1, 1]);
  });

  test("is forgotten with what was only tried", () => {
    const mm = laid(1);
    mm.attempt(() => mm.protect(B, 1, "x"));
    expect([keys(mm), mm.keys, mm.executeOnlyKey]).toEqual([[0], 1, NO_KEY]);
  });
});

describe("a key", () => {
  const rights = (read: boolean, write: boolean): Actor =>
    caller({}, { mayUseKey: (_, writes) => (writes ? write : read) });

  test.each([
    [true, true, "ok", "ok"],
    [true, false, "ok", "access/protection-key"],
    [false, false, "access/protection-key", "access/protection-key"],
  ])("whose owner may read: %s, write: %s", (read, write, reads, writes) => {
    const mm = laid(2);
    must(mm.protect(B, 2, "rwx", caller(), allocateKey(mm)));
    const actor = rights(read, write);
    const said = (access: "read" | "write" | "execute"): string => {
      const answer = mm.touch(B, access, actor);
      return answer.ok ? "ok" : answer.reason.id;
    };
    expect([said("read"), said("write")]).toEqual([reads, writes]);
    // Nothing keeps code from being executed.
    expect(said("execute")).toBe("ok");
    // Who reaches in from outside has no rights to ask for.
    expect(keyAllows(mm, mm.areas.at(B), true, caller())).toBe(true);
  });

  test("of an area that has another label, or none, asks nobody", () => {
    const never = rights(false, false);
    const mm = laid(2);
    expect(keyAllows(mm, mm.areas.at(B), true, never)).toBe(true);
    must(mm.name(B, 2, "heap"));
    expect(keyAllows(mm, mm.areas.at(B), true, never)).toBe(true);
  });

  test("keeps areas apart, and its areas keep it when it is given back", () => {
    const mm = laid(4);
    const key = allocateKey(mm);
    must(mm.protect(B + 2, 2, "rw", caller(), key));
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-4 rw");
    freeKey(mm, key);
    expect(keys(mm)).toEqual([0, 1]);
    must(mm.protect(B + 2, 2, "rw", caller(), 0));
    expect(areasOf(mm, B)).toBe("0-4 rw");
  });
});

test("without a processor's help the one key is lost for good by who takes it, and by its children", () => {
  const mm = space();
  expect([mm.attempt(() => loseKey(mm)), loseKey(mm), loseKey(mm), loseKey(mm.fork())]).toEqual([
    ...[true, true, false, false],
  ]);
  expect(isKey(mm, 0)).toBe(true);
});
