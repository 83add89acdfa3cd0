import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { compatLimit, findPlace, isFree, type PlacementRequest } from "./placement.ts";
import { reasons } from "./reasons.ts";

/**
 * The page at which a mapping without a fixed address goes. Where part of the address space was
 * never stated, the place is Linux' to choose among what is not known to be taken.
 */
export function choosePlace(mm: AddressSpace, request: PlacementRequest): number | Refusal {
  const { checks, choices } = mm.memory.ports;
  const { pages, huge = 1 } = request;
  const limit = request.compat ? compatLimit(mm) : mm.layout.limit;
  if (pages > limit) return reasons.refuse(checks, "mmap/no-room", pages);
  const place = findPlace(mm, request);
  // Areas that nobody stated can only take more of what is free.
  if (place < 0) return reasons.refuse(checks, "mmap/no-room", pages);
  if (!mm.hasUnknown) return place;
  const { pageBytes } = mm.memory;
  return choices.choose<number>({
    id: "mmap/address",
    usual: place,
    allows: (page) =>
      Number.isInteger(page) &&
      page > 0 &&
      page + pages <= limit &&
      isFree(mm, page, pages) &&
      page % huge === 0,
    describe: () =>
      `a page-aligned address below ${hex(limit)}000 with ${pages * pageBytes} free bytes behind it`,
    fromResult: (value) => value / pageBytes,
    isPredicted: mm.hasKnownBase && isKnownBelowBase(mm),
  });
}

/** What lies above, such as a stack that grew, no mapping meets that goes downwards. */
function isKnownBelowBase({ veil, forgotten, layout }: AddressSpace): boolean {
  return veil.isEmpty && forgotten.within(0, layout.base) === undefined;
}

/** No distribution protects more than this, so that nobody need say how much is protected. */
const MOST_MINIMUM = 65536;

/** An address that is asked for and lies below vm.mmap_min_addr. Linux: security/commoncap.c */
export function belowMinimum(mm: AddressSpace, page: number, actor: Actor): Refusal | undefined {
  const { settings, pageBytes, ports } = mm.memory;
  const address = page * pageBytes;
  if (address >= Math.max(MOST_MINIMUM, settings.values.mmapMinAddr)) return undefined;
  const minimum = settings.get("mmapMinAddr");
  if (address >= minimum || actor.capable("CAP_SYS_RAWIO")) return undefined;
  return reasons.refuse(ports.checks, "mmap/below-minimum", hex(address), hex(minimum));
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
