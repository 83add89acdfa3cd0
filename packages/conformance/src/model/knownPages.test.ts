import { AddressSpace, Memory } from "@kadvise/mm-core";
import { profile, USUAL_SETTINGS, type Settings } from "@kadvise/releases";
import { must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { readRecording } from "./testing/recording.ts";
import { KnownPages } from "./knownPages.ts";

const { facts } = readRecording("6.12");
const known = new KnownPages(facts.start.areas);
/** Pages of a huge page. */
const HUGE = 512;
const AT = 0x2_0000;

function space(release = "6.18", settings: Partial<Settings> = {}): AddressSpace {
  const features = profile(release).mm;
  return new AddressSpace({
    memory: new Memory({ features, settings: { ...USUAL_SETTINGS, ...settings } }),
  });
}

/** Names of the lines of the area that holds a page. */
function linesOf(mm: AddressSpace, page: number): string[] {
  const start = (page * 4096).toString(16).padStart(8, "0");
  const entry = new RegExp(`^${start}-[^]*?VmFlags.*$`, "m").exec(known.smaps(mm))?.[0] ?? "";
  return [...entry.matchAll(/^(\w+):/gm)].map(([, name = ""]) => name);
}

function statusNames(mm: AddressSpace): string[] {
  return [...known.status(mm).matchAll(/^(\w+):/gm)].map(([, name = ""]) => name);
}

test("of the agent's own areas only size and flags are known", () => {
  const mm = space();
  const page = facts.start.areas[0].start / 4096;
  must(mm.map({ at: page, pages: 2, prot: "r", flags: 0x32 }));
  must(mm.map({ at: AT, pages: 2, prot: "rw", flags: 0x32 }));
  expect(linesOf(mm, page)).toEqual([
    "Size",
    "KernelPageSize",
    "MMUPageSize",
    "THPeligible",
    "ProtectionKey",
    "VmFlags",
  ]);
  expect(linesOf(mm, AT)).toContain("Private_Dirty");
  expect(linesOf(mm, AT)).toContain("Referenced");
  expect(linesOf(mm, AT)).not.toContain("LazyFree");
});

test("also where they were moved to", () => {
  const mm = space();
  const page = facts.start.areas[0].start / 4096;
  must(mm.map({ at: page, pages: 1, prot: "rw", flags: 0x32 }));
  must(mm.touch(page));
  must(mm.remap({ page, oldPages: 1, newPages: 1, flags: 3, target: AT }));
  expect(linesOf(mm, AT)).not.toContain("Pss");
});

test("when a page that was given up ceases to be referenced is not known", () => {
  const mm = space();
  must(mm.map({ at: AT, pages: 2, prot: "rw", flags: 0x32 }));
  must(mm.touch(AT));
  must(mm.advise(AT, 1, "MADV_FREE"));
  expect(linesOf(mm, AT)).not.toContain("Referenced");
  expect(linesOf(mm, AT)).toContain("Anonymous");
});

test.each([
  ["was cooled", true, [], true],
  ["was cooled, and the kernel used since", true, ["MADV_POPULATE_READ"], false],
  ["was cooled and used so without generations", false, ["MADV_POPULATE_READ"], true],
] as const)(
  "whether a page that %s is referenced (multi-gen LRU: %s)",
  (_, multiGenLru, then, is) => {
    const mm = space("6.12", { multiGenLru });
    must(mm.map({ at: AT, pages: 2, prot: "rw", flags: 0x32 }));
    must(mm.touch(AT));
    for (const advice of ["MADV_COLD", ...then] as const) must(mm.advise(AT, 1, advice));
    expect(linesOf(mm, AT).includes("Referenced")).toBe(is);
    // A use that the entry tells of is no matter of lists.
    must(mm.touch(AT));
    expect(linesOf(mm, AT)).toContain("Referenced");
  },
);

/** How pages come that the kernel uses itself. */
const BRINGS = {
  mlock: (mm: AddressSpace) => mm.lock(AT, 2),
  MADV_POPULATE_WRITE: (mm: AddressSpace) => mm.advise(AT, 2, "MADV_POPULATE_WRITE"),
} as const;

test.each([
  ["mlock", true, false],
  ["mlock", false, true],
  ["MADV_POPULATE_WRITE", true, false],
  ["MADV_POPULATE_WRITE", false, true],
] as const)(
  "whether what %s brought is referenced in a child (multi-gen LRU: %s)",
  (call, multiGenLru, is) => {
    const mm = space("6.12", { multiGenLru });
    must(mm.map({ at: AT, pages: 2, prot: "rw", flags: 0x32 }));
    must(BRINGS[call](mm));
    expect(linesOf(mm, AT)).toContain("Referenced");
    expect(linesOf(mm.fork(), AT).includes("Referenced")).toBe(is);
  },
);

test.each([
  ["DAMON watches", true, false],
  ["multi-gen LRU ages", false, true],
])("where %s, nobody knows what is referenced beside a huge page", (_, isWatched, multiGenLru) => {
  const mm = space("6.18", { thpEnabled: "always", multiGenLru });
  must(mm.map({ at: AT, pages: HUGE, prot: "rw", flags: 0x32 }));
  const lines = (): string => new KnownPages([], isWatched).smaps(mm);
  must(mm.map({ at: 2 * AT, pages: 1, prot: "rw", flags: 0x32 }));
  must(mm.touch(2 * AT));
  expect(lines()).toContain("Referenced:");
  must(mm.touch(AT));
  expect(lines()).not.toContain("Referenced:");
  expect(new KnownPages([]).smaps(mm).includes("Referenced:")).toBe(!multiGenLru);
});

test("a huge page is shown as a whole", () => {
  const mm = space("6.18", { thpEnabled: "always", swap: false });
  must(mm.map({ at: HUGE, pages: HUGE, prot: "rw", flags: 0x32 }));
  must(mm.touch(HUGE));
  expect(new KnownPages([]).smaps(mm)).toMatch(/^AnonHugePages: +2048 kB$/m);
  expect(new KnownPages([]).status(mm)).toMatch(/^RssAnon:\s+2048 kB$/m);
});

test("counters that Linux reads late are open, and what the agent shares with others always", () => {
  const always = ["VmSize", "VmLck", "VmPin", "VmData", "VmStk", "VmExe", "VmLib", "HugetlbPages"];
  const late = ["RssAnon", "VmSwap"];
  for (const release of ["5.10", "6.1", "6.14"])
    expect(statusNames(space(release)).toSorted()).toEqual(always.toSorted());
  for (const release of ["6.12", "6.16", "7.3"]) {
    const names = (swap: boolean): string[] => statusNames(space(release, { swap })).toSorted();
    expect(names(false)).toEqual([...always, ...late].toSorted());
    // The agent's own stack may be in swap.
    expect(names(true)).toEqual(always.toSorted());
  }
});
