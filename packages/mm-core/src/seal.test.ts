import { must, type Result } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_SEALED } from "./flags.ts";
import { areasOf, space } from "./testing/world.ts";

const B = 4096;
const FIXED = 0x32;

function laid(release: string, ...stretches: (readonly [number, number, string])[]): AddressSpace {
  const mm = space(release);
  for (const [start, end, prot] of stretches)
    must(mm.map({ at: B + start, pages: end - start, prot, flags: FIXED }));
  return mm;
}

function said(result: Result<unknown>): string {
  return result.ok ? "done" : `${result.code} ${result.reason.id}`;
}

/** The sealed stretches, in pages from B on. */
function sealed(mm: AddressSpace): string {
  const { areas } = mm;
  return [...areas]
    .filter((area) => (areas.flags[area] & VM_SEALED) !== 0)
    .map((area) => `${areas.start[area] - B}-${areas.end[area] - B}`)
    .join(", ");
}

describe("mseal", () => {
  test("cuts what it seals out, and joins sealed neighbours", () => {
    const mm = laid("6.12", [0, 8, "rw"]);
    must(mm.seal(B + 2, 2));
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-4 rw, 4-8 rw");
    must(mm.seal(B + 4, 2));
    expect(sealed(mm)).toBe("2-6");
    must(mm.seal(B, 8));
    expect(sealed(mm)).toBe("0-8");
  });

  // 6.16.12, 6.17.13, 6.18.15, 6.18.44, 6.19.14: the fact mseal-behind-a-merge.
  test.each([
    ["6.16", "0-8", "0-5", "0-4"],
    ["6.17", "0-3, 3-8", "0-2, 2-3, 3-5", "0-4"],
    ["6.18.15", "0-3, 3-8", "0-2, 2-3, 3-5", "0-4"],
    ["6.18.44", "0-8", "0-5", "0-4"],
    ["7.0", "0-8", "0-5", "0-4"],
  ])("on %s behind an area that joined the next: %s, %s, %s", (release, one, two, last) => {
    const mm = laid(release, [0, 12, "rw"]);
    must(mm.seal(B + 1, 2));
    must(mm.seal(B, 8));
    expect(sealed(mm)).toBe(one);
    const other = laid(release, [0, 12, "rw"]);
    must(other.seal(B + 1, 1));
    must(other.seal(B + 3, 1));
    must(other.seal(B, 5));
    expect(sealed(other)).toBe(two);
    const end = laid(release, [0, 12, "rw"]);
    must(end.seal(B + 1, 3));
    must(end.seal(B, 2));
    expect(sealed(end)).toBe(last);
  });

  test("on 6.17 counts areas where it joins none, too", () => {
    const mm = space("6.17", { maxMapCount: 4 });
    must(mm.map({ at: B, pages: 12, prot: "rw", flags: FIXED }));
    must(mm.seal(B + 1, 1));
    must(mm.protect(B + 6, 6, "r"));
    expect(said(mm.seal(B, 4))).toBe("done");
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-4 rw, 4-6 rw, 6-12 r");
    const full = space("6.17", { maxMapCount: 3 });
    must(full.map({ at: B, pages: 12, prot: "rw", flags: FIXED }));
    must(full.seal(B + 1, 1));
    must(full.unmap(B + 12, 1));
    must(full.map({ at: B + 20, pages: 1, prot: "r", flags: FIXED }));
    expect(said(full.seal(B, 4))).toMatch(/^ENOMEM/);
  });

  test("of a range with a hole seals nothing", () => {
    const mm = laid("6.12", [0, 2, "rw"], [3, 4, "rw"]);
    expect(said(mm.seal(B, 4))).toBe("ENOMEM mseal/hole");
    expect(sealed(mm)).toBe("");
  });

  test("that needs an area too many leaves the first cut", () => {
    const mm = space("6.12", { maxMapCount: 2 });
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    expect(said(mm.seal(B + 1, 1))).toBe("ENOMEM mseal/too-many-areas");
    expect(areasOf(mm, B)).toBe("0-1 rw, 1-4 rw");
    expect(sealed(mm)).toBe("");
  });

  test("of part of the vdso is refused", () => {
    const mm = space("6.12");
    const object = { kind: "special", sizeBytes: 8192 } as const;
    const backing = { object, name: "[vdso]", readable: true, writable: false };
    must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x12, backing }));
    expect(said(mm.seal(B, 1))).toBe("EINVAL mseal/special");
    expect(said(mm.seal(B, 2))).toBe("done");
  });
});

describe("what is sealed", () => {
  const calls: readonly (readonly [string, (mm: AddressSpace) => Result<unknown>, string])[] = [
    ["munmap", (mm) => mm.unmap(B, 6), "EPERM munmap/sealed"],
    ["mprotect", (mm) => mm.protect(B, 6, "r"), "EPERM mprotect/sealed"],
    [
      "mmap over it",
      (mm) => mm.map({ at: B, pages: 6, prot: "rw", flags: FIXED }),
      "EPERM mmap/sealed",
    ],
    ["mlock", (mm) => mm.lock(B, 6), "done"],
    ["a write", (mm) => mm.write(B + 3, "x"), "done"],
  ];
  test.each(calls)("%s", (_, call, answer) => {
    const mm = laid("6.12", [0, 6, "rw"]);
    must(mm.seal(B + 2, 2));
    expect(said(call(mm))).toBe(answer);
  });

  test("keeps munmap out whole before 6.12, and then leaves a cut at the start", () => {
    const cut = (release: string): string => {
      const mm = laid(release, [0, 4, "rw"]);
      must(mm.seal(B + 2, 2));
      expect(said(mm.unmap(B + 1, 3))).toBe("EPERM munmap/sealed");
      return areasOf(mm, B);
    };
    expect(cut("6.11")).toBe("0-2 rw, 2-4 rw");
    expect(cut("6.12")).toBe("0-1 rw, 1-2 rw, 2-4 rw");
  });

  test("keeps mprotect from what is before it, until 6.11", () => {
    const after = (release: string): string => {
      const mm = laid(release, [0, 4, "rw"]);
      must(mm.seal(B + 2, 2));
      expect(said(mm.protect(B, 4, "r"))).toBe("EPERM mprotect/sealed");
      return areasOf(mm, B);
    };
    expect(after("6.11")).toBe("0-2 rw, 2-4 rw");
    expect(after("6.12")).toBe("0-2 r, 2-4 rw");
  });

  test("stays sealed in a child", () => {
    const mm = laid("6.12", [0, 4, "rw"]);
    must(mm.seal(B, 4));
    expect(said(mm.fork().unmap(B, 4))).toBe("EPERM munmap/sealed");
  });
});
