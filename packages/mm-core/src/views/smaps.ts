import type { AddressSpace } from "../addressSpace.ts";
import { VM_HUGETLB } from "../flags.ts";
import { mapsLine } from "../maps.ts";
import { hugePagesOf } from "../hugetlb/hugeSize.ts";
import { areaPages } from "./areaPages.ts";
import { flagCodes } from "./flagCodes.ts";
import { isHugeEligible } from "./hugeEligible.ts";

/**
 * Where a number ends, unless it is longer than its place. Linux: fs/proc/task_mmu.c SEQ_PUT_DEC,
 * width 8
 */
const NUMBER_COLUMN = 24;
const NUMBER_WIDTH = 8;
/** 4096ths of a byte in a kilobyte. */
const PARTS_OF_KILOBYTE = 4096 * 1024;

/**
 * Which lines of an area are written: all; all but LazyFree (pages that were given up wait in a
 * batch of their CPU until it is full, or anything drains it); neither that nor Referenced
 * (multi-gen LRU marks use otherwise); or only what the mapping itself says, its size and flags,
 * where nobody knows which pages are there.
 */
export type SmapsLines = "all" | "referenced" | "settled" | "mapping";

/** /proc/PID/smaps, in the kernel's own format. Linux: fs/proc/task_mmu.c show_smap */
export function smapsText(
  mm: AddressSpace,
  linesOf: (area: number) => SmapsLines = () => "all",
): string {
  let text = "";
  for (const area of mm.areas) text += smapsEntry(mm, area, linesOf(area));
  return text;
}

/** One area of smaps. */
export function smapsEntry(mm: AddressSpace, area: number, lines: SmapsLines = "all"): string {
  const { areas, memory } = mm;
  const { features, settings, pageBytes } = memory;
  const flags = areas.flags[area];
  const pageKilobytes = pageBytes / 1024;
  const kernelPage = (flags & VM_HUGETLB) === 0 ? 1 : hugePagesOf(mm, area);
  const eligible = isHugeEligible(mm, area) ? 1 : 0;
  return (
    `${mapsLine(mm, area)}\n` +
    line("Size:", (areas.end[area] - areas.start[area]) * pageKilobytes) +
    line("KernelPageSize:", kernelPage * pageKilobytes) +
    line("MMUPageSize:", kernelPage * pageKilobytes) +
    (lines === "mapping" ? "" : pageLines(mm, area, lines)) +
    (features.smapsPadsThp
      ? `THPeligible:    ${String(eligible).padStart(8)}\n`
      : `THPeligible:    ${eligible}\n`) +
    (settings.values.protectionKeys
      ? `ProtectionKey:  ${String(areas.keyOf(area)).padStart(8)}\n`
      : "") +
    `VmFlags: ${flagCodes(flags, features)}\n`
  );
}

function pageLines(mm: AddressSpace, area: number, lines: SmapsLines): string {
  const { features, pageBytes } = mm.memory;
  const counts = areaPages(mm, area);
  const pages = (name: string, count: number): string => line(name, (count * pageBytes) / 1024);
  const share = (name: string, parts: number): string =>
    line(name, Math.floor(parts / PARTS_OF_KILOBYTE));
  return (
    pages("Rss:", counts.resident) +
    share("Pss:", counts.share) +
    (features.smapsPssDirty ? share("Pss_Dirty:", counts.dirtyShare) : "") +
    pages("Shared_Clean:", counts.sharedClean) +
    pages("Shared_Dirty:", counts.sharedDirty) +
    pages("Private_Clean:", counts.privateClean) +
    pages("Private_Dirty:", counts.privateDirty) +
    (lines === "settled" ? "" : pages("Referenced:", counts.referenced)) +
    pages("Anonymous:", counts.anonymous) +
    (features.smapsKsm ? pages("KSM:", counts.merged) : "") +
    (lines === "all" ? pages("LazyFree:", counts.lazyFree) : "") +
    pages("AnonHugePages:", counts.huge) +
    NO_OTHER_HUGE_PAGES +
    pages("Shared_Hugetlb:", counts.sharedHugetlb) +
    pages("Private_Hugetlb:", counts.privateHugetlb) +
    pages("Swap:", counts.swap) +
    share("SwapPss:", counts.swapShare) +
    share("Locked:", counts.lockedShare)
  );
}

function line(name: string, kilobytes: number): string {
  const beginning = name.padEnd(NUMBER_COLUMN - NUMBER_WIDTH);
  return `${beginning}${String(kilobytes).padStart(NUMBER_WIDTH)} kB\n`;
}

const NO_OTHER_HUGE_PAGES: string = ["ShmemPmdMapped:", "FilePmdMapped:"]
  .map((name) => line(name, 0))
  .join("");
