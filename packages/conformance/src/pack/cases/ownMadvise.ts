import { caseGroup, type PackCase } from "../packCase.ts";
import { bytes, mapped, page, written } from "./stage.ts";

const TOUCHED = written("app", 8);

function madvise(address: string, length: string, advice: string): string {
  return `app  madvise(${address}, ${length}, ${advice})`;
}

function on(from: number, to: number, advice: string): string {
  return madvise(page(from), bytes(to - from), advice);
}

/** What a byte of each page is. */
function look(...indexes: readonly number[]): string {
  return indexes.map((index) => `app  load(${page(index)}, 1)`).join("\n");
}

const EDGES: readonly PackCase[] = caseGroup("madvise", [
  ["empty", "an empty range", `${TOUCHED}\n${madvise("$heap", "0", "MADV_COLD")}`],
  ["empty-hole", "an empty range in a hole", madvise("0x21000000", "0", "MADV_COLD")],
  [
    "empty-unaligned",
    "an empty range that begins within a page",
    madvise("0x21000001", "0", "MADV_COLD"),
  ],
  [
    "empty-unknown",
    "an empty range, and advice that there is not",
    madvise("0x21000000", "0", "9999"),
  ],
  ["unknown", "advice that there is not", `${TOUCHED}\n${on(0, 1, "9999")}`],
  [
    "unknown-and-unaligned",
    "advice that there is not, within a page",
    `${TOUCHED}\n${madvise("$heap + 1", "4096", "9999")}`,
  ],
  ["unknown-in-hole", "advice that there is not, in a hole", madvise("0x21000000", "4096", "9999")],
  [
    "unaligned",
    "a range that begins within a page",
    `${TOUCHED}\n${madvise("$heap + 1", "4096", "MADV_COLD")}`,
  ],
  [
    "unaligned-length",
    "a range that ends within a page",
    `${TOUCHED}\n${madvise("$heap", "1", "MADV_DONTNEED")}\n${look(0, 1)}`,
  ],
  ["hole", "a hole", madvise("0x21000000", "4096", "MADV_COLD")],
  ["null", "a range at NULL", madvise("0", "4096", "MADV_COLD")],
  ["length-minus-one", "a length of -1", `${TOUCHED}\n${madvise("$heap", "-1", "MADV_COLD")}`],
  [
    "length-minus-page",
    "a length of -4096",
    `${TOUCHED}\n${madvise("$heap", "-4096", "MADV_COLD")}`,
  ],
  [
    "length-2-to-the-62",
    "a length of 2^62, from where user addresses end",
    madvise("0x7ffffffff000", "0x4000000000000000", "MADV_COLD"),
  ],
  ["kernel", "a kernel address", madvise("0xffff800000000000", "4096", "MADV_COLD")],
  [
    "last-page",
    "the last page of the address space",
    madvise("0xfffffffffffff000", "4096", "MADV_COLD"),
  ],
  ["last-but-one-page", "the page before it", madvise("0xffffffffffffe000", "4096", "MADV_COLD")],
  ["wraps", "a range that wraps around", madvise("0xfffffffffffff000", "8192", "MADV_COLD")],
  [
    "above-32-bits",
    "advice with upper bits set in its register",
    `${TOUCHED}\n${on(0, 1, "0x100000014")}`,
  ],
  [
    "hole-inside",
    "a range with a hole inside: both sides are advised",
    `${TOUCHED}
    app  munmap(${page(3)}, 4096)
    ${on(0, 8, "MADV_DONTNEED")}
    ${look(0, 7)}`,
  ],
  [
    "hole-before-locked",
    "a hole, and a locked page behind it",
    `${TOUCHED}
    app  munmap(${page(3)}, 4096)
    app  mlock(${page(5)}, 4096)
    ${on(0, 8, "MADV_DONTNEED")}
    ${look(0, 4, 5, 7)}`,
  ],
]);

const PAGES: readonly PackCase[] = caseGroup("madvise-pages", [
  [
    "dontneed",
    "MADV_DONTNEED leaves zeros",
    `${TOUCHED}\n${on(2, 4, "MADV_DONTNEED")}\n${look(1, 2, 3, 4)}`,
  ],
  [
    "dontneed-locked-page",
    "MADV_DONTNEED on a locked page",
    `${TOUCHED}
    app  mlock(${page(2)}, 4096)
    ${on(2, 3, "MADV_DONTNEED")}
    ${look(2)}`,
  ],
  [
    "dontneed-locked",
    "MADV_DONTNEED_LOCKED on a locked page",
    `${TOUCHED}
    app  mlock(${page(2)}, 4096)
    ${on(2, 3, "MADV_DONTNEED_LOCKED")}
    ${look(2)}`,
  ],
  [
    "dontneed-locked-unlocked",
    "MADV_DONTNEED_LOCKED on pages that are not locked",
    `${TOUCHED}\n${on(2, 3, "MADV_DONTNEED_LOCKED")}\n${look(2)}`,
  ],
  [
    "dontneed-shared",
    "MADV_DONTNEED on shared memory keeps what it holds",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    app  touch($heap, ${bytes(8)})
    ${on(2, 3, "MADV_DONTNEED")}
    ${look(2)}`,
  ],
  [
    "dontneed-no-access",
    "MADV_DONTNEED on memory that cannot be read",
    `${TOUCHED}
    app  mprotect($heap, ${bytes(8)}, PROT_NONE)
    ${on(2, 3, "MADV_DONTNEED")}
    app  mprotect($heap, ${bytes(8)}, PROT_READ)
    ${look(1, 2)}`,
  ],
  [
    "free-shared",
    "MADV_FREE on shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    ${on(2, 3, "MADV_FREE")}`,
  ],
  [
    "free-then-write",
    "what is written behind MADV_FREE stays",
    `${TOUCHED}
    ${on(2, 3, "MADV_FREE")}
    app  store(${page(2)}, "kept")
    app  load(${page(2)}, 4)`,
  ],
  [
    "free-locked",
    "MADV_FREE on a locked page",
    `${TOUCHED}
    app  mlock(${page(2)}, 4096)
    ${on(2, 3, "MADV_FREE")}`,
  ],
  [
    "cold-locked",
    "MADV_COLD on a locked page",
    `${TOUCHED}
    app  mlock(${page(2)}, 4096)
    ${on(2, 3, "MADV_COLD")}`,
  ],
  [
    "cold-keeps",
    "MADV_COLD and MADV_PAGEOUT keep what pages hold",
    `${TOUCHED}
    app  store(${page(2)}, "kept")
    ${on(2, 3, "MADV_COLD")}
    ${on(2, 3, "MADV_PAGEOUT")}
    app  load(${page(2)}, 4)`,
  ],
  [
    "pageout-read-only",
    "MADV_PAGEOUT on read-only memory",
    `${TOUCHED}
    app  mprotect($heap, ${bytes(8)}, PROT_READ)
    ${on(2, 3, "MADV_PAGEOUT")}
    ${look(2)}`,
  ],
  [
    "willneed",
    "MADV_WILLNEED on memory without a file",
    `${TOUCHED}\n${on(0, 8, "MADV_WILLNEED")}`,
  ],
  ["remove-private", "MADV_REMOVE on private memory", `${TOUCHED}\n${on(2, 3, "MADV_REMOVE")}`],
  [
    "remove-shared",
    "MADV_REMOVE on shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    app  touch($heap, ${bytes(8)})
    ${on(2, 3, "MADV_REMOVE")}
    ${look(1, 2)}`,
  ],
  [
    "remove-shared-read-only",
    "MADV_REMOVE on shared memory that was made read-only",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    app  touch($heap, ${bytes(8)})
    app  mprotect($heap, ${bytes(8)}, PROT_READ)
    ${on(2, 3, "MADV_REMOVE")}
    ${look(2)}`,
  ],
  [
    "remove-locked",
    "MADV_REMOVE on locked shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    app  mlock($heap, ${bytes(8)})
    ${on(2, 3, "MADV_REMOVE")}`,
  ],
  [
    "wipeonfork-shared",
    "MADV_WIPEONFORK on shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    ${on(2, 3, "MADV_WIPEONFORK")}`,
  ],
  [
    "keeponfork-shared",
    "MADV_KEEPONFORK on shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    ${on(2, 3, "MADV_KEEPONFORK")}`,
  ],
  [
    "mergeable-shared",
    "MADV_MERGEABLE on shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    ${on(2, 3, "MADV_MERGEABLE")}
    app  maps($heap, ${bytes(8)})`,
  ],
  [
    "hugepage-shared",
    "MADV_HUGEPAGE on shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}
    ${on(2, 3, "MADV_HUGEPAGE")}
    app  maps($heap, ${bytes(8)})`,
  ],
]);

/** madvise(2) itself: its edges, and what advice leaves of pages. */
export const MADVISE_CASES: readonly PackCase[] = [...EDGES, ...PAGES];
