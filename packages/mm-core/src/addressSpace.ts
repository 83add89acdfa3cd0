import { isWithin } from "./accounting.ts";
import type { Result } from "@kadvise/uapi";
import { DONE, MADV, PROT, success, type AdviceName } from "@kadvise/uapi";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import { adviseRange } from "./advise.ts";
import { Areas } from "./areas.ts";
import { growBreak } from "./brk.ts";
import { mayCommit, mayCommitFork } from "./commit.ts";
import { readAsFarAs, readMemory, writeMemory } from "./copy.ts";
import { fault, type Access } from "./fault.ts";
import { VM_ACCOUNT } from "./flags.ts";
import { forkAddressSpace } from "./fork.ts";
import { mergingPages, type KsmItem } from "./ksm.ts";
import { layoutOf, type Layout } from "./layout.ts";
import { lockAll, lockRange, unlockAll } from "./lock.ts";
import { map, type MapRequest } from "./map.ts";
import { mapsText } from "./maps.ts";
import { Memory, type MemoryOptions } from "./memory.ts";
import { PageTable } from "./pageTable.ts";
import { setMergeAny } from "./mergeAny.ts";
import { nameRange } from "./name.ts";
import { pin } from "./pin.ts";
import { protect } from "./protect.ts";
import { NO_KEY } from "./protectionKeys.ts";
import { remap, type RemapRequest } from "./remap.ts";
import { residency } from "./residency.ts";
import { seal } from "./seal.ts";
import { sync } from "./sync.ts";
import { forgetRange, unmap, unmapAll } from "./unmap.ts";
import { unveil } from "./unveil.ts";
import { Veil } from "./veil.ts";
import { pagemap } from "./views/pagemap.ts";
import { smapsText } from "./views/smaps.ts";
import { statusText } from "./views/status.ts";

/** How an address space is made. */
export interface AddressSpaceOptions extends MemoryOptions {
  /** The machine's memory; a machine of its own by default. */
  readonly memory?: Memory;
  readonly layout?: Layout;
}

/** A mapping as people ask for one. */
export interface Mapping {
  readonly pages: number;
  /** `"rw"`, `"r"`, `"rwx"`, `"none"`, or PROT_* bits. */
  readonly prot: string | number;
  /** The page to start at; a hint unless `flags` says MAP_FIXED. */
  readonly at?: number;
  /** MAP_* bits; private anonymous memory by default. */
  readonly flags?: number;
  readonly backing?: MapRequest["backing"];
  readonly offsetPages?: number;
}

/**
 * One address space (mm_struct): areas, page tables, and what each memory call does to them.
 *
 * Addresses are page indices and lengths page counts, plain numbers. Failures are values with a
 * reason; an argument that is no page index is a RangeError.
 *
 * Linux: include/linux/mm_types.h struct mm_struct
 */
export class AddressSpace {
  readonly memory: Memory;
  readonly areas: Areas;
  readonly pages: PageTable;
  /**
   * Ranges that exec filled before anybody watched; and ranges of which nothing is known any more.
   */
  readonly veil: Veil;
  readonly forgotten: Veil;
  readonly layout: Layout;

  /** Start of the heap and its present end (the break), in bytes; NaN while nobody stated them. */
  startBreak = 0;
  break = 0;
  /** Where the stack began, in pages; names [stack]. */
  startStack = -1;
  /** Where the program's own code lies, in bytes: what VmExe of status counts. */
  startCode = 0;
  endCode = 0;
  /** What of the program's own segments RLIMIT_DATA counts against the heap, in bytes. */
  programDataBytes = 0;
  /** Pages of all areas; of locked ones; of private writable ones; of stacks. */
  totalPages = 0;
  lockedPages = 0;
  /** Pages that count as locked though no area is: what MREMAP_DONTUNMAP leaves in the books. */
  lockedBeyond = 0;
  dataPages = 0;
  /** Pages of private memory that the machine has promised: what Committed_AS has of it. */
  promisedPages = 0;
  /** Pages that stay promised, or do not count as promised, though areas say otherwise. */
  promisedBeyond = 0;
  /** Resident pages by kind, and swap entries. */
  anonymousPages = 0;
  filePages = 0;
  sharedPages = 0;
  swapEntries = 0;
  /** Pages of the pool of huge pages, in small ones: they count as resident nowhere else. */
  hugetlbPages = 0;
  /** Page tables that show a huge page. */
  hugeTables = 0;
  /** What KSM knows of the pages that it came by. */
  readonly ksmItems: Map<number, KsmItem> = new Map();
  /** Flags that every new area gets (mlockall with MCL_FUTURE). */
  defaultFlags = 0;
  /** prctl(PR_SET_MDWE). */
  denyWriteExec = false;
  /** PR_MDWE_NO_INHERIT: children and new programs are free of it. */
  denyWriteExecAlone = false;
  /** prctl(PR_SET_MEMORY_MERGE): KSM may merge all that it can. */
  mergeAny = false;
  /** prctl(PR_SET_THP_DISABLE): 0, 1, or 3 where advised areas are excepted. */
  hugeDisabled: 0 | 1 | 3 = 0;
  /** The protection keys that are taken, bit by bit; and the one of memory for execution alone. */
  keys = 1;
  executeOnlyKey: number = NO_KEY;
  /** Whether what nobody stated may hold sealed areas: the program was seen to seal some. */
  maySeal = false;
  /**
   * Whether the owner may have touched its memory without anybody seeing it, as a recorded program
   * does.
   */
  touchedUnseen = false;
  /** Whether the layout's base is known to be the process' own, and is not merely the usual one. */
  hasKnownBase = false;
  /** Tasks that use the address space. */
  users = 1;

  constructor(options: AddressSpaceOptions = {}) {
    this.memory = options.memory ?? new Memory(options);
    const { journal } = this.memory.ports;
    this.areas = new Areas(journal);
    this.pages = new PageTable(journal);
    this.veil = new Veil(journal);
    this.forgotten = new Veil(journal);
    const { userBits } = this.memory.settings.values;
    journal.onUndo(() => this.memory.spaces.delete(this));
    this.memory.spaces.add(this);
    this.layout = options.layout ?? layoutOf(userBits, this.memory.pageShift, 8 * 1024 * 1024);
  }

  /**
   * Maps pages; returns the first page. See {@link mapPages} for the form that the system call
   * uses.
   */
  map(mapping: Mapping, actor: Actor = OMNIPOTENT): Result<number> {
    return this.mapPages(
      {
        at: mapping.at ?? 0,
        pages: mapping.pages,
        prot: protectionBits(mapping.prot),
        flags: mapping.flags ?? 0x22,
        backing: mapping.backing ?? null,
        offsetPages: mapping.offsetPages ?? 0,
      },
      actor,
    );
  }

  /** mmap behind its argument checks. Refuses: every `mmap/…` reason. Linux: mm/mmap.c do_mmap */
  mapPages(request: MapRequest, actor: Actor = OMNIPOTENT): Result<number> {
    return map(this, request, actor);
  }

  /**
   * mremap behind its argument checks; returns the first page. Refuses: every `mremap/…` reason.
   * Linux: mm/mremap.c do_mremap
   */
  remap(request: RemapRequest, actor: Actor = OMNIPOTENT): Result<number> {
    return remap(this, request, actor);
  }

  /** Unmaps whatever lies in the range. Linux: mm/vma.c do_vmi_munmap */
  unmap(page: number, pages: number): Result<undefined> {
    requirePages(page, pages);
    this.memory.work.mmapLocks++;
    return unmap(this, page, page + pages) ?? DONE;
  }

  /**
   * Changes the protection of a range, and its protection key, if one is given. Areas before a
   * failing one stay changed. Linux: mm/mprotect.c
   */
  protect(
    page: number,
    pages: number,
    prot: string | number,
    actor: Actor = OMNIPOTENT,
    key: number = NO_KEY,
  ): Result<undefined> {
    requirePages(page, pages);
    return protect(this, page, page + pages, { prot: protectionBits(prot), key, actor }) ?? DONE;
  }

  /** Gives advice for a range. Linux: mm/madvise.c do_madvise, behind its argument checks */
  advise(
    page: number,
    pages: number,
    advice: AdviceName | number,
    actor: Actor = OMNIPOTENT,
  ): Result<undefined> {
    requirePages(page, pages);
    return adviseRange(this, page, page + pages, adviceNumber(advice), actor) ?? DONE;
  }

  /** Locks a range into memory. Linux: mm/mlock.c do_mlock */
  lock(page: number, pages: number, onFault = false, actor: Actor = OMNIPOTENT): Result<undefined> {
    requirePages(page, pages);
    return lockRange(this, page, page + pages, onFault ? "on-fault" : "lock", actor) ?? DONE;
  }

  /** mseal: the range's mappings cannot be changed any more. Linux: mm/mseal.c do_mseal */
  seal(page: number, pages: number): Result<undefined> {
    requirePages(page, pages);
    return seal(this, page, page + pages) ?? DONE;
  }

  /**
   * prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME): gives the anonymous memory of a range a name, or takes
   * it away with none. Linux: mm/madvise.c set_anon_vma_name
   */
  name(page: number, pages: number, name?: string): Result<undefined> {
    requirePages(page, pages);
    return nameRange(this, page, page + pages, name) ?? DONE;
  }

  unlock(page: number, pages: number): Result<undefined> {
    requirePages(page, pages);
    return lockRange(this, page, page + pages, "unlock") ?? DONE;
  }

  /**
   * mlockall and munlockall behind their argument checks. Linux: mm/mlock.c apply_mlockall_flags
   */
  lockAll(current: boolean, future: boolean, onFault: boolean, actor: Actor = OMNIPOTENT): void {
    lockAll(this, { current, future, onFault }, actor);
  }

  unlockAll(): void {
    unlockAll(this);
  }

  /** Moves the break; returns the break in force, which is the old one where Linux refuses. */
  setBreak(bytes: number, actor: Actor = OMNIPOTENT): Result<number> {
    const refusal = growBreak(this, bytes, actor);
    return refusal ?? success(this.break);
  }

  /** One byte a page, 1 for resident, as mincore writes them. Linux: mm/mincore.c */
  residency(
    page: number,
    pages: number,
    actor: Actor = OMNIPOTENT,
    outputOffset = 0,
  ): Result<Uint8Array> {
    requirePages(page, pages);
    return residency(this, page, page + pages, actor, outputOffset);
  }

  /** msync behind its argument checks; `write` is MS_SYNC. Linux: mm/msync.c */
  sync(
    page: number,
    pages: number,
    invalidate: boolean,
    stopAtHole: boolean,
    write = false,
  ): Result<undefined> {
    requirePages(page, pages);
    return sync(this, page, page + pages, { invalidate, stopAtHole, write }) ?? DONE;
  }

  /**
   * Accesses a page as a program does; brings it in. Refuses with the signal that the program would
   * get.
   */
  touch(page: number, access: Access = "write", actor: Actor = OMNIPOTENT): Result<undefined> {
    return fault(this, page, access, actor) ?? DONE;
  }

  /** /proc/PID/ksm_merging_pages: how many pages are merged with others, as KSM last saw them. */
  get ksmMergingPages(): number {
    return mergingPages(this);
  }

  /** prctl(PR_SET_MEMORY_MERGE): all memory is mergeable, also what is mapped later; or none is. */
  setMergeAny(on: boolean): void {
    setMergeAny(this, on);
  }

  /**
   * Holds a page for the kernel to copy from or to it, on behalf of another process: brings it in,
   * and gives the process a copy of its own of what it may share with a child. Refuses where a
   * program would get a signal, and memory of devices, and secret memory.
   *
   * Linux: mm/gup.c pin_user_pages_remote
   */
  pin(
    page: number,
    access: "read" | "write" = "write",
    actor: Actor = OMNIPOTENT,
  ): Result<undefined> {
    return pin(this, page, access, actor) ?? DONE;
  }

  /** Writes bytes or text, from an offset into a page on; faults pages in. */
  write(
    page: number,
    data: string | Uint8Array,
    offsetBytes = 0,
    actor: Actor | "pinned" = OMNIPOTENT,
  ): Result<undefined> {
    const bytes = typeof data === "string" ? textBytes(data) : data;
    return writeMemory(this, page, offsetBytes, bytes, actor) ?? DONE;
  }

  /**
   * Reads into [0, length) of an array, faulting pages in, up to the first page that cannot be read.
   * Returns how many bytes were read.
   */
  readInto(
    page: number,
    offsetBytes: number,
    into: Uint8Array,
    length: number,
    actor: Actor = OMNIPOTENT,
  ): number {
    return readAsFarAs(this, page, offsetBytes, into, length, actor);
  }

  /** Reads bytes; faults pages in. */
  read(
    page: number,
    lengthBytes: number,
    offsetBytes = 0,
    actor: Actor | "pinned" = OMNIPOTENT,
  ): Result<Uint8Array> {
    const bytes = new Uint8Array(lengthBytes);
    return readMemory(this, page, offsetBytes, bytes, actor) ?? success(bytes);
  }

  /** Whether the machine promises a child of the address space its memory: fork asks first. */
  mayFork(actor: Actor = OMNIPOTENT): Result<undefined> {
    return mayCommitFork(this, actor) ?? DONE;
  }

  /**
   * Whether the machine promises so many pages: at once, or one by one, and then mode 2 of
   * overcommit alone counts them.
   */
  mayPromise(
    pages: number,
    how: "at-once" | "one-by-one",
    actor: Actor = OMNIPOTENT,
  ): Result<undefined> {
    const asked = how === "at-once" ? pages : Math.min(pages, 1);
    return mayCommit(this, { flags: VM_ACCOUNT, pages, asked }, actor) ?? DONE;
  }

  /** Whether anything is mapped in a range. Linux: mm/mmap.c find_vma_intersection */
  isMapped(page: number, pages: number): boolean {
    requirePages(page, pages);
    if (unveil(this, page, page + pages, "mmap") === "area") return true;
    const above = this.areas.find(page);
    return above >= 0 && this.areas.start[above] < page + pages;
  }

  /** A copy as fork makes it: areas and tables are copied, pages shared until somebody writes. */
  fork(): AddressSpace {
    return forkAddressSpace(this);
  }

  /** Nobody knows any more what lies in a range of pages. */
  forget(start: number, end: number): void {
    forgetRange(this, start, end);
    this.veil.lift(start, end);
    this.forgotten.add(start, end);
  }

  /** Whether everything that is mapped comes to so many pages at most, as far as anybody knows. */
  isWithin(pages: number): boolean {
    return isWithin(this, this.totalPages, pages);
  }

  /** Whether any range is unknown. */
  get hasUnknown(): boolean {
    return !this.veil.isEmpty || !this.forgotten.isEmpty;
  }

  /** States that what the areas say of a range is all there is. */
  stateRange(start: number, end: number): void {
    this.veil.lift(start, end);
    this.forgotten.lift(start, end);
  }

  /**
   * Takes everything away: the last task that used the address space is gone. Linux: mm/mmap.c
   * exit_mmap
   */
  tearDown(): void {
    unmapAll(this);
    const { spaces, ports } = this.memory;
    if (ports.journal.recording) {
      const order = [...spaces];
      ports.journal.onUndo(() => {
        spaces.clear();
        for (const space of order) spaces.add(space);
      });
    }
    spaces.delete(this);
  }

  /** /proc/PID/maps, in the kernel's own format. */
  maps(): string {
    return mapsText(this);
  }

  /** /proc/PID/smaps, in the kernel's own format. */
  smaps(): string {
    return smapsText(this);
  }

  /** Entries of /proc/PID/pagemap, eight bytes a page, without the numbers of frames and slots. */
  pagemap(page: number, pages: number): Uint8Array {
    requirePages(page, pages);
    return pagemap(this, page, pages);
  }

  /** The lines of /proc/PID/status that tell of memory. */
  status(): string {
    return statusText(this);
  }

  /** Runs an action, returns its value, and takes every change back. */
  attempt<T>(action: () => T): T {
    return this.memory.ports.journal.attempt(action);
  }
}

/** The number of an advice given by name or number. */
export function adviceNumber(advice: AdviceName | number): number {
  if (typeof advice === "number") return advice;
  const number = MADV[advice];
  if (number === undefined) {
    throw new TypeError(
      `expected the name of an advice such as "MADV_COLD", got "${String(advice)}"`,
    );
  }
  return number;
}

/** PROT_* bits from `"rw"`, `"r-x"`, `"none"` or bits. */
export function protectionBits(prot: string | number): number {
  if (typeof prot === "number") return prot;
  if (prot === "none" || prot === "") return PROT.PROT_NONE;
  let bits = 0;
  for (const letter of prot) {
    if (letter === "r") bits |= PROT.PROT_READ;
    else if (letter === "w") bits |= PROT.PROT_WRITE;
    else if (letter === "x") bits |= PROT.PROT_EXEC;
    else if (letter !== "-")
      throw new TypeError(`expected a protection such as "rw" or "none", got "${prot}"`);
  }
  return bits;
}

function requirePages(page: number, pages: number): void {
  if (!Number.isInteger(page) || page < 0) {
    throw new RangeError(`expected a page index (an integer from 0 on), got ${page}`);
  }
  if (!Number.isInteger(pages) || pages < 0)
    throw new RangeError(`expected a number of pages, got ${pages}`);
}

/** UTF-8, without a global that only some hosts have. */
function textBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x1_0000)
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else {
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
    }
  }
  return Uint8Array.from(bytes);
}
