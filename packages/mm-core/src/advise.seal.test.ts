import { type Question, Unknown } from "@kadvise/ports";
import { must, type AdviceName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { allocateKey } from "./protectionKeys.ts";
import { caller } from "./testing/caller.ts";
import { areasOf, file, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;
const SEALED = "EPERM madvise/sealed";

/** Six written pages; the middle two read-only and sealed. */
function laid(release: string, prot = "r"): AddressSpace {
  const mm = space(release);
  must(mm.map({ at: B, pages: 6, prot: "rw", flags: FIXED }));
  for (let page = 0; page < 6; page++) must(mm.write(B + page, "1"));
  must(mm.protect(B + 2, 2, prot));
  must(mm.seal(B + 2, 2));
  return mm;
}

function said(
  mm: AddressSpace,
  advice: AdviceName,
  [start, pages]: readonly [number, number] = [0, 6],
  actor: Actor = OMNIPOTENT,
): string {
  const answer = mm.advise(B + start, pages, advice, actor);
  return answer.ok ? "ok" : `${answer.code} ${answer.reason.id}`;
}

describe("a sealed area that may not be written", () => {
  test.each<[AdviceName, string]>([
    ["MADV_DONTNEED", SEALED],
    ["MADV_DONTNEED_LOCKED", SEALED],
    ["MADV_FREE", SEALED],
    ["MADV_DONTFORK", SEALED],
    ["MADV_WIPEONFORK", SEALED],
    ["MADV_GUARD_INSTALL", SEALED],
    ["MADV_GUARD_REMOVE", "ok"],
    ["MADV_COLD", "ok"],
    ["MADV_PAGEOUT", "ok"],
    ["MADV_NORMAL", "ok"],
    ["MADV_DONTDUMP", "ok"],
    ["MADV_DOFORK", "ok"],
    ["MADV_KEEPONFORK", "ok"],
    ["MADV_MERGEABLE", "ok"],
  ])("is told %s: %s", (advice, answer) => {
    expect(said(laid("6.18"), advice)).toBe(answer);
    // What may be written may be thrown away.
    expect(said(laid("6.18", "rw"), advice)).toBe("ok");
  });

  test.each([
    ["6.10", 6],
    ["6.11", 6],
    ["6.12", 4],
  ])("on %s keeps so many pages: %i", (release, left) => {
    const mm = laid(release);
    expect([said(mm, "MADV_DONTNEED"), mm.anonymousPages]).toEqual([SEALED, left]);
    expect(said(mm, "MADV_DONTNEED", [0, 2])).toBe("ok");
    expect(said(mm, "MADV_DONTNEED", [4, 2])).toBe("ok");
    expect(mm.anonymousPages).toBe(2);
  });

  test.each([
    ["6.11", SEALED],
    ["6.12", SEALED],
  ])("on %s is looked for behind a hole too", (release, answer) => {
    const mm = laid(release);
    must(mm.unmap(B + 1, 1));
    expect(said(mm, "MADV_DONTNEED")).toBe(answer);
    expect(said(mm, "MADV_DONTNEED", [0, 2])).toBe("ENOMEM madvise/hole");
  });

  test.each(["6.11", "6.18"])("on %s protects neither what is shared nor files", (release) => {
    for (const [flags, backing] of [
      [0x31, null],
      [0x11, file(4)],
      [0x12, file(4)],
    ] as const) {
      const mm = space(release);
      must(mm.map({ at: B, pages: 4, prot: "r", flags, backing }));
      must(mm.seal(B, 4));
      expect(said(mm, "MADV_DONTNEED", [0, 4])).toBe("ok");
    }
  });

  test("stands for one whose key keeps the caller from writing", () => {
    const mm = laid("6.18", "rw");
    expect(said(mm, "MADV_DONTNEED")).toBe("ok");
    const keyed = space("6.18");
    must(keyed.map({ at: B, pages: 6, prot: "rw", flags: FIXED }));
    must(keyed.protect(B, 6, "rw", OMNIPOTENT, allocateKey(keyed)));
    must(keyed.seal(B, 6));
    const rights = (write: boolean): Actor =>
      caller({}, { mayUseKey: (_, writes) => (writes ? write : true) });
    expect(said(keyed, "MADV_DONTNEED", [0, 6], rights(true))).toBe("ok");
    expect(said(keyed, "MADV_DONTNEED", [0, 6], rights(false))).toBe(SEALED);
    expect(said(keyed, "MADV_COLD", [0, 6], rights(false))).toBe("ok");
  });

  test.each([
    [true, "ok"],
    [false, SEALED],
  ])("has a key of whose rights a record tells nothing: may write %s: %s", (may, answer) => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 6, prot: "rw", flags: FIXED }));
    const plain = said(mm, "MADV_DONTNEED");
    must(mm.protect(B, 6, "rw", OMNIPOTENT, allocateKey(mm)));
    must(mm.seal(B, 6));
    mm.touchedUnseen = true;
    const asked: string[] = [];
    mm.memory.ports.choices = {
      choose<A>(question: Question<A>): A {
        asked.push(question.describe());
        expect(question.allows(may as A)).toBe(true);
        return may as A;
      },
    };
    expect([plain, said(mm, "MADV_DONTNEED")]).toEqual(["ok", answer]);
    expect(asked).toEqual(["whether the program may write what has the protection key 1"]);
  });

  test("keeps munmap from cutting what lies before it, up to 6.11, also if it was made first", () => {
    const mm = space("6.11");
    must(mm.map({ at: B + 2, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.seal(B + 2, 2));
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    expect(mm.unmap(B + 1, 3)).toMatchObject({ reason: { id: "munmap/sealed" } });
    expect([mm.areas.count, areasOf(mm, B)]).toEqual([2, "0-2 rw, 2-4 rw"]);
    must(mm.unmap(B + 1, 1));
    expect(areasOf(mm, B)).toBe("0-1 rw, 2-4 rw");
  });

  test("without a key is not asked for in a record", () => {
    const mm = laid("6.18", "rw");
    mm.touchedUnseen = true;
    mm.memory.ports.choices = {
      choose<A>(question: Question<A>): A {
        throw new Unknown(question.id, question.describe());
      },
    };
    expect(said(mm, "MADV_DONTNEED", [2, 2])).toBe("ok");
  });
});

describe("a hole", () => {
  test("is told with its first page, and stops nothing", () => {
    const mm = space();
    for (const at of [0, 2, 5]) must(mm.map({ at: B + at, pages: 1, prot: "rw", flags: FIXED }));
    for (const at of [0, 2, 5]) must(mm.write(B + at, "1"));
    const answer = mm.advise(B, 6, "MADV_DONTNEED");
    expect(answer).toMatchObject({
      code: "ENOMEM",
      reason: { compared: { address: "0x1001000" } },
    });
    expect(mm.anonymousPages).toBe(0);
  });

  test.each([
    [6, 1, "0x1006000"],
    [5, 3, "0x1006000"],
    [3, 2, "0x1003000"],
    [3, 3, "0x1003000"],
  ])("from page %i on, %i pages, is at %s", (start, pages, address) => {
    const mm = space();
    for (const at of [0, 2, 5]) must(mm.map({ at: B + at, pages: 1, prot: "rw", flags: FIXED }));
    expect(mm.advise(B + start, pages, "MADV_NORMAL")).toMatchObject({
      reason: { id: "madvise/hole", compared: { address } },
    });
  });

  test("is not there for a range of nothing", () => {
    const mm = space();
    expect([mm.advise(B, 0, "MADV_NORMAL").ok, mm.memory.work.mmapLocks]).toEqual([true, 0]);
  });
});

describe("the lock that an advice takes", () => {
  test.each<[string, AdviceName, number, number, number]>([
    ["6.12", "MADV_DONTNEED", 0, 4, 1],
    ["6.18", "MADV_DONTNEED", 0, 4, 0],
    ["6.18", "MADV_DONTNEED_LOCKED", 1, 3, 0],
    ["6.18", "MADV_FREE", 0, 1, 0],
    ["6.18", "MADV_COLD", 0, 4, 1],
    ["6.18", "MADV_DONTNEED", 3, 2, 1],
    ["6.18", "MADV_DONTNEED", 5, 1, 1],
  ])(
    "on %s for %s from %i on, %i pages, is the whole space's: %i",
    (release, advice, at, pages, locks) => {
      const mm = space(release);
      must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
      const before = mm.memory.work.mmapLocks;
      mm.advise(B + at, pages, advice);
      expect(mm.memory.work.mmapLocks - before).toBe(locks);
    },
  );
});
