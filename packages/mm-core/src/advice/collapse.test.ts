import { type Question, Unknown } from "@kadvise/ports";
import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";
import { LEAF_PAGES, P_SWAP } from "../pageTable.ts";
import { violations } from "../testing/invariants.ts";
import { file, opened, space } from "../testing/world.ts";

const B = 2 * LEAF_PAGES;
const FIXED = 0x32;
const NO = "EINVAL madvise/collapse-unsuitable";

/** Memory of so many huge pages, of whose pages some were written. */
function laid(tables: number, written: readonly number[] = [], release = "6.12"): AddressSpace {
  const mm = space(release, { thpEnabled: "never" });
  must(mm.map({ at: B, pages: tables * LEAF_PAGES, prot: "rw", flags: FIXED }));
  for (const page of written) must(mm.write(B + page, `${page}`));
  return mm;
}

function collapsed(mm: AddressSpace, start = 0, pages = LEAF_PAGES): string {
  const answer = mm.advise(B + start, pages, "MADV_COLLAPSE");
  expect(violations(mm.memory)).toEqual([]);
  return answer.ok ? "ok" : `${answer.code} ${answer.reason.id}`;
}

/** Which of the tables show a huge page. */
function huge(mm: AddressSpace, tables = 2): string {
  return Array.from({ length: tables }, (_, i) =>
    mm.pages.at(B + i * LEAF_PAGES)?.huge === true ? "h" : "-",
  ).join("");
}

describe("MADV_COLLAPSE", () => {
  test("makes a huge page of a stretch with one page, and keeps what is written", () => {
    const mm = laid(2, [7]);
    expect([collapsed(mm), huge(mm), mm.anonymousPages]).toEqual(["ok", "h-", LEAF_PAGES]);
    expect(must(mm.read(B + 7, 2))).toEqual(Uint8Array.from([55, 0]));
    expect([collapsed(mm), huge(mm)]).toEqual(["ok", "h-"]);
  });

  test("reads what lies in swap first, the first page and the last too", () => {
    const mm = laid(2, [0, 5, LEAF_PAGES - 1, LEAF_PAGES]);
    must(mm.advise(B, 2 * LEAF_PAGES, "MADV_PAGEOUT"));
    must(mm.write(B + 9, "9"));
    expect(mm.swapEntries).toBe(4);
    expect([collapsed(mm), huge(mm), mm.swapEntries]).toEqual(["ok", "h-", 1]);
    expect(mm.pages.bitsOf(B + LEAF_PAGES) & P_SWAP).toBe(P_SWAP);
    for (const page of [0, 5, 9, LEAF_PAGES - 1])
      expect(must(mm.read(B + page, 1))[0]).toBe(`${page}`.charCodeAt(0));
  });

  test("looks only at whole huge pages within the range", () => {
    const mm = laid(3, [0, LEAF_PAGES, 2 * LEAF_PAGES]);
    expect(collapsed(mm, 1, 2 * LEAF_PAGES)).toBe("ok");
    expect(huge(mm, 3)).toBe("-h-");
    expect(collapsed(mm, 0, LEAF_PAGES - 1)).toBe("ok");
    expect(huge(mm, 3)).toBe("-h-");
  });

  test.each([
    ["6.12", NO],
    ["7.2", "ok"],
  ])("of a range that rounds to less than nothing is, on %s, %s", (release, answer) => {
    expect(collapsed(laid(2, [0, 600], release), 1, 9)).toBe(answer);
  });

  test("stops at a stretch without a table, and newer kernels pass it by", () => {
    const all = (release: string): string[] => {
      const mm = laid(3, [0, 2 * LEAF_PAGES], release);
      return [collapsed(mm, 0, 3 * LEAF_PAGES), huge(mm, 3)];
    };
    expect([all("6.18"), all("6.19")]).toEqual([
      [NO, "h--"],
      [NO, "h-h"],
    ]);
  });

  test("stops at a guard on every release", () => {
    const mm = laid(2, [0, LEAF_PAGES], "6.18");
    must(mm.advise(B + 100, 1, "MADV_GUARD_INSTALL"));
    expect([collapsed(mm, 0, 2 * LEAF_PAGES), huge(mm)]).toEqual([NO, "--"]);
    must(mm.advise(B + 100, 1, "MADV_GUARD_REMOVE"));
    expect([collapsed(mm, 0, 2 * LEAF_PAGES), huge(mm)]).toEqual(["ok", "hh"]);
  });

  test.each([
    ["6.12", NO, "-"],
    ["6.18", "ok", "h"],
  ])("of pages that are only shared with a child is, on %s, %s", (release, answer, after) => {
    const mm = laid(1, [3], release);
    mm.fork();
    expect([collapsed(mm), huge(mm, 1)]).toEqual([answer, after]);
  });

  const unsuitable: readonly (readonly [string, (mm: AddressSpace) => unknown])[] = [
    [
      "was never written",
      (mm) => must(mm.map({ at: B, pages: LEAF_PAGES, prot: "rw", flags: FIXED })),
    ],
    ["may hold no huge pages", (mm) => must(mm.advise(B, LEAF_PAGES, "MADV_NOHUGEPAGE"))],
    ["is too short", (mm) => must(mm.unmap(B + LEAF_PAGES - 1, 1))],
    ["begins too late", (mm) => must(mm.unmap(B, 1))],
    ["belongs to who wants none", (mm) => (mm.hugeDisabled = 1)],
  ];
  test.each(unsuitable)("of memory that %s is refused", (_, change) => {
    const mm = laid(1, [3]);
    change(mm);
    const at = mm.areas.at(B) < 0 ? 1 : 0;
    expect(collapsed(mm, at, LEAF_PAGES - 1)).toBe(NO);
  });

  test("where advised areas are excepted goes on, for to collapse is to advise", () => {
    const mm = laid(1, [3], "6.18");
    mm.hugeDisabled = 3;
    expect(collapsed(mm)).toBe("ok");
  });

  test("of a file is refused, of shared memory not", () => {
    const of = (kind: "file" | "shmem"): string => {
      const mm = space();
      const { object } = file(LEAF_PAGES, { kind });
      must(mm.map({ at: B, pages: LEAF_PAGES, prot: "rw", flags: 0x11, backing: opened(object) }));
      must(mm.write(B, "1"));
      return collapsed(mm);
    };
    expect([of("file"), of("shmem")]).toEqual([NO, "ok"]);
  });
});

describe("of a program that was only seen calling", () => {
  /** Answers by the question's id. */
  function recorded(answers: Record<string, unknown>, written: readonly number[] = []) {
    const mm = laid(2, written);
    mm.touchedUnseen = true;
    const asked: string[] = [];
    mm.memory.ports.choices = {
      choose<A>(question: Question<A>): A {
        asked.push(question.id);
        if (!(question.id in answers)) throw new Unknown(question.id, question.describe());
        const answer = answers[question.id] as A;
        expect(question.allows(answer)).toBe(true);
        expect(question.alternatives).toContain(answer);
        return answer;
      },
    };
    return { mm, asked };
  }

  test.each([
    [false, true, "none", NO],
    [true, false, "none", NO],
    [true, true, "none", "ok"],
    [true, true, "collapse-pages-busy", "EAGAIN madvise/collapse-pages-busy"],
    [true, true, "collapse-not-charged", "EBUSY madvise/collapse-not-charged"],
    [true, true, "collapse-no-huge-page", "ENOMEM madvise/collapse-no-huge-page"],
  ])("touched: %s, with pages: %s, in the way: %s: %s", (touched, pages, obstacle, answer) => {
    const { mm } = recorded({
      "collapse/touched": touched,
      "collapse/contents": pages,
      "collapse/obstacle": obstacle,
    });
    expect(collapsed(mm)).toBe(answer);
    expect(huge(mm)).toBe("--");
  });

  test("what was seen to be written need not be asked for", () => {
    const { mm, asked } = recorded({ "collapse/contents": true, "collapse/obstacle": "none" }, [3]);
    expect([collapsed(mm), asked]).toEqual(["ok", ["collapse/contents", "collapse/obstacle"]]);
  });

  test("what is locked and suits need not be asked for either", () => {
    const { mm, asked } = recorded({ "collapse/obstacle": "none" }, [3, LEAF_PAGES]);
    mm.touchedUnseen = false;
    must(mm.lock(B, 2 * LEAF_PAGES));
    mm.touchedUnseen = true;
    expect(collapsed(mm, 0, 2 * LEAF_PAGES)).toBe("ok");
    expect(asked.filter((id) => id.startsWith("collapse"))).toEqual(["collapse/obstacle"]);
  });

  test("an empty range meets no obstacle", () => {
    const { mm, asked } = recorded({}, [3]);
    expect([collapsed(mm, 1, LEAF_PAGES), asked]).toEqual(["ok", []]);
  });

  test("text of a file may be collapsed, other pages of it not", () => {
    const of = (prot: string): string => {
      const { mm } = recorded({ "collapse/contents": true, "collapse/obstacle": "none" });
      const backing = file(LEAF_PAGES);
      must(mm.map({ at: B, pages: LEAF_PAGES, prot, flags: 0x12, backing }));
      return collapsed(mm);
    };
    expect([of("rx"), of("r")]).toEqual(["ok", NO]);
  });

  test("says in its question which memory it means", () => {
    const { mm } = recorded({});
    expect(() => collapsed(mm)).toThrow("whether the memory at 0x400000 was ever written to");
    const other = recorded({ "collapse/contents": true }, [3]);
    expect(() => collapsed(other.mm)).toThrow("whether pages at 0x400000 were held");
  });
});
