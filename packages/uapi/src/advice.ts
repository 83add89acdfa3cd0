/**
 * `MADV_*` numbers of the generic ABI.
 *
 * Linux: include/uapi/asm-generic/mman-common.h. A number that a release does not know yet is the
 * profile's matter; here stands only what each number means.
 */
export const MADV = {
  MADV_NORMAL: 0,
  MADV_RANDOM: 1,
  MADV_SEQUENTIAL: 2,
  MADV_WILLNEED: 3,
  MADV_DONTNEED: 4,
  MADV_FREE: 8,
  MADV_REMOVE: 9,
  MADV_DONTFORK: 10,
  MADV_DOFORK: 11,
  MADV_MERGEABLE: 12,
  MADV_UNMERGEABLE: 13,
  MADV_HUGEPAGE: 14,
  MADV_NOHUGEPAGE: 15,
  MADV_DONTDUMP: 16,
  MADV_DODUMP: 17,
  MADV_WIPEONFORK: 18,
  MADV_KEEPONFORK: 19,
  MADV_COLD: 20,
  MADV_PAGEOUT: 21,
  MADV_POPULATE_READ: 22,
  MADV_POPULATE_WRITE: 23,
  MADV_DONTNEED_LOCKED: 24,
  MADV_COLLAPSE: 25,
  MADV_HWPOISON: 100,
  MADV_SOFT_OFFLINE: 101,
  MADV_GUARD_INSTALL: 102,
  MADV_GUARD_REMOVE: 103,
} as const;

/** The name of an advice. */
export type AdviceName = keyof typeof MADV;

const NAMES: ReadonlyMap<number, AdviceName> = new Map(
  Object.entries(MADV).map(([name, number]) => [number, name as AdviceName]),
);

/**
 * The name of an advice number of the generic ABI, or `undefined` for a number that no release ever
 * gave a meaning.
 */
export function adviceName(number: number): AdviceName | undefined {
  return NAMES.get(number);
}

/**
 * Where an architecture's advice numbers differ from the generic ones.
 *
 * Linux: arch/alpha/include/uapi/asm/mman.h, arch/parisc/include/uapi/asm/mman.h (parisc moved to
 * the generic numbers for most advice in 5.18; the old ones stay accepted there by its own
 * wrapper).
 */
export const MADV_BY_ARCHITECTURE: {
  readonly [architecture in "alpha" | "parisc"]: { readonly [name in AdviceName]?: number };
} = {
  alpha: { MADV_DONTNEED: 6 },
  parisc: {
    MADV_MERGEABLE: 65,
    MADV_UNMERGEABLE: 66,
    MADV_HUGEPAGE: 67,
    MADV_NOHUGEPAGE: 68,
    MADV_DONTDUMP: 69,
    MADV_DODUMP: 70,
    MADV_WIPEONFORK: 71,
    MADV_KEEPONFORK: 72,
  },
};
