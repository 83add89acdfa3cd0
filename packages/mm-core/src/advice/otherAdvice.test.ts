import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT } from "../actor.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { caller } from "../testing/caller.ts";
import { leaveSwapCache } from "../swapCache.ts";
import { noting } from "../testing/noting.ts";
import { file, opened, space } from "../testing/world.ts";

const B = 0x1000;
const REMOVE = "MADV_REMOVE";

function laid(release = "6.18", { flags = 0x11, prot = "rw", more = {} } = {}): AddressSpace {
  const mm = space(release);
  must(mm.map({ at: B, pages: 4, prot, flags, backing: file(8, more), offsetPages: 2 }));
  return mm;
}

function said(mm: AddressSpace): string {
  const answer = mm.advise(B + 1, 2, REMOVE);
  return answer.ok ? "ok" : `${answer.code} ${answer.reason.id}`;
}

describe("MADV_REMOVE", () => {
  test("punches a hole into the pages of the file that the range shows", () => {
    const mm = laid();
    for (let page = 0; page < 4; page++) must(mm.write(B + page, `${page}`));
    expect(said(mm)).toBe("ok");
    expect(mm.filePages).toBe(2);
    expect([0, 1, 2, 3].map((page) => must(mm.read(B + page, 1))[0])).toEqual([0x30, 0, 0, 0x33]);
  });

  test.each([
    [
      "a file opened append-only or immutable",
      { more: { appendOnly: true } },
      "EPERM madvise/remove-append-only",
    ],
    ["a file that is sealed", { more: { writeSealed: true }, prot: "r" }, ""],
    [
      "a file system that cannot",
      { more: { canPunch: false } },
      "EOPNOTSUPP madvise/remove-not-supported",
    ],
    ["a private mapping", { flags: 0x12 }, "EACCES madvise/remove-not-writable"],
  ] as const)("of %s is refused", (_, options, is) => {
    const answer = said(laid("6.18", options));
    if (is === "") expect(answer).not.toBe("ok");
    else expect(answer).toBe(is);
  });

  test.each([
    ["5.10.223", "EACCES madvise/remove-not-writable"],
    ["6.18", "ok"],
  ])("on %s of a shared mapping that may not be written now, but could be: %s", (release, is) => {
    expect(said(laid(release, { prot: "r" }))).toBe(is);
  });

  test("of a file that was opened for reading is refused on every release", () => {
    for (const release of ["5.10", "6.18"]) {
      const mm = space(release);
      const backing = opened(file(8).object, { writable: false });
      must(mm.map({ at: B, pages: 4, prot: "r", flags: 0x11, backing }));
      expect(said(mm)).toBe("EACCES madvise/remove-not-writable");
    }
  });
});

describe("MADV_WILLNEED", () => {
  test("brings the pages of shared memory from swap, within the range and the object alone", () => {
    const mm = space("6.18");
    const backing = opened({ kind: "shmem", sizeBytes: 6 * 4096 }, { name: "/memfd:m" });
    must(mm.map({ at: B, pages: 8, prot: "rw", flags: 0x11, backing }));
    for (let page = 0; page < 6; page++) must(mm.write(B + page, "1"));
    must(mm.advise(B, 6, "MADV_PAGEOUT"));
    // What the device wrote, and nobody needs, goes when memory is short: here it is read anew.
    for (const { slots } of mm.memory.caches)
      for (const slot of slots.values()) {
        const { frame } = mm.memory.swap.get(slot);
        if (frame !== 0) {
          leaveSwapCache(mm.memory, frame);
          mm.memory.frames.release(frame);
        }
      }
    const resident = (): string => must(mm.residency(B, 6)).join("");
    expect(resident()).toBe("000000");
    must(mm.advise(B + 1, 3, "MADV_WILLNEED"));
    expect([resident(), mm.sharedPages]).toEqual(["011100", 0]);
    must(mm.advise(B + 4, 4, "MADV_WILLNEED"));
    expect(resident()).toBe("011111");
  });

  test("reads the pages of a file ahead up to its end", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 8, prot: "r", flags: 0x11, backing: file(6), offsetPages: 1 }));
    must(mm.advise(B + 3, 5, "MADV_WILLNEED"));
    expect([must(mm.residency(B, 8)).join(""), mm.filePages]).toEqual(["00011000", 0]);
  });
});

describe("HWPOISON and SOFT_OFFLINE", () => {
  const advice = ["MADV_HWPOISON", "MADV_SOFT_OFFLINE"] as const;

  test("need CAP_SYS_ADMIN, and bring in what they mean", () => {
    for (const name of advice) {
      const mm = space("6.18");
      must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x32 }));
      expect(mm.advise(B, 2, name, caller())).toMatchObject({
        code: "EPERM",
        reason: { id: "madvise/inject-not-permitted" },
      });
      expect(mm.pages.bitsOf(B)).toBe(0);
      must(mm.advise(B, 2, name, caller({ capabilities: ["CAP_SYS_ADMIN"] })));
      expect(must(mm.residency(B, 2)).join("")).toBe("11");
      expect(mm.advise(B, 3, name, OMNIPOTENT)).toMatchObject({
        reason: { id: "madvise/inject-fault", compared: { address: "0x1002000" } },
        because: { reason: { id: "access/no-area" } },
      });
    }
  });
});

describe("POPULATE", () => {
  test("of a page that is poisoned is refused at the first page", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x32 }));
    mm.touchedUnseen = true;
    const asked = noting(mm, { "populate/poisoned": true });
    expect(mm.advise(B + 1, 3, "MADV_POPULATE_WRITE")).toMatchObject({
      reason: { id: "madvise/populate-poisoned", compared: { address: "0x1001000" } },
    });
    expect(asked).toHaveLength(1);
    const other = noting(mm, { "populate/poisoned": false });
    must(mm.advise(B, 4, "MADV_POPULATE_WRITE"));
    expect([other.length, mm.anonymousPages]).toEqual([1, 4]);
  });
});
