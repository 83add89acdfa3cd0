import { must } from "@kadvise/uapi";
import type { Settings } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { caller } from "./testing/caller.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, PAGE, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;
const STACK = 0x132;

/** A stack of two pages from 1000 on. */
function stack(settings: Partial<Settings> = {}): AddressSpace {
  const mm = space("6.12", settings);
  must(mm.map({ at: B + 1000, pages: 2, prot: "rw", flags: STACK }));
  return mm;
}

/** Writes a page: "ok", or the reason. */
function touched(mm: AddressSpace, page: number, actor: Actor = OMNIPOTENT): string {
  const answer = mm.touch(B + page, "write", actor);
  expect(violations(mm.memory)).toEqual([]);
  return answer.ok ? "ok" : answer.reason.id;
}

describe("a stack", () => {
  test("grows down to the page that is touched, in one piece, and is counted", () => {
    const mm = stack();
    expect([touched(mm, 990), areasOf(mm, B)]).toEqual(["ok", "990-1002 rw"]);
    expect([mm.totalPages, mm.promisedPages, mm.anonymousPages]).toEqual([12, 12, 1]);
    expect(mm.areas.offset[mm.areas.at(B + 990)]).toBe(B + 990);
  });

  test("is nothing that an ordinary mapping becomes", () => {
    const mm = space();
    must(mm.map({ at: B + 1000, pages: 2, prot: "rw", flags: FIXED }));
    expect([touched(mm, 999), areasOf(mm, B)]).toEqual(["access/no-area", "1000-1002 rw"]);
  });

  test.each([
    ["rw", FIXED, 256, "ok"],
    ["rw", FIXED, 255, "access/no-area"],
    ["r", FIXED, 255, "access/no-area"],
    ["x", FIXED, 255, "access/no-area"],
    ["none", FIXED, 0, "ok"],
    ["rw", STACK, 0, "ok"],
  ])("keeps 256 pages from %s memory (flags %i): %i are %s", (prot, flags, pages, answer) => {
    const mm = stack();
    must(mm.map({ at: B + 600, pages: 10, prot, flags }));
    expect(touched(mm, 610 + pages)).toBe(answer);
  });

  test("keeps to RLIMIT_STACK, all of it counted", () => {
    const actor = caller({ limits: { RLIMIT_STACK: 5 } });
    const mm = stack();
    expect([touched(mm, 996, actor), touched(mm, 997, actor)]).toEqual(["access/no-area", "ok"]);
  });

  test.each([
    ["RLIMIT_AS", 5],
    ["RLIMIT_MEMLOCK", 5],
  ] as const)("that is locked keeps to %s", (limit, pages) => {
    const mm = stack();
    must(mm.lock(B + 1000, 2));
    const actor = caller({ limits: { [limit]: pages } });
    expect(touched(mm, 996, actor)).toBe("access/no-area");
    expect([touched(mm, 997, actor), mm.lockedPages]).toEqual(["ok", 5]);
  });

  test("that is not locked is not asked for RLIMIT_MEMLOCK", () => {
    const mm = stack();
    expect(touched(mm, 990, caller({ limits: { RLIMIT_MEMLOCK: 0 } }))).toBe("ok");
  });

  test("that is locked grows for who may lock all he likes", () => {
    const mm = stack();
    must(mm.lock(B + 1000, 2));
    const capabilities = ["CAP_IPC_LOCK"] as const;
    expect(touched(mm, 990, caller({ limits: { RLIMIT_MEMLOCK: 2 }, capabilities }))).toBe("ok");
  });

  test("does not grow where the machine promises no more", () => {
    const mm = stack({ overcommit: 2, commitLimitPages: 300, committedPages: 0 });
    expect([touched(mm, 500), touched(mm, 900)]).toEqual(["access/no-area", "ok"]);
  });

  test("does not grow below the lowest address that may be mapped", () => {
    const lowest = 65536 / PAGE;
    const at = (page: number): string => {
      const mm = space();
      must(mm.map({ at: lowest + 4, pages: 2, prot: "rw", flags: STACK }));
      const answer = mm.touch(page, "write");
      return answer.ok ? "ok" : answer.reason.id;
    };
    expect([at(lowest), at(lowest - 1)]).toEqual(["ok", "access/no-area"]);
  });

  test("that is only tried is as long as before", () => {
    const mm = stack();
    expect(mm.attempt(() => touched(mm, 990))).toBe("ok");
    expect([areasOf(mm, B), mm.totalPages]).toEqual(["1000-1002 rw", 2]);
    expect(mm.areas.offset[mm.areas.at(B + 1000)]).toBe(B + 1000);
  });
});
