import { MAP, must, type Result } from "@kadvise/uapi";
import type { Settings } from "@kadvise/releases";
import { expect, test } from "vitest";
import { OMNIPOTENT, type Actor, type MemoryLimit } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { bindRange } from "./bind.ts";
import { VM_DONTEXPAND, VM_PFNMAP, VM_SEALED } from "./flags.ts";
import { caller } from "./testing/caller.ts";
import { file, opened, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

/** A call that is refused: by which rule, and what that compared. */
type Case = readonly [
  id: string,
  call: (mm: AddressSpace) => Result<unknown> | undefined,
  compared: Record<string, unknown>,
  more?: { readonly settings?: Partial<Settings>; readonly release?: string },
];

/** Four pages at B, two behind a hole at B + 6; a shared file of two pages, four mapped, at B + 16. */
function laid(settings: Partial<Settings> = {}, release = "6.12"): AddressSpace {
  const mm = space(release, settings);
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
  must(mm.map({ at: B + 6, pages: 2, prot: "rw", flags: FIXED }));
  must(mm.map({ at: B + 16, pages: 4, prot: "rw", flags: 0x11, backing: file(2) }));
  mm.startBreak = mm.break = (B + 32) * 4096;
  return mm;
}

function flagged(mm: AddressSpace, page: number, flag: number): AddressSpace {
  const area = mm.areas.at(page);
  mm.areas.setFlags(area, (mm.areas.flags[area] | flag) >>> 0);
  return mm;
}

const special: Backing = opened(file(4, { kind: "special" }).object, { name: "[vdso]" });
function withVdso(mm: AddressSpace): AddressSpace {
  must(mm.map({ at: B + 24, pages: 4, prot: "r", flags: 0x12, backing: special }));
  return flagged(mm, B + 24, VM_DONTEXPAND);
}

const move = (page: number, oldPages: number, newPages: number, flags = 0, target = 0) => ({
  ...{ page, oldPages, newPages, flags, target },
});
const LIMIT = 0x7_ffff_ffff;
const at = (pages: number): string => `0x${((B + pages) * 4096).toString(16)}`;
const limited = (limits: Partial<Record<MemoryLimit, number>>): Actor => caller({ limits });

const cases: readonly Case[] = [
  ["mmap/no-room", (mm) => mm.map({ pages: 2 ** 40, prot: "r" }), { pages: 2 ** 40 }],
  [
    "mmap/beyond-limit",
    (mm) => mm.map({ at: LIMIT - 1, pages: 2, prot: "r", flags: FIXED }),
    { end: "0x800000000000", limit: "0x7ffffffff000" },
  ],
  [
    "mmap/unaligned-fixed",
    (mm) =>
      mm.mapPages({
        ...{ at: B, atOffset: 9, pages: 1, prot: 1, flags: FIXED, backing: null, offsetPages: 0 },
      }),
    { offset: 9 },
  ],
  [
    "mmap/below-minimum",
    (mm) => mm.map({ at: 3, pages: 1, prot: "r", flags: FIXED }, caller()),
    { address: "0x3000", minimum: "0x10000" },
  ],
  [
    "mmap/occupied",
    (mm) => mm.map({ at: B - 2, pages: 4, prot: "r", flags: 0x22 | MAP.MAP_FIXED_NOREPLACE }),
    { address: at(0) },
  ],
  [
    "mmap/lock-limit",
    (mm) => {
      must(mm.lock(B, 2));
      const locked = { pages: 3, prot: "r", flags: 0x22 | MAP.MAP_LOCKED };
      return mm.map(locked, limited({ RLIMIT_MEMLOCK: 4 }));
    },
    { pages: 5, limitPages: 4 },
  ],
  ["mmap/bad-type", (mm) => mm.map({ pages: 1, prot: "r", flags: 0x24 }), { flags: "0x4" }],
  [
    "mmap/type-forbids-flag",
    (mm) => mm.map({ pages: 1, prot: "r", flags: 0x21 | MAP.MAP_GROWSDOWN }),
    { flags: "0x121" },
  ],
  [
    "mmap/address-space-limit",
    (mm) => mm.map({ pages: 3, prot: "r" }, limited({ RLIMIT_AS: 12 })),
    { pages: 13, limitPages: 12 },
  ],
  [
    "mmap/data-limit",
    (mm) => mm.map({ pages: 3, prot: "rw" }, limited({ RLIMIT_DATA: 8 })),
    { pages: 9, limitPages: 8 },
  ],
  [
    "mmap/commit-limit",
    (mm) => mm.map({ pages: 2 ** 20 + 1, prot: "rw" }),
    { pages: 2 ** 20 + 1, limitPages: 2 ** 20 },
    { settings: { commitPages: 2 ** 20 } },
  ],
  [
    "mmap/too-many-areas",
    (mm) => {
      mm.memory.settings.state("maxMapCount", 2);
      return mm.map({ pages: 1, prot: "r" });
    },
    { areas: 3, maxMapCount: 2 },
  ],
  [
    "munmap/too-many-areas",
    (mm) => mm.unmap(B + 1, 1),
    { areas: 3, maxMapCount: 3 },
    { settings: { maxMapCount: 3 } },
  ],
  ["munmap/sealed", (mm) => flagged(mm, B, VM_SEALED).unmap(B - 1, 3), { address: at(0) }],
  ["munmap/special", (mm) => withVdso(mm).unmap(B + 26, 1), { address: at(26) }],
  ["mprotect/hole", (mm) => mm.protect(B + 2, 4, "r"), { address: at(4) }],
  ["mprotect/hole", (mm) => mm.protect(B + 4, 1, "r"), { address: at(4) }],
  [
    "mprotect/sealed",
    (mm) => flagged(mm, B, VM_SEALED).protect(B + 1, 2, "r"),
    { address: at(1) },
    { release: "6.18" },
  ],
  ["mprotect/special", (mm) => withVdso(mm).protect(B + 25, 1, "none"), { address: at(25) }],
  [
    "mprotect/too-many-areas",
    (mm) => mm.protect(B + 1, 1, "r"),
    { areas: 3, maxMapCount: 3 },
    { settings: { maxMapCount: 3 } },
  ],
  [
    "mprotect/write-exec",
    (mm) => {
      mm.denyWriteExec = true;
      return mm.protect(B + 2, 1, "rwx");
    },
    { address: at(2) },
  ],
  [
    "mprotect/access",
    (mm) => {
      const backing = opened(file(4).object, { writable: false });
      must(mm.map({ at: B + 40, pages: 4, prot: "r", flags: 0x11, backing }));
      return mm.protect(B + 41, 1, "rw");
    },
    { address: at(41) },
  ],
  ["mlock/hole", (mm) => mm.lock(B + 2, 3), { address: at(4) }],
  ["mlock/hole", (mm) => mm.unlock(B + 8, 3), { address: at(8) }],
  [
    "mlock/too-many-areas",
    (mm) => mm.lock(B + 1, 1),
    { areas: 3, maxMapCount: 3 },
    { settings: { maxMapCount: 3 } },
  ],
  ["mlock/cannot-populate", (mm) => mm.lock(B + 16, 4), { address: at(18) }],
  ["mseal/hole", (mm) => mm.seal(B + 2, 6), { address: at(4) }],
  ["mseal/special", (mm) => withVdso(mm).seal(B + 26, 1), { page: "0x101a" }],
  [
    "mseal/too-many-areas",
    (mm) => mm.seal(B + 1, 1),
    { areas: 3, maxMapCount: 3 },
    { settings: { maxMapCount: 3 } },
  ],
  ["msync/hole", (mm) => mm.sync(B + 2, 6, false, false), { address: at(4) }],
  [
    "msync/locked",
    (mm) => {
      must(mm.lock(B + 6, 2));
      return mm.sync(B + 6, 1, true, false);
    },
    { address: at(6) },
  ],
  ["mincore/hole", (mm) => mm.residency(B + 2, 3), { address: at(4) }],
  ["prctl/name-hole", (mm) => mm.name(B + 2, 9, "n"), { address: at(4) }],
  ["prctl/name-file", (mm) => mm.name(B + 17, 1, "n"), { address: at(17) }],
  [
    "prctl/name-too-many-areas",
    (mm) => mm.name(B + 1, 1, "n"),
    { areas: 3, maxMapCount: 3 },
    { settings: { maxMapCount: 3 } },
  ],
  [
    "mbind/hole",
    (mm) => bindRange(mm, { start: B + 2, end: B + 8, policy: "p", refusesPages: false }),
    { address: at(4) },
  ],
  [
    "mbind/hole",
    (mm) => bindRange(mm, { start: B + 5, end: B + 8, policy: "p", refusesPages: false }),
    { address: at(5) },
  ],
  [
    "mbind/misplaced",
    (mm) => {
      must(mm.touch(B + 2));
      return bindRange(mm, { start: B, end: B + 4, policy: "p", refusesPages: true });
    },
    { address: at(2) },
  ],
  [
    "mbind/too-many-areas",
    (mm) => bindRange(mm, { start: B + 1, end: B + 2, policy: "p", refusesPages: false }),
    { areas: 3, limit: 3 },
    { settings: { maxMapCount: 3 } },
  ],
  ["mremap/no-area", (mm) => mm.remap(move(B + 5, 1, 2)), { address: at(5) }],
  ["mremap/crosses-areas", (mm) => mm.remap(move(B + 2, 4, 5)), { address: at(4) }],
  ["mremap/no-room-behind", (mm) => mm.remap(move(B + 2, 2, 5)), { address: at(2) }],
  ["mremap/overlap", (mm) => mm.remap(move(B, 2, 2, 3, B + 1)), { address: at(1) }],
  [
    "mremap/sealed",
    (mm) => flagged(mm, B, VM_SEALED).remap(move(B + 1, 1, 1, 3, B + 50)),
    { address: at(1) },
  ],
  [
    "mremap/special",
    (mm) => withVdso(mm).remap(move(B + 25, 1, 1, 3, B + 50)),
    { address: at(25) },
  ],
  ["mremap/cannot-expand", (mm) => withVdso(mm).remap(move(B + 27, 1, 2, 1)), { address: at(27) }],
  ["mremap/private-duplicate", (mm) => mm.remap(move(B + 1, 0, 1, 1)), { address: at(1) }],
  [
    "mremap/lock-limit",
    (mm) => {
      must(mm.lock(B + 6, 2));
      return mm.remap(move(B + 6, 2, 4), limited({ RLIMIT_MEMLOCK: 3 }));
    },
    { pages: 4, limitPages: 3 },
  ],
  [
    "mremap/target-beyond-limit",
    (mm) => mm.remap(move(B, 2, 2, 3, LIMIT - 1)),
    { address: "0x7fffffffe000" },
  ],
  [
    "mremap/too-many-areas",
    (mm) => mm.remap(move(B, 2, 2, 3, B + 50)),
    { areas: 3, maxMapCount: 5 },
    { settings: { maxMapCount: 5 } },
  ],
  ["brk/below-start", (mm) => mm.setBreak((B + 31) * 4096), { address: at(31) }],
  [
    "brk/data-limit",
    (mm) => mm.setBreak((B + 34) * 4096, limited({ RLIMIT_DATA: 1 })),
    { address: at(34) },
  ],
  [
    "brk/no-room",
    (mm) => {
      must(mm.map({ at: B + 34, pages: 1, prot: "r", flags: FIXED }));
      return mm.setBreak((B + 35) * 4096);
    },
    { address: at(35) },
  ],
  ["madvise/hole", (mm) => mm.advise(B + 2, 6, "MADV_NORMAL"), { address: at(4) }],
  ["madvise/hole", (mm) => mm.advise(B + 8, 2, "MADV_NORMAL"), { address: at(8) }],
  ["madvise/hole", (mm) => mm.advise(B + 2, 6, "MADV_POPULATE_READ"), { address: at(4) }],
  ["madvise/free-not-anonymous", (mm) => mm.advise(B + 17, 1, "MADV_FREE"), { address: at(17) }],
  [
    "madvise/locked",
    (mm) => {
      must(mm.lock(B, 4));
      return mm.advise(B + 1, 1, "MADV_COLD");
    },
    { address: at(1) },
  ],
  [
    "madvise/pfnmap",
    (mm) => flagged(mm, B, VM_PFNMAP).advise(B + 1, 1, "MADV_FREE"),
    { address: at(1) },
  ],
  [
    "madvise/wipeonfork-not-anonymous",
    (mm) => mm.advise(B + 17, 1, "MADV_WIPEONFORK"),
    { address: at(16) },
  ],
  ["madvise/remove-no-file", (mm) => mm.advise(B + 1, 1, "MADV_REMOVE"), { address: at(1) }],
  ["madvise/collapse-unsuitable", (mm) => mm.advise(B + 1, 1, "MADV_COLLAPSE"), { address: at(1) }],
  [
    "madvise/populate-fault",
    (mm) => mm.advise(B + 16, 4, "MADV_POPULATE_WRITE"),
    { address: at(18) },
  ],
  [
    "madvise/populate-refused",
    (mm) => {
      must(mm.protect(B + 2, 1, "r"));
      return mm.advise(B, 4, "MADV_POPULATE_WRITE");
    },
    { address: at(2) },
  ],
  [
    "madvise/killed",
    (mm) => {
      const actor = { ...OMNIPOTENT, fatalSignalPending: () => true };
      return mm.advise(B + 1, 1, "MADV_POPULATE_READ", actor);
    },
    { address: at(1) },
  ],
  [
    "madvise/guard-unsuitable",
    (mm) => flagged(mm, B, VM_PFNMAP).advise(B + 1, 1, "MADV_GUARD_INSTALL"),
    { address: at(1) },
    { release: "6.18" },
  ],
  [
    "madvise/sealed",
    (mm) => {
      must(mm.protect(B, 4, "r"));
      return flagged(mm, B, VM_SEALED).advise(B + 1, 1, "MADV_DONTNEED");
    },
    { address: at(0) },
  ],
  ["access/no-area", (mm) => mm.touch(B + 5), { address: at(5) }],
  ["access/beyond-end", (mm) => mm.touch(B + 19), { address: at(19) }],
  [
    "access/protection",
    (mm) => {
      must(mm.protect(B + 2, 1, "r"));
      return mm.write(B + 1, "xy", 4095);
    },
    { address: at(2) },
  ],
  [
    "access/guard",
    (mm) => {
      must(mm.advise(B + 3, 1, "MADV_GUARD_INSTALL"));
      return mm.read(B + 3, 1);
    },
    { address: at(3) },
    { release: "6.18" },
  ],
];

for (const [id, call, compared, more = {}] of cases) {
  test(`${id} says what was compared: ${JSON.stringify(compared)}`, () => {
    const mm = laid(more.settings, more.release);
    const answer = call(mm);
    if (answer === undefined || answer.ok) throw new Error("expected a refusal");
    expect([answer.reason.id, answer.reason.compared]).toEqual([id, compared]);
  });
}
