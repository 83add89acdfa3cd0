import { must, type Process } from "@kadvise/kernel";

/** Memory that advice is tried on. */
export interface AdvisedArea {
  readonly name: string;
  /**
   * Maps it in a process, with pages in it; returns the range to advise, or nothing where the
   * kernel has no such memory.
   */
  make(process: Process): { readonly base: bigint; readonly length: number } | undefined;
}

/** Aligned to a huge page of any page size, and below what a 32-bit program may map. */
export const ADDRESS = 0x4000_0000n;

function area(name: string, flags: string, lengthOf: (pageBytes: number) => number): AdvisedArea {
  return {
    name,
    make(process) {
      const { pageBytes } = process.kernel.machine.memory;
      const length = lengthOf(pageBytes);
      const base = must(
        process.mmap({
          address: ADDRESS,
          length,
          flags: `${flags}|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE`,
        }),
      );
      must(process.touch(base, pageBytes));
      return { base, length };
    },
  };
}

const PRIVATE = "MAP_PRIVATE";

/** The entries of one page table: so many pages are a huge page. */
export function hugePageBytes(pageBytes: number): number {
  return (pageBytes / 8) * pageBytes;
}

/** What advice is tried on, the most usual first: most takes any, COLLAPSE and REMOVE do not. */
export const ADVISED_AREAS: readonly AdvisedArea[] = [
  area("private anonymous memory", PRIVATE, (pageBytes) => pageBytes),
  area("a whole huge page of private anonymous memory", PRIVATE, hugePageBytes),
  area("shared anonymous memory", "MAP_SHARED", (pageBytes) => pageBytes),
];
