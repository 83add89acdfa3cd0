import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, bytes, page, pages, vector, written } from "./stage.ts";

const MAPS = `app  maps($heap, ${bytes(8)})`;

/** Eight pages, of which some are sealed; read-only before that, if it says so. */
function sealed(from: number, to: number, protection?: string): string {
  const range = `${page(from)}, ${bytes(to - from)}`;
  return [
    written("app", 8),
    ...(protection === undefined ? [] : [`app  mprotect(${range}, ${protection})`]),
    `app  mseal(${range}, 0)`,
  ].join("\n");
}

function dontneed(from: number, to: number): string {
  return `app  madvise(${page(from)}, ${bytes(to - from)}, MADV_DONTNEED)`;
}

/** Sealed areas: what may still be thrown away, and how a vector ends at one. */
export const SEAL_CASES: readonly PackCase[] = caseGroup("seal", [
  [
    "writable",
    "MADV_DONTNEED on sealed memory that can be written",
    `${sealed(2, 4)}\n${dontneed(2, 4)}\napp  load(${page(2)}, 1)`,
  ],
  [
    "read-only",
    "MADV_DONTNEED on sealed read-only memory",
    `${sealed(2, 4, "PROT_READ")}\n${dontneed(2, 4)}\napp  load(${page(2)}, 1)`,
  ],
  [
    "read-only-free",
    "MADV_FREE on sealed read-only memory",
    `${sealed(2, 4, "PROT_READ")}\napp  madvise(${page(2)}, 4096, MADV_FREE)`,
  ],
  [
    "read-only-cold",
    "MADV_COLD on sealed read-only memory",
    `${sealed(2, 4, "PROT_READ")}\napp  madvise(${page(2)}, 4096, MADV_COLD)`,
  ],
  [
    "read-only-guard",
    "a guard in sealed read-only memory",
    `${sealed(2, 4, "PROT_READ")}\napp  madvise(${page(2)}, 4096, MADV_GUARD_INSTALL)`,
  ],
  [
    "over",
    "MADV_DONTNEED over a sealed read-only area: what is before it",
    `${sealed(3, 4, "PROT_READ")}
    ${dontneed(2, 6)}
    app  load(${page(2)}, 1)
    app  load(${page(3)}, 1)
    app  load(${page(4)}, 1)`,
  ],
  [
    "second-of-three",
    "a sealed read-only range between two good ones",
    `${sealed(3, 4, "PROT_READ")}
    app  pidfd_open($app, 0) = $fd
    ${advise("app", { vector: vector(pages(0, 2), pages(3, 4), pages(5, 6)), vlen: "3", advice: "MADV_DONTNEED" })}
    app  load(${page(1)}, 1)
    app  load(${page(5)}, 1)`,
  ],
  [
    "mark",
    "MADV_DONTFORK on part of a sealed area",
    `${sealed(2, 6)}
    app  madvise(${page(3)}, 4096, MADV_DONTFORK)
    ${MAPS}`,
  ],
  [
    "unmap",
    "a sealed area cannot be unmapped",
    `${sealed(2, 4)}\napp  munmap(${page(2)}, 4096)\n${MAPS}`,
  ],
  ["flags", "mseal takes no flags", `${written("app", 8)}\napp  mseal($heap, 4096, 1)`],
  [
    "hole",
    "sealing over a hole",
    `${written("app", 8)}\napp  munmap(${page(3)}, 4096)\napp  mseal($heap, ${bytes(8)}, 0)\n${MAPS}`,
  ],
  [
    "unaligned",
    "sealing from within a page",
    `${written("app", 8)}\napp  mseal($heap + 1, 4096, 0)`,
  ],
]);
