import { adviseRange, type AddressSpace } from "@kadvise/mm-core";
import { MADV, Reasons, type Refusal } from "@kadvise/uapi";
import type { Machine } from "../machine.ts";
import type { Task } from "../task.ts";
import { addressPages } from "../registers.ts";

const entries = {
  "madvise/unknown-advice": {
    errno: "EINVAL",
    text: "this kernel, or its configuration, knows no such advice",
    passes: "the advice is one that this kernel knows",
    linux: "mm/madvise.c madvise_behavior_valid",
    since: "2.6",
    remedy: "use an advice that the release has; values must not be ORed together",
    compares: ["advice"],
  },
  "madvise/unaligned-start": {
    errno: "EINVAL",
    text: "the start address is not page-aligned",
    passes: "the start address is page-aligned",
    linux: "mm/madvise.c is_valid_madvise",
    since: "2.6",
    remedy: "round the start down to a page; the length need not be a multiple",
    compares: ["offset"],
  },
  "madvise/length-wraps": {
    errno: "EINVAL",
    text: "the length rounds up to zero",
    passes: "the length, rounded up to pages, is still a length",
    linux: "mm/madvise.c is_valid_madvise",
    since: "2.6",
    remedy: "pass a length below 2^64 - 4096",
    compares: ["length"],
  },
  "madvise/range-wraps": {
    errno: "EINVAL",
    text: "the range wraps around the end of the address space",
    passes: "the range ends above its start",
    linux: "mm/madvise.c is_valid_madvise",
    since: "2.6",
    remedy: "pass a range that ends below 2^64",
    compares: ["page", "pages"],
  },
} as const;

/** The reasons of madvise's argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * The core that madvise and process_madvise share: argument checks, then the walk. Linux:
 * mm/madvise.c do_madvise
 *
 * There is no test against the user limit: an address up there has no area, which is ENOMEM.
 * Nothing to do is a success, also in a hole.
 *
 * @param page start, as a page index, and `offset`, the bytes by which it misses the page
 * @param pages the length, a rest counting as a page; up to 2^52
 */
export function adviseBytes(
  caller: Task,
  mm: AddressSpace,
  page: number,
  offset: number,
  pages: number,
  advice: number,
): Refusal | undefined {
  const { machine } = caller;
  const { checks } = machine.ports;
  if (!isKnownAdvice(machine, advice))
    return reasons.refuse(checks, "madvise/unknown-advice", advice);
  reasons.passed(checks, "madvise/unknown-advice", advice);
  if (offset !== 0) return reasons.refuse(checks, "madvise/unaligned-start", offset);
  reasons.passed(checks, "madvise/unaligned-start", offset);
  const wrap = addressPages(machine.memory.pageShift);
  if (pages >= wrap)
    return reasons.refuse(checks, "madvise/length-wraps", `0x${pages.toString(16)} pages`);
  if (pages > 0 && page + pages >= wrap)
    return reasons.refuse(checks, "madvise/range-wraps", hex(page), hex(pages));
  reasons.passed(checks, "madvise/range-wraps", "", "");
  if (pages === 0) return undefined;
  return adviseRange(mm, page, page + pages, advice, caller.actor);
}

/**
 * Whether madvise knows an advice at all: release and configuration. Linux: madvise_behavior_valid
 */
export function isKnownAdvice(machine: Machine, advice: number): boolean {
  if (advice < 0 || machine.memory.knownAdvice[advice] !== 1) return false;
  const { settings } = machine.memory;
  switch (advice) {
    case MADV.MADV_MERGEABLE:
    case MADV.MADV_UNMERGEABLE:
      return settings.get("ksm");
    case MADV.MADV_HUGEPAGE:
    case MADV.MADV_NOHUGEPAGE:
    case MADV.MADV_COLLAPSE:
      return settings.get("thp");
    case MADV.MADV_HWPOISON:
    case MADV.MADV_SOFT_OFFLINE:
      return settings.get("memoryFailure");
    default:
      return true;
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
