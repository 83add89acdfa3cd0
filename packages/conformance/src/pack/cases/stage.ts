/** Where the cases map what they advise: below 4 GiB, and above any program's own heap. */
export const HEAP = 0x2000_0000;

/** One range of a vector: base and length as a scenario writes them. */
export type Range = readonly [base: string, length: string];

/** A vector as strace prints it. */
export function vector(...ranges: readonly Range[]): string {
  const items = ranges.map(([base, length]) => `{iov_base=${base}, iov_len=${length}}`);
  return `[${items.join(", ")}]`;
}

/** The pages of the heap from one to another, as a range. */
export function pages(from: number, to: number): Range {
  return [page(from), bytes(to - from)];
}

/** The address of a page of the heap. */
export function page(index: number): string {
  return index === 0 ? "$heap" : `$heap + ${bytes(index)}`;
}

/** A length in pages. */
export function bytes(count: number): string {
  return count === 1 ? "4096" : `${count}*4096`;
}

/** A process maps pages of its own at {@link HEAP}. */
export function mapped(
  process: string,
  count: number,
  protection = "PROT_READ|PROT_WRITE",
  kind = "MAP_PRIVATE|MAP_ANONYMOUS",
): string {
  const at = `0x${HEAP.toString(16)}`;
  return `${process}  mmap(${at}, ${bytes(count)}, ${protection}, ${kind}|MAP_FIXED_NOREPLACE, -1, 0) = $heap`;
}

/** Maps pages and writes to each. */
export function written(process: string, count: number): string {
  return `${mapped(process, count)}\n${process}  touch($heap, ${bytes(count)})`;
}

/** How process_madvise is called; what is left out is in order. */
export interface Advised {
  readonly pidfd?: string;
  readonly vector?: string;
  readonly vlen?: string;
  readonly advice?: string;
  readonly flags?: string;
}

/** A call of process_madvise: MADV_COLD on the heap's first page unless told otherwise. */
export function advise(process: string, call: Advised = {}): string {
  const { pidfd = "$fd", vlen = "1", advice = "MADV_COLD", flags = "0" } = call;
  const ranges = call.vector ?? vector(pages(0, 1));
  return `${process}  process_madvise(${pidfd}, ${ranges}, ${vlen}, ${advice}, ${flags})`;
}

/** A process that advises itself: eight pages, and a pidfd of its own. */
export const SELF: string = `${written("app", 8)}\napp  pidfd_open($app, 0) = $fd`;

/** A root process that advises another: eight pages there, and a pidfd here. */
export const OTHER: string = `${written("app", 8)}\nmanager  pidfd_open($app, 0) = $fd`;
