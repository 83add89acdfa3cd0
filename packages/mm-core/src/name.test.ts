import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { violations } from "./testing/invariants.ts";
import { digest } from "./testing/digest.ts";
import { VM_DONTEXPAND } from "./flags.ts";
import { noting } from "./testing/noting.ts";
import { file, opened, space } from "./testing/world.ts";

const B = 0x2_0000;
const FIXED = 0x32;
const SHARED = 0x31;

function laid(release = "6.12", pages = 8, flags = FIXED): AddressSpace {
  const mm = space(release);
  must(mm.map({ at: B, pages, prot: "rw", flags }));
  return mm;
}

/** `0-2 heap, 2-4` of each area, in pages from B on. */
function named(mm: AddressSpace): string {
  return mm
    .maps()
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [range = "", ...rest] = line.split(/\s+/);
      const [from, to] = range.split("-").map((word) => Number(`0x${word}`) / 4096 - B);
      return [`${from}-${to}`, ...rest.slice(4)].join(" ").trimEnd();
    })
    .join(", ");
}

const refused = (answer: { ok: boolean }): string =>
  answer.ok ? "done" : (answer as { reason?: { id: string } }).reason!.id;

describe("a name of anonymous memory", () => {
  test("cuts an area, and joins it again when it goes", () => {
    const mm = laid();
    must(mm.name(B + 2, 3, "heap"));
    expect(named(mm)).toBe("0-2, 2-5 [anon:heap], 5-8");
    must(mm.name(B + 2, 3));
    expect(named(mm)).toBe("0-8");
  });

  test("joins neighbours of the same name alone", () => {
    const mm = laid();
    must(mm.name(B, 2, "a"));
    must(mm.name(B + 2, 2, "b"));
    must(mm.name(B + 4, 4, "a"));
    expect(named(mm)).toBe("0-2 [anon:a], 2-4 [anon:b], 4-8 [anon:a]");
    must(mm.name(B + 2, 2, "a"));
    expect(named(mm)).toBe("0-8 [anon:a]");
  });

  test("may be empty, which is another thing than none", () => {
    const mm = laid();
    must(mm.name(B, 4, ""));
    expect(named(mm)).toBe("0-4 [anon:], 4-8");
  });

  test("keeps a new mapping apart, and an unnamed neighbour", () => {
    const mm = laid("6.12", 4);
    must(mm.name(B, 4, "a"));
    must(mm.map({ at: B + 4, pages: 2, prot: "rw", flags: FIXED }));
    expect(named(mm)).toBe("0-4 [anon:a], 4-6");
  });

  test("stays with both parts of a cut, whatever makes it", () => {
    const mm = laid();
    must(mm.name(B, 8, "a"));
    must(mm.protect(B + 2, 1, "r"));
    must(mm.unmap(B + 5, 1));
    must(mm.lock(B + 7, 1));
    must(mm.advise(B, 1, "MADV_DONTFORK"));
    expect(named(mm)).toBe(
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 5],
        [6, 7],
        [7, 8],
      ]
        .map(([from, to]) => `${from}-${to} [anon:a]`)
        .join(", "),
    );
  });

  test("goes along with mremap, and grows with its area", () => {
    const mm = laid("6.12", 4);
    must(mm.name(B, 4, "a"));
    must(mm.remap({ page: B, oldPages: 2, newPages: 2, flags: 3, target: B + 20 }));
    must(mm.remap({ page: B + 2, oldPages: 2, newPages: 5, flags: 0, target: 0 }));
    expect(named(mm)).toBe("2-7 [anon:a], 20-22 [anon:a]");
  });

  test("is a child's too, and each changes its own", () => {
    const mm = laid();
    must(mm.name(B, 8, "a"));
    const child = mm.fork();
    must(child.name(B, 8, "b"));
    expect([named(mm), named(child)]).toEqual(["0-8 [anon:a]", "0-8 [anon:b]"]);
  });

  test("is not taken over by what is mapped there later", () => {
    const mm = laid();
    must(mm.name(B, 8, "a"));
    must(mm.unmap(B, 8));
    must(mm.map({ at: B, pages: 8, prot: "rw", flags: FIXED }));
    expect(named(mm)).toBe("0-8");
    expect(mm.areas.labels.size).toBe(0);
  });

  test("shows behind the heap's own name alone", () => {
    const mm = space();
    mm.startBreak = mm.break = B * 4096;
    must(mm.setBreak((B + 4) * 4096));
    must(mm.name(B, 2, "a"));
    expect(named(mm)).toBe("0-2 [heap], 2-4 [heap]");
    must(mm.setBreak((B + 6) * 4096));
    expect(named(mm)).toBe("0-2 [heap], 2-6 [heap]");
    must(mm.name(B + 2, 4, "b"));
    must(mm.setBreak((B + 8) * 4096));
    expect(named(mm)).toBe("0-2 [heap], 2-6 [heap], 6-8 [heap]");
  });

  test("is taken back by attempt, cuts and all", () => {
    const mm = laid();
    must(mm.name(B + 1, 1, "a"));
    const before = digest(mm.memory);
    mm.attempt(() => {
      must(mm.name(B, 8, "b"));
      must(mm.unmap(B, 3));
      must(mm.map({ at: B, pages: 2, prot: "r", flags: FIXED }));
    });
    expect(digest(mm.memory)).toEqual(before);
    expect(violations(mm.memory)).toEqual([]);
  });
});

describe("what gets no name", () => {
  test("a file's mapping stops the walk: what lies before it has the name", () => {
    const mm = laid("6.12", 2);
    must(mm.map({ at: B + 2, pages: 2, prot: "r", flags: 0x12, backing: file(2) }));
    must(mm.map({ at: B + 4, pages: 2, prot: "rw", flags: FIXED }));
    expect(refused(mm.name(B, 6, "a"))).toBe("prctl/name-file");
    expect(named(mm)).toBe("0-2 [anon:a], 2-4 /file, 4-6");
  });

  test("a hole does not stop it", () => {
    const mm = laid("6.12", 2);
    must(mm.map({ at: B + 4, pages: 2, prot: "rw", flags: FIXED }));
    for (const [from, pages] of [
      [0, 6],
      [3, 3],
      [4, 3],
    ] as const)
      expect(refused(mm.name(B + from, pages, "a"))).toBe("prctl/name-hole");
    expect(named(mm)).toBe("0-2 [anon:a], 4-6 [anon:a]");
    expect(refused(mm.name(B + 100, 1, "a"))).toBe("prctl/name-hole");
  });

  test("shared anonymous memory has a name of its own up to 6.1", () => {
    const [old, young] = ["6.1", "6.12"].map((release) => {
      const mm = laid(release, 2, SHARED);
      return [refused(mm.name(B, 1, "a")), named(mm)];
    });
    expect(old).toEqual(["prctl/name-file", "0-2 /dev/zero (deleted)"]);
    expect(young).toEqual(["done", "0-1 [anon_shmem:a], 1-2 /dev/zero (deleted)"]);
  });

  test("where a cut has no room, the answer is EAGAIN; without a cut there is no limit", () => {
    const mm = space("6.12", { maxMapCount: 1 });
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    expect(mm.name(B, 2, "a")).toMatchObject({ code: "EAGAIN" });
    must(mm.name(B, 4, "a"));
    must(mm.name(B, 2, "a"));
    expect(named(mm)).toBe("0-4 [anon:a]");
  });
});

test("a range of no pages has no name; the kernel's own mappings cannot be cut for one", () => {
  const mm = space("6.18");
  must(
    mm.map({
      at: 0x5000,
      pages: 2,
      prot: "r",
      flags: 0x12,
      backing: opened({ kind: "special", sizeBytes: 8192 }),
    }),
  );
  const area = mm.areas.at(0x5000);
  mm.areas.setFlags(area, (mm.areas.flags[area] | VM_DONTEXPAND) >>> 0);
  const { mmapLocks } = mm.memory.work;
  expect([mm.name(0x5001, 0, "n").ok, mm.memory.work.mmapLocks]).toEqual([true, mmapLocks]);
  expect(mm.name(0x5001, 1, "n")).toMatchObject({
    reason: { id: "prctl/name-special", compared: { address: "0x5001000" } },
  });
  must(mm.name(0x5000, 2, "n"));
});

test("a name asks of what kind that is which exec mapped", () => {
  const mm = space("6.18");
  mm.veil.add(0x5000, 0x5004);
  const asked = noting(mm);
  must(mm.name(0x5000, 4, "n"));
  expect(asked.map(({ id }) => id)).toEqual(["mm/unstated-range", "mm/unstated-area-kind"]);
});
