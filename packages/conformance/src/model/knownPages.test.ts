import { AddressSpace, Memory, PAGEMAP_ENTRY_BYTES } from "@kadvise/mm-core";
import { profile, USUAL_SETTINGS, type Settings } from "@kadvise/releases";
import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { readRecording } from "./testing/recording.ts";
import { KnownPages } from "./knownPages.ts";

const { facts } = readRecording("6.12");
const known = new KnownPages(facts.start.areas);
/** An aligned huge page and more. */
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

/** Which of some pages' entries are marked as unknown. */
function unknown(mm: AddressSpace, start: number, count: number): string {
  const view = new DataView(known.pagemap(mm, start, count).buffer);
  return Array.from({ length: count }, (_, i) =>
    view.getUint32(i * PAGEMAP_ENTRY_BYTES, true) === 0 ? "." : "?",
  ).join("");
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

test("when a page that was given up ceases to be referenced is not known", () => {
  const mm = space();
  must(mm.map({ at: AT, pages: 2, prot: "rw", flags: 0x32 }));
  must(mm.touch(AT));
  must(mm.advise(AT, 1, "MADV_FREE"));
  expect(linesOf(mm, AT)).not.toContain("Referenced");
  expect(linesOf(mm, AT)).toContain("Anonymous");
});

describe("an area that could hold a huge page", () => {
  function withHuge(): AddressSpace {
    const mm = space("6.18", { thpEnabled: "always" });
    must(mm.map({ at: AT, pages: 4, prot: "rw", flags: 0x32 }));
    must(mm.map({ at: AT + HUGE, pages: 2 * HUGE, prot: "rw", flags: 0x32 }));
    return mm;
  }

  test("has unknown pages, its neighbours' are known", () => {
    const mm = withHuge();
    expect(linesOf(mm, AT)).toContain("Rss");
    expect(linesOf(mm, AT + HUGE)).not.toContain("Rss");
    expect(unknown(mm, AT, 4)).toBe("....");
    expect(unknown(mm, AT + HUGE - 2, 4)).toBe("..??");
    expect(unknown(mm, AT + 3 * HUGE - 2, 4)).toBe("??..");
    expect(unknown(mm, AT + 3 * HUGE, 2)).toBe("..");
  });

  test("leaves open how much of the process is resident, until it is gone", () => {
    const mm = withHuge();
    expect(statusNames(mm)).not.toContain("RssAnon");
    must(mm.unmap(AT + HUGE, 2 * HUGE));
    expect(statusNames(mm)).toContain("RssAnon");
  });
});

test("counters that Linux reads late are open, and what the agent shares with others always", () => {
  const always = ["VmSize", "VmLck", "VmPin", "VmData", "VmStk", "VmExe", "VmLib", "HugetlbPages"];
  const late = ["RssAnon", "VmSwap"];
  for (const release of ["5.10", "6.1", "6.14"])
    expect(statusNames(space(release)).toSorted()).toEqual(always.toSorted());
  for (const release of ["6.12", "6.16", "7.3"])
    expect(statusNames(space(release)).toSorted()).toEqual([...always, ...late].toSorted());
});
