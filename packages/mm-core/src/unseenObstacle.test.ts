import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_MAYACCESS, VM_READ, VM_UNSTATED, VM_WRITE } from "./flags.ts";
import { noting } from "./testing/noting.ts";
import { file, space } from "./testing/world.ts";

const B = 0x1000;
const SHARED_FIXED = 0x11;

function code(result: { readonly ok: boolean; readonly code?: string }): string {
  return result.ok ? "0" : (result.code ?? "");
}

describe("a file of which nobody told the size", () => {
  function mapped(sizeBytes: number): AddressSpace {
    const mm = space("6.18");
    must(
      mm.map({ at: B, pages: 4, prot: "rw", flags: SHARED_FIXED, backing: file(4, { sizeBytes }) }),
    );
    return mm;
  }

  test("may end before a range: it is asked once for the range", () => {
    for (const ends of [true, false]) {
      const mm = mapped(Number.NaN);
      const asked = noting(mm, { "file/unstated-size": ends });
      expect(code(mm.advise(B, 4, "MADV_POPULATE_READ"))).toBe(ends ? "EFAULT" : "0");
      expect(asked).toMatchObject([{ id: "file/unstated-size", alternatives: [false, true] }]);
      expect(asked[0].describe()).toContain("0x1004000");
    }
    const mm = mapped(Number.NaN);
    noting(mm, { "file/unstated-size": true });
    expect(code(mm.lock(B, 4))).toBe("ENOMEM");
  });

  test("is not asked for pages that are mapped, nor is one whose size is known", () => {
    const mm = mapped(Number.NaN);
    must(mm.advise(B, 2, "MADV_POPULATE_READ"));
    const asked = noting(mm);
    must(mm.advise(B, 2, "MADV_POPULATE_READ"));
    expect(asked).toEqual([]);
    must(mm.advise(B, 3, "MADV_POPULATE_READ"));
    expect(asked).toHaveLength(1);
    const known = mapped(16384);
    const none = noting(known);
    must(known.advise(B, 4, "MADV_POPULATE_READ"));
    expect(none).toEqual([]);
  });
});

test.each([
  ["none", "0", "0"],
  ["fault", "EFAULT", "ENOMEM"],
  ["refused", "EINVAL", "ENOMEM"],
])("memory of unstated kind may not be brought in: %s", (answer, populated, locked) => {
  const flags = VM_UNSTATED | VM_READ | VM_WRITE | VM_MAYACCESS;
  for (const [call, said] of [
    ["advise", populated],
    ["lock", locked],
  ] as const) {
    const mm = space("6.18");
    mm.areas.insert(B, B + 2, flags, B, null);
    const asked = noting(mm, { "populate/unstated": answer });
    const result = call === "lock" ? mm.lock(B, 2) : mm.advise(B, 2, "MADV_POPULATE_READ");
    expect(code(result)).toBe(said);
    expect(asked[0]).toMatchObject({ alternatives: ["none", "fault", "refused"] });
    expect(asked[0].pages).toEqual({ start: B, end: B + 2 });
  }
});

test("mlock cannot bring in a page that is poisoned, if that may be; mlock2 on fault does not try", () => {
  for (const [unseen, poisoned, said] of [
    [true, true, "ENOMEM"],
    [true, false, "0"],
    [false, true, "0"],
  ] as const) {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x32 }));
    mm.touchedUnseen = unseen;
    noting(mm, { "populate/poisoned": poisoned });
    expect(code(mm.lock(B, 2, true))).toBe("0");
    expect(code(mm.lock(B, 2))).toBe(said);
  }
});
