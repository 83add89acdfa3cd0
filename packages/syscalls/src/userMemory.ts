import type { Actor, AddressSpace } from "@kadvise/mm-core";

/**
 * How a system call reads and writes the caller's memory. Addresses are a page index and an offset
 * into the page.
 */
export interface UserMemory {
  /**
   * Copies bytes in, as many as the array has room for or fewer; returns how many could be read
   * before the first that could not.
   */
  read(page: number, offset: number, into: Uint8Array, length?: number): number;
  /** Copies bytes out; false where Linux would answer EFAULT. */
  write(page: number, offset: number, bytes: Uint8Array): boolean;
  /** Whether something was read that nobody showed: zeros stand in its place. */
  readonly leftOut?: boolean;
  /** Whether a page holds a structure that stands in for the caller's own memory. */
  isLaidOver?(page: number): boolean;
}

/** What a task without memory can read and write: nothing. */
export class NoMemory implements UserMemory {
  read(): number {
    return 0;
  }

  write(): boolean {
    return false;
  }
}

/** The caller's own pages. */
export class TaskMemory implements UserMemory {
  private readonly mm: AddressSpace;
  /** Whose limits hold where a stack must grow for it. */
  private readonly actor: Actor;

  constructor(mm: AddressSpace, actor: Actor) {
    this.mm = mm;
    this.actor = actor;
  }

  read(page: number, offset: number, into: Uint8Array, length: number = into.length): number {
    if (!this.isUser(page, offset, length)) return 0;
    if (this.isUnseen(page, offset, length, "read")) return length;
    return this.mm.readInto(page, offset, into, length, this.actor);
  }

  write(page: number, offset: number, bytes: Uint8Array): boolean {
    if (!this.isUser(page, offset, bytes.length)) return false;
    if (this.isUnseen(page, offset, bytes.length, "write")) return true;
    return this.mm.write(page, bytes, offset, this.actor).ok;
  }

  /** Whether all of it lies in the user half. Linux: arch/x86/include/asm/uaccess.h access_ok */
  private isUser(page: number, offset: number, length: number): boolean {
    const { pageBytes } = this.mm.memory;
    const { limit } = this.mm.layout;
    if (offset + length <= pageBytes) return page < limit;
    const endPage = page + Math.floor((offset + length) / pageBytes);
    const rest = (offset + length) % pageBytes;
    return endPage < limit || (endPage === limit && rest === 0);
  }

  /**
   * Memory of a recorded program may hold anything. Whether it is there at all is asked where
   * nothing was ever said of it; what it holds nobody can tell.
   */
  private isUnseen(
    page: number,
    offset: number,
    length: number,
    access: "read" | "write",
  ): boolean {
    const { mm } = this;
    if (!mm.touchedUnseen) return false;
    const { pageBytes, ports } = mm.memory;
    const end = page + Math.ceil((offset + length) / pageBytes);
    const unstated =
      mm.veil.within(page, end) !== undefined || mm.forgotten.within(page, end) !== undefined;
    if (unstated) {
      const there = ports.choices.choose<boolean>({
        id: "memory/unstated-pointer",
        usual: true,
        allows: () => true,
        describe: () =>
          `whether the program's pointer 0x${(page * pageBytes + offset).toString(16)} leads to memory`,
        alternatives: [true, false],
        pages: { start: page, end },
      });
      if (!there) return false;
      if (access === "write") return true;
    }
    if (access === "write") return false;
    for (let at = page; at < end; at++)
      if (!unstated && !mm.touch(at, "read", this.actor).ok) return false;
    ports.choices.choose<"unseen">({
      id: "memory/contents",
      usual: "unseen",
      allows: () => false,
      describe: () =>
        `what the program's memory at 0x${(page * pageBytes + offset).toString(16)} holds`,
      pages: { start: page, end },
    });
    return true;
  }
}

/**
 * Where decoded structures lie: above every user address and outside the kernel's, so that no
 * pointer names it.
 */
const OVERLAY_PAGE = 0x000f_fade_0000_0;

/**
 * The caller's memory with decoded structures laid over it: what a log or a typed call shows
 * instead of an address.
 *
 * Each structure gets an address that no program can have; the call reads and writes it there.
 */
export class DecodedMemory implements UserMemory {
  private readonly under: UserMemory;
  private readonly pageBytes: number;
  private readonly structures: Uint8Array[] = [];
  /** By number of the structure: what to ask before anybody reads beyond what is shown of it. */
  private readonly cuts: Map<number, () => void> = new Map();
  leftOut = false;

  constructor(under: UserMemory, pageBytes: number) {
    this.under = under;
    this.pageBytes = pageBytes;
  }

  /**
   * Lays a structure over the memory; returns the number that stands for it in {@link address} and
   * {@link bytes}. With `beyond`, it goes on behind what is shown: who reads there asks first.
   */
  place(bytes: Uint8Array, beyond?: () => void): number {
    this.structures.push(bytes);
    const number = this.structures.length - 1;
    if (beyond !== undefined) this.cuts.set(number, beyond);
    return number;
  }

  /** The address of a structure, for a register. Structures lie 2^20 pages apart. */
  address(structure: number): bigint {
    return BigInt(OVERLAY_PAGE + structure * 2 ** 20) * BigInt(this.pageBytes);
  }

  /** The bytes of a structure as the call left them. */
  bytes(structure: number): Uint8Array {
    return this.structures[structure];
  }

  isLaidOver(page: number): boolean {
    return this.find(page, 0) !== undefined;
  }

  read(page: number, offset: number, into: Uint8Array, length: number = into.length): number {
    const found = this.find(page, offset);
    if (found === undefined) return this.under.read(page, offset, into, length);
    const shown = Math.min(length, found.bytes.length - found.at);
    into.set(found.bytes.subarray(found.at, found.at + shown));
    const beyond = shown < length ? this.cuts.get(found.number) : undefined;
    if (beyond === undefined) return shown;
    beyond();
    this.leftOut = true;
    into.fill(0, shown, length);
    return length;
  }

  write(page: number, offset: number, bytes: Uint8Array): boolean {
    const found = this.find(page, offset);
    if (found === undefined) return this.under.write(page, offset, bytes);
    if (found.at + bytes.length > found.bytes.length) return false;
    found.bytes.set(bytes, found.at);
    return true;
  }

  private find(
    page: number,
    offset: number,
  ): { number: number; bytes: Uint8Array; at: number } | undefined {
    if (page < OVERLAY_PAGE) return undefined;
    const number = Math.floor((page - OVERLAY_PAGE) / 2 ** 20);
    const bytes = this.structures[number];
    if (bytes === undefined) return undefined;
    const at = (page - OVERLAY_PAGE - number * 2 ** 20) * this.pageBytes + offset;
    return { number, bytes, at };
  }
}
