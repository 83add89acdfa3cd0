import type { Change } from "../change.ts";

/** What /proc/PID shows of memory. */
export const VIEW_CHANGES: readonly Change[] = [
  {
    id: "smaps-pss-dirty",
    subject: "smaps has a line Pss_Dirty",
    mainline: "6.0",
    source: "fs/proc/task_mmu.c __show_smap; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { smapsPssDirty: true } },
  },
  {
    id: "resident-counters-per-cpu",
    subject: "status counts resident pages per CPU, no longer per task",
    mainline: "6.2",
    source: "f1a7941243c1; include/linux/mm.h get_mm_counter",
    set: { mm: { residentCounters: "per-cpu" } },
  },
  {
    id: "smaps-lock-on-fault-code",
    subject: "smaps calls locking on fault lf",
    mainline: "6.2",
    source: "8614d6c5eda0; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { lockOnFaultCode: true } },
  },
  {
    id: "smaps-ksm",
    subject: "smaps has a line KSM",
    mainline: "6.6",
    source: "fs/proc/task_mmu.c __show_smap; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { smapsKsm: true } },
  },
  {
    id: "smaps-pads-thp-eligible",
    subject: "smaps pads the number of THPeligible",
    mainline: "6.8",
    source: "fs/proc/task_mmu.c show_smap; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { smapsPadsThp: true } },
  },
  {
    id: "pagemap-shows-guards",
    subject: "pagemap marks guards with bit 58",
    mainline: "6.15",
    source: "fs/proc/task_mmu.c PM_GUARD_REGION; absent in 6.14; asked on 6.16.12 (with)",
    set: { mm: { pagemapShowsGuards: true } },
  },
  {
    id: "resident-counters-exact",
    subject: "status counts resident pages exactly",
    mainline: "6.16",
    stable: { "6.12": 39, "6.15": 7 },
    source:
      "82241a83cd15; review of 2025-07-15 for 6.12.39 (88 of 163); asked on 6.12.107 (with) and " +
      "6.16.12 (with)",
    set: { mm: { residentCounters: "exact" } },
  },
  {
    id: "pagemap-huge-zero-is-file",
    subject: "pagemap takes the huge page of zeros for a file's",
    mainline: "6.1",
    lastWithout: "5.10",
    source: "fs/proc/task_mmu.c pagemap_pmd_range; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { pagemapHugeZeroIsFile: true } },
  },
  {
    id: "pagemap-huge-zero-is-anonymous",
    subject: "pagemap no longer takes the huge page of zeros for a file's",
    mainline: "7.3",
    source: "fs/proc/task_mmu.c pagemap_pmd_range; asked on 7.2.12 (without) and 7.3.4 (with)",
    set: { mm: { pagemapHugeZeroIsFile: false } },
  },
  {
    id: "pagemap-huge-by-page",
    subject: "pagemap says of each page of a huge page by itself whether it is mapped once",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "fs/proc/task_mmu.c pagemap_pmd_range; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { pagemapHugeExclusive: "each-page" } },
  },
  {
    id: "pagemap-huge-by-first-page",
    subject: "pagemap says of all pages of a huge page what holds for the first",
    mainline: "6.16",
    lastWithout: "6.12",
    source:
      "fs/proc/task_mmu.c pagemap_pmd_range, __folio_page_mapped_exclusively; asked on 6.12.107 " +
      "(without) and 6.16.12 (with)",
    set: { mm: { pagemapHugeExclusive: "first-page" } },
  },
];
