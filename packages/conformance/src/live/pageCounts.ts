import type { ProcReader } from "./procFiles.ts";

/** What pagemap shows of the pages of a range. */
export interface PageCounts {
  readonly pages: number;
  /** In memory; and of them those that no other process maps, and that are no zero pages. */
  readonly present: number;
  readonly alone: number;
  readonly swapped: number;
}

const ENTRY_BYTES = 8;
/** So many entries are read at once, and so many in all. */
const PIECE = 65_536;
const MOST_PAGES = 4_194_304;

/** Bits of the upper half of an entry. Linux: Documentation/admin-guide/mm/pagemap.rst */
const PRESENT = 1 << 31;
const SWAPPED = 1 << 30;
const ALONE = 1 << 24;

/** Counts the pages of a range; undefined where pagemap cannot be read. */
export function pageCounts(
  files: ProcReader,
  pid: number,
  range: { readonly base: number; readonly length: number },
  pageBytes: number,
): PageCounts | undefined {
  const first = Math.floor(range.base / pageBytes);
  const pages = Math.ceil(range.length / pageBytes);
  if (pages > MOST_PAGES) return undefined;
  let [present, alone, swapped] = [0, 0, 0];
  for (let from = 0; from < pages; from += PIECE) {
    const count = Math.min(PIECE, pages - from);
    const bytes = files.bytes(
      `/proc/${pid}/pagemap`,
      (first + from) * ENTRY_BYTES,
      count * ENTRY_BYTES,
    );
    if (bytes === undefined || bytes.length < count * ENTRY_BYTES) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let i = 0; i < count; i++) {
      const high = view.getUint32(i * ENTRY_BYTES + 4, true);
      if ((high & PRESENT) !== 0) {
        present++;
        if ((high & ALONE) !== 0) alone++;
      } else if ((high & SWAPPED) !== 0) swapped++;
    }
  }
  return { pages, present, alone, swapped };
}
