import type { Ports } from "@kadvise/ports";

/** How a pool is made. */
export interface HugePoolOptions {
  /** Binary logarithm of a page's bytes: 21 or 30. */
  readonly shift: number;
  readonly pages: number;
  /** How many more may be made while they are asked for. */
  readonly overcommit: number;
  /** Nobody stated how many there are: what comes of asking is Linux' to say. */
  readonly isOpen: boolean;
}

/**
 * The machine's huge pages of one size: those that are set aside, those that are free of them, and
 * those that somebody reserved and has not touched yet. What is asked for beyond them may be made for
 * the time (surplus), as far as nr_overcommit_hugepages goes.
 *
 * Linux: include/linux/hugetlb.h struct hstate
 */
export class HugePool {
  readonly shift: number;
  total: number;
  free: number;
  reserved = 0;
  surplus = 0;
  overcommit: number;
  isOpen: boolean;
  private readonly ports: Ports;

  constructor(ports: Ports, { shift, pages, overcommit, isOpen }: HugePoolOptions) {
    this.ports = ports;
    this.shift = shift;
    this.total = pages;
    this.free = pages;
    this.overcommit = overcommit;
    this.isOpen = isOpen;
  }

  /** nr_hugepages: those that stay whether anybody uses them or not. */
  get persistent(): number {
    return this.total - this.surplus;
  }

  /** Reserves pages for somebody, if there are so many. Linux: mm/hugetlb.c hugetlb_acct_memory */
  reserve(pages: number): boolean {
    if (pages === 0) return true;
    const lacking = Math.max(0, this.reserved + pages - this.free);
    // Where children keep what their parent gave up, less is reserved than nobody has: the pages must
    // be there all the same (mm/hugetlb.c allowed_mems_nr).
    const isCounted = lacking === 0 || this.surplus + lacking <= this.overcommit;
    const isThere = isCounted && pages <= this.free + lacking;
    if (!this.isGranted(isThere, pages)) return false;
    this.note();
    this.make(lacking, isThere);
    this.free += lacking;
    this.reserved += pages;
    return true;
  }

  /** Gives up what was reserved and not used. Linux: mm/hugetlb.c return_unused_surplus_pages */
  unreserve(pages: number): void {
    if (pages === 0) return;
    this.note();
    const goes = Math.min(pages, this.surplus, this.free);
    this.surplus -= goes;
    this.total -= goes;
    this.free -= goes;
    this.reserved -= pages;
  }

  /**
   * Takes a page to be used: one that was reserved, or one that nobody reserved. Linux: mm/hugetlb.c
   * dequeue_hugetlb_folio_vma, alloc_buddy_hugetlb_folio_with_mpol
   */
  take(which: "reserved" | "spare"): boolean {
    if (which === "reserved") {
      this.note();
      this.reserved--;
      this.free--;
      return true;
    }
    const isLeft = this.free > this.reserved;
    const isThere = isLeft || this.surplus < this.overcommit;
    if (!isThere && !this.isGranted(false, 1)) return false;
    this.note();
    if (isLeft) this.free--;
    else this.make(1, isThere);
    return true;
  }

  /**
   * A page is used no more; its reservation may come back with it. Linux: mm/hugetlb.c
   * free_huge_folio
   */
  give(reserves = false): void {
    this.note();
    if (reserves) this.reserved++;
    if (this.surplus > 0) {
      this.surplus--;
      this.total--;
    } else this.free++;
  }

  /**
   * Somebody writes nr_hugepages. What is in use or reserved stays, as surplus. Linux: mm/hugetlb.c
   * set_max_huge_pages
   */
  resize(pages: number): void {
    this.note();
    this.isOpen = false;
    const taken = this.reserved + this.total - this.free;
    this.surplus -= Math.min(this.surplus, Math.max(0, pages - this.persistent));
    const wanted = Math.max(pages, Math.min(taken, this.persistent)) - this.persistent;
    const change = Math.max(wanted, -this.free);
    this.total += change;
    this.free += change;
    this.surplus += this.persistent - Math.min(pages, this.persistent);
  }

  /** Somebody writes nr_overcommit_hugepages. */
  allow(pages: number): void {
    this.note();
    this.overcommit = pages;
  }

  /** Pages that join for the time; where nobody stated the pool, it had them. */
  private make(pages: number, isSurplus: boolean): void {
    this.total += pages;
    if (isSurplus) this.surplus += pages;
  }

  /** Of a pool that nobody stated, and that others use, Linux alone knows what is in it. */
  private isGranted(isThere: boolean, pages: number): boolean {
    if (!this.isOpen) return isThere;
    return this.ports.choices.choose<boolean>({
      id: "mm/huge-pool",
      usual: isThere,
      allows: (answer) => typeof answer === "boolean",
      describe: () => `whether the pool of huge pages had ${pages} that nobody reserved`,
      alternatives: [true, false],
    });
  }

  private note(): void {
    const { journal } = this.ports;
    if (!journal.recording) return;
    for (const key of ["total", "free", "reserved", "surplus", "overcommit", "isOpen"])
      journal.save(this, key);
  }
}
