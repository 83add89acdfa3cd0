import {
  VM_DONTCOPY,
  VM_DROPPABLE,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGEPAGE,
  VM_HUGETLB,
  VM_LOCKED,
  VM_LOCKONFAULT,
  VM_MAYSHARE,
  VM_MERGEABLE,
  VM_READ,
  VM_SEALED,
  VM_WIPEONFORK,
  VM_WRITE,
  areaName,
  pageState,
  type AddressSpace,
} from "@kadvise/mm-core";

/**
 * What part of an address space can be: what stands behind it (the first line), which place it has,
 * and what was done to it. An area is of several kinds.
 */
export const AREA_KINDS = [
  "private-anonymous",
  "shared-anonymous",
  "private-file",
  "shared-file",
  "memfd",
  "hugetlb",
  "secret",
  "vdso",
  "vvar",
  "hole",
  "stack",
  "heap",
  "grows-down",
  "locked",
  "locked-on-fault",
  "prot-none",
  "read-only",
  "write-only",
  "executable",
  "sealed",
  "guard",
  "droppable",
  "mergeable",
  "huge-page",
  "wiped-on-fork",
  "not-copied",
] as const;

/** One of {@link AREA_KINDS}. */
export type AreaKind = (typeof AREA_KINDS)[number];

/** More pages than this are not looked at one by one. */
const MOST_PAGES = 64;

/** The kinds of an area's part [from, to). */
export function kindsOf(mm: AddressSpace, area: number, from: number, to: number): AreaKind[] {
  const flags = mm.areas.flags[area];
  const kinds: AreaKind[] = [behind(mm, area)];
  const name = areaName(mm, area);
  if (name === "[heap]") kinds.push("heap");
  if (name === "[stack]") kinds.push("stack");
  kinds.push(...FLAGS.filter(([flag]) => (flags & flag) !== 0).map(([, kind]) => kind));
  if ((flags & VM_LOCKED) !== 0) {
    kinds.push((flags & VM_LOCKONFAULT) === 0 ? "locked" : "locked-on-fault");
  }
  const access = flags & (VM_READ | VM_WRITE | VM_EXEC);
  if (access === 0) kinds.push("prot-none");
  if (access === VM_READ) kinds.push("read-only");
  if (access === VM_WRITE) kinds.push("write-only");
  if (hasGuard(mm, from, to)) kinds.push("guard");
  return kinds;
}

const FLAGS: readonly (readonly [number, AreaKind])[] = [
  [VM_GROWSDOWN, "grows-down"],
  [VM_EXEC, "executable"],
  [VM_SEALED, "sealed"],
  [VM_DROPPABLE, "droppable"],
  [VM_MERGEABLE, "mergeable"],
  [VM_HUGEPAGE, "huge-page"],
  [VM_WIPEONFORK, "wiped-on-fork"],
  [VM_DONTCOPY, "not-copied"],
];

function behind(mm: AddressSpace, area: number): AreaKind {
  const flags = mm.areas.flags[area];
  const backing = mm.areas.backing[area] ?? null;
  if (backing === null) return "private-anonymous";
  const { object, name } = backing;
  switch (object.kind) {
    case "special":
      return name === "[vdso]" ? "vdso" : "vvar";
    case "hugetlb":
      return "hugetlb";
    case "secret":
      return "secret";
    case "shmem":
      if (name.startsWith("/memfd:")) return "memfd";
      if (name.startsWith("/dev/zero")) return "shared-anonymous";
      return (flags & VM_MAYSHARE) === 0 ? "private-file" : "shared-file";
    case "file":
      if ((flags & VM_HUGETLB) !== 0) return "hugetlb";
      return (flags & VM_MAYSHARE) === 0 ? "private-file" : "shared-file";
  }
}

/** Whether a page of a part holds a guard marker. Linux: mm/madvise.c madvise_guard_install */
function hasGuard(mm: AddressSpace, from: number, to: number): boolean {
  const end = Math.min(to, from + MOST_PAGES);
  for (let page = from; page < end; page++) if (pageState(mm, page) === "guarded") return true;
  return false;
}
