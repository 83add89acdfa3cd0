const PAGE_BYTES = 4096;
const SIGNATURE = "SWAPSPACE2";

/**
 * The first page of a swap area, as mkswap writes it.
 *
 * Linux: include/linux/swap.h union swap_header
 */
export function swapHeader(areaBytes: number): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES);
  const view = new DataView(page.buffer);
  const [version, lastPage, badPages] = [1, areaBytes / PAGE_BYTES - 1, 0];
  for (const [i, word] of [version, lastPage, badPages].entries()) {
    view.setUint32(1024 + i * 4, word, true);
  }
  for (let i = 0; i < SIGNATURE.length; i++) {
    page[PAGE_BYTES - SIGNATURE.length + i] = SIGNATURE.charCodeAt(i);
  }
  return page;
}
