import { MAP, must, type AdviceName } from "@kadvise/uapi";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "./addressSpace.ts";
import { VM_SEALED } from "./flags.ts";
import { violations } from "./testing/invariants.ts";
import { file, machine } from "./testing/world.ts";

const B = 0x1_0000;
const FIXED = MAP.MAP_FIXED | MAP.MAP_ANONYMOUS;
const FLAGS: Readonly<Record<string, number>> = {
  shared: FIXED | MAP.MAP_SHARED,
  "private-file": MAP.MAP_FIXED | MAP.MAP_PRIVATE,
  "shared-file": MAP.MAP_FIXED | MAP.MAP_SHARED,
  hugetlb: FIXED | MAP.MAP_PRIVATE | MAP.MAP_HUGETLB | MAP.MAP_NORESERVE,
  droppable: FIXED | MAP.MAP_DROPPABLE,
};

/** An area of a kind as adviceTable.c lays it: page 0 written, page 1 read. */
function lay(kind: string, release: string): AddressSpace {
  const mm = new AddressSpace({ memory: machine(release, { swap: false }) });
  const flags = FLAGS[kind] ?? FIXED | MAP.MAP_PRIVATE;
  const backing = kind.endsWith("file") ? file(4) : null;
  const pages = kind === "hugetlb" ? 512 : 4;
  if (backing !== null) {
    const writer = new AddressSpace({ memory: mm.memory });
    must(writer.map({ at: B, pages, prot: "rw", flags: MAP.MAP_SHARED, backing }));
    for (let page = B; page < B + 4; page++) must(writer.touch(page));
    writer.tearDown();
  }
  must(mm.map({ at: B, pages, prot: "rw", flags, backing }));
  if (kind !== "hugetlb") {
    must(mm.touch(B));
    must(mm.touch(B + 1, "read"));
  }
  if (kind.endsWith("read-only")) must(mm.protect(B, 4, "r"));
  if (kind === "none") must(mm.protect(B, 4, "none"));
  if (kind === "locked") must(mm.lock(B, 4));
  if (kind === "hole") must(mm.unmap(B + 2, 1));
  if (kind.startsWith("sealed")) {
    const area = mm.areas.at(B);
    mm.areas.setFlags(area, mm.areas.flags[area] | VM_SEALED);
  }
  return mm;
}

/** The answer, and what mincore says of the pages then, as adviceTable.c prints them. */
function answer(mm: AddressSpace, kind: string, advice: string): string {
  const pages = kind === "hugetlb" ? 512 : 4;
  const result = mm.advise(B, pages, `MADV_${advice}` as AdviceName);
  const code = result.ok ? "0" : result.code;
  if (kind === "hugetlb" || kind === "hole") return code;
  return `${code}/${must(mm.residency(B, 4)).join("")}`;
}

const [head, ...rows] = readFileSync(
  new URL("testing/recordings/advice-6.18.txt", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => line.split(" "));
const cases = rows.flatMap(([advice, ...answers]) =>
  head.slice(1).map((kind, i) => [advice, kind, answers[i]] as const),
);

describe("each advice on each kind of area answers as 6.18.44 did", () => {
  test.each(cases)("%s on %s memory: %s", (advice, kind, expected) => {
    const mm = lay(kind, "6.18");
    expect(answer(mm, kind, advice)).toBe(expected);
    expect(violations(mm.memory)).toEqual([]);
  });
});

test("the recording has every advice that 6.18 knows and that is safe to give", () => {
  const known = machine("6.18").features.advice.filter(
    (name) => name !== "MADV_HWPOISON" && name !== "MADV_SOFT_OFFLINE",
  );
  expect(rows.map(([advice]) => `MADV_${advice}`).sort()).toEqual([...known].sort());
  expect(cases).toHaveLength(300);
});
