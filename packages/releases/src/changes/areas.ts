import type { Change } from "../change.ts";

/** Areas: where they go, what they remember, how they are cut and joined. */
export const AREA_CHANGES: readonly Change[] = [
  {
    id: "policy-numa-balancing",
    subject: "MPOL_BIND takes MPOL_F_NUMA_BALANCING",
    mainline: "5.12",
    source:
      'bda420b98505 "numa balancing: migrate on fault among multiple bound nodes"; mm/mempolicy.c ' +
      "set_mempolicy; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { policyBalances: ["MPOL_BIND"] } },
  },
  {
    id: "policy-local-is-own",
    subject: "get_mempolicy tells MPOL_LOCAL, not MPOL_PREFERRED of no node",
    mainline: "5.14",
    source:
      '7858d7bca7fb "mm/mempolicy: don\'t handle MPOL_LOCAL like a fake MPOL_PREFERRED policy"; ' +
      "asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { policyLocalIsOwn: true } },
  },
  {
    id: "policy-preferred-many",
    subject: "MPOL_PREFERRED_MANY",
    mainline: "5.15",
    source: "b27abaccf8e8; mm/mempolicy.c; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { policyModes: 6 } },
  },
  {
    id: "policy-weighted-interleave",
    subject: "MPOL_WEIGHTED_INTERLEAVE",
    mainline: "6.9",
    source: "fa3bea4e1f82; mm/mempolicy.c; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { policyModes: 7 } },
  },
  {
    id: "policy-many-balances",
    subject: "MPOL_PREFERRED_MANY takes MPOL_F_NUMA_BALANCING",
    mainline: "6.10",
    lastWithout: "6.1",
    source:
      '133d04b1eee9 "mm/numa_balancing: allow migrate on protnone reference with ' +
      'MPOL_PREFERRED_MANY policy"; asked on 6.1.176 (without) and 6.12.107 (with)',
    set: { mm: { policyBalances: ["MPOL_BIND", "MPOL_PREFERRED_MANY"] } },
  },
  {
    id: "special-mapping-no-split",
    subject: "part of a special mapping (vdso) can no longer be cut off",
    mainline: "5.11",
    source:
      '"mm: forbid splitting special mappings", merged in December 2020; asked on 5.10.223 ' +
      "(without) and 6.1.170 (with)",
    set: { mm: { specialMaySplit: false } },
  },
  {
    id: "huge-segments-not-by-limit",
    subject: "RLIMIT_MEMLOCK no longer lets a user have shared segments of huge pages",
    mainline: "5.16",
    source:
      "83c1fd763b32; fs/hugetlbfs/inode.c hugetlb_file_setup; asked on 5.10.223 (without) and " +
      "6.1.176 (with)",
    set: { mm: { hugeSegmentsByLimit: false } },
  },
  {
    id: "anon-name",
    subject: "PR_SET_VMA_ANON_NAME gives private anonymous memory a name, which maps shows",
    mainline: "5.17",
    source:
      "kernel/sys.c prctl_set_vma 5.17 (9a10064f5625), with CONFIG_ANON_VMA_NAME; asked on a 6.12.117",
    set: { mm: { anonNames: "private" } },
  },
  {
    id: "bridge-right",
    subject: "a new mapping between two strangers joins the right one",
    mainline: "6.1",
    source: "mm/mmap.c mmap_region, which looks at the next area first; asked on 6.1.170",
    set: { mm: { bridge: "right" } },
  },
  {
    id: "locked-count-does-not-wrap",
    subject: "mlock of a range that wraps counts locked pages up to the last address",
    mainline: "6.1",
    lastWithout: "5.10",
    source:
      '"mm/mlock: use vma iterator and maple state"; mm/mlock.c count_mm_mlocked_page_nr; asked on ' +
      "5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { lockedCountWraps: false } },
  },
  {
    id: "heap-shrinks-in-areas",
    subject: "brk keeps a heap whose end is in no area",
    mainline: "6.1",
    lastWithout: "5.10",
    source:
      '"mm/mmap: change do_brk_flags() to expand existing VMA and add do_brk_munmap()"; mm/mmap.c ' +
      "brk; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { breakNeedsArea: true } },
  },
  {
    id: "heap-stands-alone",
    subject: "the first growth of the heap does not join the program's data below it",
    mainline: "6.1",
    lastWithout: "5.10",
    source: "mm/mmap.c brk, do_brk_flags; asked on 5.10.223 (without) and 6.1.170 (with)",
    set: { mm: { emptyHeapStandsAlone: true } },
  },
  {
    id: "seals-keep-small-holes",
    subject: "seals keep every hole out of files of huge pages, also one smaller than such a page",
    mainline: "6.1",
    lastWithout: "5.10",
    source:
      "fs/hugetlbfs/inode.c hugetlbfs_punch_hole; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { sealsKeepSmallHoles: true } },
  },
  {
    id: "anon-name-shared",
    subject: "PR_SET_VMA_ANON_NAME names shared anonymous memory too",
    mainline: "6.2",
    source:
      "mm/madvise.c madvise_vma_anon_name 6.2 (d09e8ca6cb93); asked on a 6.12.117 that has it",
    set: { mm: { anonNames: "shared" } },
  },
  {
    id: "memory-merge",
    subject: "PR_SET_MEMORY_MERGE makes all memory of a process mergeable",
    mainline: "6.4",
    source: "kernel/sys.c prctl 6.4 (d7597f59d1d3); asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { memoryMerge: "after-joining" } },
  },
  {
    id: "memory-merge-apart",
    subject:
      "new memory of a process that is all mergeable is marked before it looks for neighbours",
    mainline: "6.17",
    source: "mm/vma.c update_ksm_flags 6.17; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { mm: { memoryMerge: "before-joining" } },
  },
  {
    id: "thp-disable-except-advised",
    subject: "PR_SET_THP_DISABLE takes PR_THP_DISABLE_EXCEPT_ADVISED",
    mainline: "6.18",
    source: "kernel/sys.c prctl_set_thp_disable 6.18; asked on 6.17.13 (without), 6.18.15 (with)",
    set: { mm: { thpDisableFlags: true } },
  },
  {
    id: "mdwe",
    subject: "PR_SET_MDWE: what may be written never becomes executable",
    mainline: "6.3",
    source: "kernel/sys.c prctl_set_mdwe 6.3 (b507808ebce2); asked on 6.1.176 (without)",
    set: { mm: { mdwe: "set" } },
  },
  {
    id: "memfd-exec",
    subject: "memfd_create knows MFD_EXEC and MFD_NOEXEC_SEAL, fcntl F_SEAL_EXEC",
    mainline: "6.3",
    source: "mm/memfd.c 6.3 (105ff5339f49); asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { memfdExec: true } },
  },
  {
    id: "mdwe-no-inherit",
    subject: "PR_MDWE_NO_INHERIT",
    mainline: "6.6",
    source: "kernel/sys.c prctl_set_mdwe 6.6 (24e41bf8a6b4)",
    set: { mm: { mdwe: "no-inherit" } },
  },
  {
    id: "seal-counts-writable",
    subject: "F_SEAL_WRITE minds mappings that may be written, and files so sealed can be mapped",
    mainline: "6.7",
    stable: { "6.1": [0, 170] },
    source:
      "mm/mmap.c mmap_region, mm/memfd.c; asked on 5.10.223 (without), 6.1.170, 6.12.107 (with)",
    set: { mm: { sealCountsMappings: "writable" } },
  },
  {
    id: "heap-name-overlaps",
    subject: "only an area that overlaps the heap is called [heap]",
    mainline: "6.7",
    source:
      "include/linux/mm.h vma_is_initial_heap; read in 6.6.9 (without) and 6.8.0 (with); asked " +
      "on 6.1.192 (without) and 6.12.100 (with)",
    set: { mm: { heapNameTouches: false } },
  },
  {
    id: "huge-alignment-large",
    subject: "anonymous mappings of at least a huge page are aligned to one",
    mainline: "6.7",
    source: "efa7df3e3bb5; mm/mmap.c __get_unmapped_area; absent in 6.6.9, present in 6.8.0",
    set: { mm: { hugeAlignment: "large" } },
  },
  {
    id: "read-only-uncharges",
    subject: "making an untouched anonymous area read-only gives its commit charge back",
    mainline: "6.7",
    source:
      '"allow unfaulted VMAs to be unaccounted on mprotect()" of 2023-10-07; absent in 6.6.9, ' +
      "asked on 6.12.100",
    set: { mm: { readOnlyUncharges: true } },
  },
  {
    id: "stack-no-huge",
    subject: "MAP_STACK mappings never use huge pages",
    mainline: "6.8",
    stable: { "6.7": 6 },
    source:
      "include/linux/mman.h calc_vm_flag_bits; review of 2024-02-20 for 6.7.6 (4 of 309); absent " +
      "in 6.6.9, asked on 6.12.100",
    set: { mm: { stackIsNoHuge: true } },
  },
  {
    id: "droppable",
    subject: "MAP_DROPPABLE",
    mainline: "6.11",
    source: "mm/mmap.c do_mmap 6.11; asked on 6.1.192 (without) and 6.12.100 (with)",
    set: { mm: { droppable: true } },
  },
  {
    id: "bridge-left",
    subject: "a new mapping between two strangers joins the left one again",
    mainline: "6.12",
    source:
      "mm/vma.c vma_merge_new_range, which replaced the code of 6.1 for 6.12; asked on 6.1.192 " +
      "(without) and 6.12.100 (with)",
    set: { mm: { bridge: "left" } },
  },
  {
    id: "fallocate-one-mode",
    subject: "fallocate takes one mode, and says EOPNOTSUPP where it said EINVAL of several",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "fs/open.c vfs_fallocate; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { fallocateModes: "exclusive" } },
  },
  {
    id: "fallocate-write-zeroes",
    subject: "fallocate knows FALLOC_FL_WRITE_ZEROES",
    mainline: "6.17",
    source: "fs/open.c vfs_fallocate; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { mm: { fallocateWriteZeroes: true } },
  },
  {
    id: "closable-areas-join",
    subject: "areas of System V shared memory join in part: where no area goes by it",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "mm/vma.c can_merge_remove_vma; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { closableAreasJoin: true } },
  },
  {
    id: "future-seal-keeps-area",
    subject: "an mmap that F_SEAL_FUTURE_WRITE refuses leaves alone what was there",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "mm/memfd.c memfd_check_seals_mmap; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { futureSealLeavesHole: false } },
  },
  {
    id: "gap-search-restarts",
    subject: "holes beside a stack's guard gap are passed over when a place is looked for",
    mainline: "6.3",
    lastWithout: "5.10",
    stable: { "6.1": [0, 100] },
    source:
      '"mm/mmap: regression fix for unmapped_area{_topdown}" of April 2023, which the stable kernels of ' +
      "that spring took; mm/mmap.c unmapped_area_topdown; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { gapSearchRestarts: true } },
  },
  {
    id: "droppable-not-locked",
    subject: "droppable memory is not locked where a process locks all that is to come",
    mainline: "7.0.13",
    lastWithout: "6.19.14",
    stable: { "6.18": [15, 44], "6.12": [0, 107] },
    source:
      "mm/vma.c __mmap_complete; smaps asked on 6.16.12, 6.17.13, 6.18.15, 6.19.14 (without), " +
      "6.12.107, 6.18.44, 7.0.13 (with)",
    set: { mm: { droppableLocks: false } },
  },
  {
    id: "execute-only-key-first",
    subject: "an mmap of PROT_EXEC alone takes its protection key before a place is looked for",
    mainline: "6.10",
    lastWithout: "6.1",
    source:
      '"mm: use get_unmapped_area_vmflags()"; mm/mmap.c do_mmap; asked on 6.1.176 (without) and ' +
      "6.12.107 (with)",
    set: { mm: { executeOnlyKeyFirst: true } },
  },
  {
    id: "huge-alignment-multiple",
    subject: "only mappings of whole huge pages are aligned to one",
    mainline: "6.12",
    stable: { "6.11": 7 },
    source: "d4148aeab412; review of 2024-11-06 for 6.11.7 (203 of 245); asked on 6.12.100",
    set: { mm: { hugeAlignment: "multiple" } },
  },
  {
    id: "huge-alignment-without-hint",
    subject: "a mapping with a hint is not aligned to a huge page",
    mainline: "6.13",
    stable: { "6.12": 5 },
    source: "249608ee4713; review of 2024-12-12 for 6.12.5 (208 of 466); asked on 6.12.100",
    set: { mm: { hugeAlignment: "multiple-without-hint" } },
  },
  {
    id: "failed-fixed-leaves-cut",
    subject: "a MAP_FIXED that fails late leaves the old mapping cut",
    mainline: "6.12",
    source: "mm/vma.c mmap_region; asked on 6.1.192 (without) and 6.12.100 (with)",
    set: { mm: { failedFixedLeavesCut: true } },
  },
  {
    id: "merge-into-unfaulted",
    subject: "an area with pages merges into an adjacent one without",
    mainline: "6.16",
    source:
      "879bca0a2c4f of 2025-04-08; mm/vma.c is_mergeable_anon_vma; asked on 6.12.117 (without) " +
      "and 6.16.12 (with)",
    set: { mm: { mergesIntoUnfaulted: true } },
  },
  {
    id: "vvar-mixedmap",
    subject: "vvar holds pages instead of frame numbers: DONTNEED and COLD work on it",
    mainline: "7.1",
    source:
      '"vdso/datastore: Map pages through struct page"; asked on 7.0.13 (without) and 7.1.13 ' +
      "(with)",
    set: { mm: { vvar: "mixedmap" } },
  },
  {
    id: "vvar-no-io",
    subject: "vvar does not count as device memory",
    mainline: "7.3.4",
    lastWithout: "7.2.12",
    source: "smaps, asked on 7.2.12 (without) and 7.3.4 (with)",
    set: { mm: { vvarIsIo: false } },
  },
  {
    id: "mseal-merge-forgotten",
    subject: "behind an area that joined the sealed one above it, mseal joins the next to nothing",
    mainline: "6.17",
    source: "mm/mseal.c mseal_apply; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { mm: { sealForgetsMerge: true } },
  },
  {
    id: "mseal-merge-kept",
    subject: "mseal joins what it seals to its neighbours again, wherever it joined others before",
    mainline: "7.0",
    stable: { "6.18": [15, 44], "6.19": [0, 14] },
    source:
      '"mm/mseal: update VMA end correctly on merge"; asked on 6.17.13 and 6.18.15 (without), ' +
      "6.18.44, 6.19.14 and 7.0.13 (with)",
    set: { mm: { sealForgetsMerge: false } },
  },
];
