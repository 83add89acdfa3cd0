import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, bytes, page, pages, SELF, vector, written } from "./stage.ts";

const MAPS = `app  maps($heap, ${bytes(8)})`;

function madvise(from: number, to: number, advice: string): string {
  return `app  madvise(${page(from)}, ${bytes(to - from)}, ${advice})`;
}

/** Advice that marks areas, and what takes the mark away. */
const MARKS: readonly (readonly [advice: string, undo: string])[] = [
  ["MADV_RANDOM", "MADV_NORMAL"],
  ["MADV_SEQUENTIAL", "MADV_NORMAL"],
  ["MADV_DONTFORK", "MADV_DOFORK"],
  ["MADV_DONTDUMP", "MADV_DODUMP"],
  ["MADV_WIPEONFORK", "MADV_KEEPONFORK"],
  ["MADV_MERGEABLE", "MADV_UNMERGEABLE"],
  ["MADV_HUGEPAGE", "MADV_NOHUGEPAGE"],
];

/** Advice for pages: areas stay as they are. */
const PLAIN: readonly string[] = [
  ...["MADV_WILLNEED", "MADV_DONTNEED", "MADV_FREE", "MADV_COLD", "MADV_PAGEOUT"],
  ...["MADV_POPULATE_READ", "MADV_POPULATE_WRITE", "MADV_DONTNEED_LOCKED"],
  ...["MADV_GUARD_INSTALL", "MADV_GUARD_REMOVE"],
];

function nameOf(advice: string): string {
  return advice
    .replace(/^MADV_/, "")
    .toLowerCase()
    .replaceAll("_", "-");
}

const MARKED: readonly PackCase[] = caseGroup(
  "split",
  MARKS.flatMap(([advice, undo]): readonly (readonly [string, string, string])[] => [
    [
      `${nameOf(advice)}-middle`,
      `${advice} on pages in the middle, and ${undo}`,
      `${written("app", 8)}
       ${madvise(2, 4, advice)}
       ${MAPS}
       ${madvise(2, 4, undo)}
       ${MAPS}`,
    ],
    [
      `${nameOf(advice)}-ends`,
      `${advice} on the first and the last page, then on all`,
      `${written("app", 8)}
       ${madvise(0, 1, advice)}
       ${madvise(7, 8, advice)}
       ${MAPS}
       ${madvise(0, 8, advice)}
       ${MAPS}`,
    ],
  ]),
);

const UNMARKED: readonly PackCase[] = caseGroup(
  "no-split",
  PLAIN.map((advice) => [
    nameOf(advice),
    `${advice} on pages in the middle leaves the area whole`,
    `${written("app", 8)}
     ${madvise(2, 4, advice)}
     ${MAPS}`,
  ]),
);

const MORE: readonly PackCase[] = caseGroup("split", [
  [
    "adjacent",
    "two adjacent stretches with the same mark are one area",
    `${written("app", 8)}
    ${madvise(2, 3, "MADV_RANDOM")}
    ${madvise(3, 5, "MADV_RANDOM")}
    ${MAPS}`,
  ],
  [
    "same-again",
    "a mark that is there already changes nothing",
    `${written("app", 8)}
    ${madvise(2, 5, "MADV_DONTFORK")}
    ${madvise(3, 4, "MADV_DONTFORK")}
    ${MAPS}`,
  ],
  [
    "two-marks",
    "two marks that overlap",
    `${written("app", 8)}
    ${madvise(1, 5, "MADV_RANDOM")}
    ${madvise(3, 7, "MADV_DONTDUMP")}
    ${MAPS}`,
  ],
  [
    "other-mark",
    "MADV_SEQUENTIAL over MADV_RANDOM",
    `${written("app", 8)}
    ${madvise(1, 7, "MADV_RANDOM")}
    ${madvise(3, 5, "MADV_SEQUENTIAL")}
    ${MAPS}
    ${madvise(0, 8, "MADV_NORMAL")}
    ${MAPS}`,
  ],
  [
    "over-a-hole",
    "a mark over a hole is set on both sides",
    `${written("app", 8)}
    app  munmap(${page(4)}, 4096)
    ${madvise(2, 6, "MADV_DONTFORK")}
    ${MAPS}`,
  ],
  [
    "over-two-areas",
    "a mark over two areas cuts both",
    `${written("app", 8)}
    app  mprotect(${page(4)}, ${bytes(4)}, PROT_READ)
    ${madvise(3, 5, "MADV_DONTDUMP")}
    ${MAPS}`,
  ],
  [
    "untouched",
    "areas that were never touched merge again too",
    `app  mmap(0x20000000, ${bytes(8)}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = $heap
    ${madvise(2, 4, "MADV_DONTFORK")}
    app  touch(${page(2)}, 4096)
    ${madvise(2, 4, "MADV_DOFORK")}
    ${MAPS}`,
  ],
  [
    "touched-apart",
    "parts that were touched after they were cut",
    `app  mmap(0x20000000, ${bytes(8)}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = $heap
    ${madvise(2, 4, "MADV_DONTFORK")}
    app  touch($heap, 4096)
    app  touch(${page(2)}, 4096)
    app  touch(${page(5)}, 4096)
    ${madvise(2, 4, "MADV_DOFORK")}
    ${MAPS}`,
  ],
  [
    "shared",
    "shared memory is cut and merged as private memory is",
    `app  mmap(0x20000000, ${bytes(8)}, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = $heap
    ${madvise(2, 4, "MADV_DONTFORK")}
    ${MAPS}
    ${madvise(2, 4, "MADV_DOFORK")}
    ${MAPS}`,
  ],
  [
    "locked-middle",
    "a page that is locked and unlocked again",
    `${written("app", 8)}
    app  mlock(${page(3)}, 4096)
    ${MAPS}
    app  munlock(${page(3)}, 4096)
    ${MAPS}`,
  ],
  [
    "failed-locked",
    "MADV_DONTNEED that stops at a locked page cuts nothing",
    `${written("app", 8)}
    app  mlock(${page(3)}, 4096)
    ${madvise(1, 6, "MADV_DONTNEED")}
    ${MAPS}`,
  ],
  [
    "read-only-again",
    "a page that was made read-only and writable again",
    `${written("app", 8)}
    app  mprotect(${page(3)}, 4096, PROT_READ)
    ${MAPS}
    app  mprotect(${page(3)}, 4096, PROT_READ|PROT_WRITE)
    ${MAPS}`,
  ],
  [
    "by-vector",
    "marks by a vector",
    `${SELF}
    ${advise("app", { vector: vector(pages(1, 2), pages(3, 4), pages(6, 8)), vlen: "3", advice: "MADV_DONTFORK" })}
    ${MAPS}`,
  ],
  [
    "by-vector-and-back",
    "marks by a vector, taken back by one range",
    `${SELF}
    ${advise("app", { vector: vector(pages(1, 2), pages(3, 4), pages(6, 8)), vlen: "3", advice: "MADV_RANDOM" })}
    ${advise("app", { vector: vector(pages(0, 8)), advice: "MADV_NORMAL" })}
    ${MAPS}`,
  ],
  [
    "by-vector-to-a-hole",
    "marks by a vector that ends at a hole",
    `${SELF}
    ${advise("app", { vector: vector(pages(1, 2), ["0x21000000", "4096"], pages(6, 8)), vlen: "3", advice: "MADV_DONTDUMP" })}
    ${MAPS}`,
  ],
  [
    "remote-cold",
    "advice by another process cuts nothing",
    `${written("app", 8)}
    manager  pidfd_open($app, 0) = $fd
    ${advise("manager", { vector: vector(pages(2, 4)) })}
    ${MAPS}`,
  ],
]);

const FORKED: readonly PackCase[] = caseGroup("fork", [
  [
    "dontfork",
    "a child has no MADV_DONTFORK pages",
    `${written("app", 8)}
    ${madvise(2, 4, "MADV_DONTFORK")}
    app  fork() = $child
    $child  maps($heap, ${bytes(8)})
    $child  load(${page(1)}, 1)
    $child  load(${page(2)}, 1)`,
  ],
  [
    "wipeonfork",
    "a child's MADV_WIPEONFORK pages are zero",
    `${written("app", 8)}
    ${madvise(2, 4, "MADV_WIPEONFORK")}
    app  fork() = $child
    $child  maps($heap, ${bytes(8)})
    $child  load(${page(1)}, 1)
    $child  load(${page(2)}, 1)
    app  load(${page(2)}, 1)`,
  ],
  [
    "wipeonfork-grandchild",
    "and so are its own child's",
    `${written("app", 8)}
    ${madvise(2, 4, "MADV_WIPEONFORK")}
    app  fork() = $child
    $child  touch(${page(2)}, 4096)
    $child  fork() = $grandchild
    $grandchild  load(${page(2)}, 1)`,
  ],
  [
    "keeponfork",
    "MADV_KEEPONFORK takes it back",
    `${written("app", 8)}
    ${madvise(2, 4, "MADV_WIPEONFORK")}
    ${madvise(2, 4, "MADV_KEEPONFORK")}
    app  fork() = $child
    $child  load(${page(2)}, 1)`,
  ],
  [
    "copy-is-advised",
    "advice for a child leaves its parent's pages alone",
    `${SELF}
    app  fork() = $child
    $child  madvise($heap, 4096, MADV_DONTNEED)
    $child  load($heap, 1)
    app  load($heap, 1)`,
  ],
  [
    "dontneed-in-a-child",
    "MADV_DONTNEED in a parent leaves its child's pages alone",
    `${SELF}
    app  fork() = $child
    app  madvise($heap, 4096, MADV_DONTNEED)
    app  load($heap, 1)
    $child  load($heap, 1)`,
  ],
  [
    "guard",
    "a child has its parent's guards",
    `${written("app", 8)}
    ${madvise(2, 4, "MADV_GUARD_INSTALL")}
    app  fork() = $child
    $child  load(${page(1)}, 1)
    $child  load(${page(2)}, 1)`,
  ],
]);

/** How advice cuts areas, and how they become one again. */
export const SPLIT_CASES: readonly PackCase[] = [...MARKED, ...UNMARKED, ...MORE, ...FORKED];
