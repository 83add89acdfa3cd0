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

const UNTOUCHED = mapped("app", 8);
const READ_ONLY = mapped("app", 8, "PROT_READ");

const POPULATE: readonly PackCase[] = caseGroup(
  "populate",
  (["READ", "WRITE"] as const).flatMap((kind): readonly (readonly [string, string, string])[] => {
    const advice = `MADV_POPULATE_${kind}`;
    const name = kind.toLowerCase();
    return [
      [name, `${advice} on fresh memory`, `${UNTOUCHED}\n${on(0, 8, advice)}\n${look(3)}`],
      [`${name}-empty`, `${advice} on nothing`, `${UNTOUCHED}\n${on(0, 0, advice)}`],
      [`${name}-hole`, `${advice} on a hole`, madvise("0x21000000", "4096", advice)],
      [
        `${name}-over-hole`,
        `${advice} over a hole`,
        `${UNTOUCHED}\napp  munmap(${page(3)}, 4096)\n${on(0, 8, advice)}`,
      ],
      [`${name}-read-only`, `${advice} on read-only memory`, `${READ_ONLY}\n${on(0, 8, advice)}`],
      [
        `${name}-no-access`,
        `${advice} on memory without access`,
        `${mapped("app", 8, "PROT_NONE")}\n${on(0, 8, advice)}`,
      ],
      [
        `${name}-write-only`,
        `${advice} on write-only memory`,
        `${mapped("app", 8, "PROT_WRITE")}\n${on(0, 8, advice)}`,
      ],
      [
        `${name}-no-access-inside`,
        `${advice} over a page without access`,
        `${UNTOUCHED}\napp  mprotect(${page(3)}, 4096, PROT_NONE)\n${on(0, 8, advice)}`,
      ],
      [
        `${name}-shared`,
        `${advice} on shared memory`,
        `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}\n${on(0, 8, advice)}`,
      ],
      [
        `${name}-locked`,
        `${advice} on locked memory`,
        `${TOUCHED}\napp  mlock($heap, ${bytes(8)})\n${on(0, 8, advice)}`,
      ],
      [
        `${name}-guard`,
        `${advice} over a guard`,
        `${UNTOUCHED}\n${on(3, 4, "MADV_GUARD_INSTALL")}\n${on(0, 8, advice)}`,
      ],
    ];
  }),
);

const GUARDS: readonly PackCase[] = caseGroup("guard", [
  [
    "install",
    "a guard ends who reads it",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\n${look(1, 2, 3, 4)}`,
  ],
  [
    "install-write",
    "a guard ends who writes to it",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\napp  store(${page(2)}, "x")`,
  ],
  [
    "remove",
    "a guard that was removed leaves a zero page",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\n${on(2, 3, "MADV_GUARD_REMOVE")}\n${look(2, 3)}`,
  ],
  [
    "install-twice",
    "a guard where there is one",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\n${on(1, 5, "MADV_GUARD_INSTALL")}\n${look(0, 1, 4, 5)}`,
  ],
  [
    "remove-none",
    "removing guards where there is none keeps what pages hold",
    `${TOUCHED}\n${on(0, 8, "MADV_GUARD_REMOVE")}\n${look(2)}`,
  ],
  [
    "locked",
    "a guard in locked memory",
    `${TOUCHED}\napp  mlock($heap, ${bytes(8)})\n${on(2, 4, "MADV_GUARD_INSTALL")}`,
  ],
  [
    "remove-locked",
    "removing guards from locked memory",
    `${TOUCHED}\napp  mlock($heap, ${bytes(8)})\n${on(2, 4, "MADV_GUARD_REMOVE")}`,
  ],
  [
    "shared",
    "a guard in shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}\n${on(2, 4, "MADV_GUARD_INSTALL")}`,
  ],
  [
    "remove-shared",
    "removing guards from shared memory",
    `${mapped("app", 8, "PROT_READ|PROT_WRITE", "MAP_SHARED|MAP_ANONYMOUS")}\n${on(2, 4, "MADV_GUARD_REMOVE")}`,
  ],
  [
    "read-only",
    "a guard in read-only memory",
    `${READ_ONLY}\n${on(2, 4, "MADV_GUARD_INSTALL")}\n${look(1, 2)}`,
  ],
  [
    "survives-dontneed",
    "a guard outlives MADV_DONTNEED",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\n${on(0, 8, "MADV_DONTNEED")}\n${look(1, 2)}`,
  ],
  [
    "survives-free",
    "a guard outlives MADV_FREE and MADV_COLD",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\n${on(0, 8, "MADV_FREE")}\n${on(0, 8, "MADV_COLD")}\n${look(2)}`,
  ],
  [
    "survives-mprotect",
    "a guard outlives a change of protection",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\napp  mprotect($heap, ${bytes(8)}, PROT_READ)\n${look(1, 2)}`,
  ],
  [
    "mlock",
    "locking over a guard",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\napp  mlock($heap, ${bytes(8)})`,
  ],
  [
    "unmapped",
    "a guard does not outlive its mapping",
    `${TOUCHED}\n${on(2, 4, "MADV_GUARD_INSTALL")}\napp  mmap($heap, ${bytes(8)}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)\n${look(2)}`,
  ],
  [
    "hole",
    "a guard over a hole",
    `${TOUCHED}\napp  munmap(${page(3)}, 4096)\n${on(2, 5, "MADV_GUARD_INSTALL")}\n${look(2, 4)}`,
  ],
  [
    "by-vector",
    "guards by a vector",
    `${TOUCHED}\napp  pidfd_open($app, 0) = $fd
    app  process_madvise($fd, [{iov_base=${page(1)}, iov_len=4096}, {iov_base=${page(3)}, iov_len=4096}], 2, MADV_GUARD_INSTALL, 0)
    ${look(0, 1, 2, 3)}`,
  ],
]);

/** Two megabytes at a multiple of as much, and what is around them. */
const LARGE =
  "app  mmap(0x20000000, 0x600000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = $heap";

const COLLAPSE: readonly PackCase[] = caseGroup("collapse", [
  ["small", "an area that holds no whole huge page", `${TOUCHED}\n${on(0, 8, "MADV_COLLAPSE")}`],
  [
    "nothing-inside",
    "a range at a huge page's beginning that holds none",
    `${LARGE}\napp  touch($heap, 4096)\n${madvise("$heap", "4096", "MADV_COLLAPSE")}`,
  ],
  [
    "less-than-nothing",
    "a range within a huge page",
    `${LARGE}\napp  touch($heap, 4096)\n${madvise("$heap + 4096", "4096", "MADV_COLLAPSE")}`,
  ],
  ["empty", "an empty range", `${LARGE}\n${madvise("$heap", "0", "MADV_COLLAPSE")}`],
  [
    "never-touched",
    "memory that was never touched",
    `${LARGE}\n${madvise("$heap", "0x200000", "MADV_COLLAPSE")}`,
  ],
  ["hole", "a hole", madvise("0x24000000", "0x200000", "MADV_COLLAPSE")],
  [
    "no-huge-pages",
    "memory that has MADV_NOHUGEPAGE",
    `${LARGE}
    ${madvise("$heap", "0x600000", "MADV_NOHUGEPAGE")}
    app  touch($heap, 4096)
    ${madvise("$heap", "0x200000", "MADV_COLLAPSE")}`,
  ],
]);

const LOCKING: readonly PackCase[] = caseGroup("lock", [
  [
    "hole",
    "locking over a hole",
    `${TOUCHED}\napp  munmap(${page(3)}, 4096)\napp  mlock($heap, ${bytes(8)})\napp  maps($heap, ${bytes(8)})`,
  ],
  [
    "no-access",
    "locking memory without access",
    `${mapped("app", 8, "PROT_NONE")}\napp  mlock($heap, ${bytes(8)})`,
  ],
  [
    "on-fault",
    "locking memory without access on fault",
    `${mapped("app", 8, "PROT_NONE")}\napp  mlock2($heap, ${bytes(8)}, MLOCK_ONFAULT)`,
  ],
  ["unknown-flag", "a flag of mlock2 that there is not", `${TOUCHED}\napp  mlock2($heap, 4096, 2)`],
  ["length-minus-one", "a length of -1", `${TOUCHED}\napp  mlock($heap, -1)`],
]);

/** Advice that came with later releases, and locks: what each release makes of it. */
export const LATER_CASES: readonly PackCase[] = [...POPULATE, ...GUARDS, ...COLLAPSE, ...LOCKING];
