/**
 * What a call costs, counted: the work that a vector saves against single calls, by release.
 *
 * Counted is what Linux would do, not what the model does: a lock taking stands where the kernel
 * takes mmap_lock, a flush where tlb_finish_mmu or a page-table change sends one. It is a meter, not
 * state: what an attempt cost stays counted when its changes are taken back.
 */
export class Work {
  mmapLocks = 0;
  tlbFlushes = 0;
  /** Page tables entered. */
  pageTableWalks = 0;
  /** Entries looked at. */
  pagesTouched = 0;

  /** A copy of the counters. */
  read(): { mmapLocks: number; tlbFlushes: number; pageTableWalks: number; pagesTouched: number } {
    return {
      mmapLocks: this.mmapLocks,
      tlbFlushes: this.tlbFlushes,
      pageTableWalks: this.pageTableWalks,
      pagesTouched: this.pagesTouched,
    };
  }
}
