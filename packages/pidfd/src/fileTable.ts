import { type Ports, quietPorts } from "@kadvise/ports";
import type { Refusal, Result } from "@kadvise/uapi";
import { success } from "@kadvise/uapi";
import { reasons } from "./reasons.ts";

/** Up to here a closed range is noted descriptor by descriptor. */
const CLOSED_AHEAD = 1023;
/**
 * Up to here the table is a list. fs.nr_open may let a program open a descriptor near 2^31, which a
 * log shows now and then: those few are kept apart.
 */
const DENSE = 65536;

/** One open descriptor. */
export interface Slot<F> {
  readonly file: F;
  readonly closeOnExec: boolean;
}

/**
 * The descriptor table of a process, generic in what a descriptor names. Linux: fs/file.c
 *
 * A table that nobody stated (`unstated`) may hold anything where it was not looked at yet:
 * `undefined` is then "not stated", `null` "known to be closed".
 */
export class FileTable<F> {
  readonly ports: Ports;
  /** Tasks that share the table (CLONE_FILES). */
  users = 1;
  /**
   * What a descriptor names that turned out to have been open all the time; undefined where all is
   * stated.
   */
  unstated: F | undefined;
  private slots: (Slot<F> | null | undefined)[] = [];
  private far: Map<number, Slot<F> | null | undefined> = new Map();

  constructor(options: { readonly ports?: Ports; readonly unstated?: F } = {}) {
    this.ports = options.ports ?? quietPorts();
    this.unstated = options.unstated;
  }

  /** The slot of a descriptor; undefined if it is closed. */
  get(fd: number): Slot<F> | undefined {
    if (!Number.isInteger(fd) || fd < 0) return undefined;
    const slot = fd < DENSE ? this.slots[fd] : this.far.get(fd);
    if (slot !== undefined) return slot ?? undefined;
    return this.unstated === undefined ? undefined : this.state(fd);
  }

  /** As {@link get}; a closed descriptor is EBADF. */
  require(fd: number): Result<Slot<F>> {
    const slot = this.get(fd);
    return slot === undefined ? reasons.refuse(this.ports.checks, "fd/closed", fd) : success(slot);
  }

  /** Opens the lowest free descriptor from `start` on, below `limit`. */
  open(file: F, closeOnExec: boolean, limit: number, start = 0): Result<number> {
    const fd = this.lowestFree(start, limit);
    if (typeof fd !== "number") return fd;
    this.set(fd, { file, closeOnExec });
    return success(fd);
  }

  /** Whether a descriptor from `start` on is free; the refusal of {@link open} if not. */
  mayOpen(limit: number, start = 0): Refusal | undefined {
    let free = start;
    while (this.peek(free) !== undefined) free++;
    return free < limit ? undefined : reasons.refuse(this.ports.checks, "fd/table-full", limit);
  }

  /** Puts a file at a number; whatever was there is closed silently. */
  set(fd: number, slot: Slot<F> | null | undefined): void {
    const { journal } = this.ports;
    if (fd >= DENSE) {
      journal.saveEntry(this.far, fd);
      this.far.set(fd, slot);
      return;
    }
    if (journal.recording) {
      const { length } = this.slots;
      const old = this.slots[fd];
      journal.onUndo(() => {
        this.slots[fd] = old;
        this.slots.length = length;
      });
    }
    while (this.slots.length < fd) this.slots.push(this.unstated === undefined ? null : undefined);
    this.slots[fd] = slot;
  }

  /** Closes a descriptor. */
  close(fd: number): Result<F> {
    const slot = this.require(fd);
    if (!slot.ok) return slot;
    this.set(fd, null);
    return success(slot.value.file);
  }

  /** A copy for a forked process: same files, same marks. */
  copy(): FileTable<F> {
    const copy = new FileTable<F>({ ports: this.ports });
    copy.unstated = this.unstated;
    copy.slots = this.slots.slice();
    copy.far = new Map(this.far);
    return copy;
  }

  /**
   * Closes what is marked close-on-exec. Of a descriptor that nobody stated, the mark is not known
   * either: whether it stays open is open again.
   */
  closeOnExec(): void {
    for (const [fd, slot] of [...this.slots.entries(), ...this.far]) {
      if (slot?.closeOnExec === true) this.set(fd, null);
      else if (this.isUnstated(fd)) this.set(fd, undefined);
    }
  }

  /** Whether an open descriptor is one of which nothing else was ever stated. */
  isUnstated(fd: number): boolean {
    const file = this.peek(fd)?.file;
    return file !== undefined && file === this.unstated;
  }

  /** The open descriptors that are known, ascending. */
  *[Symbol.iterator](): IterableIterator<[number, Slot<F>]> {
    for (const [fd, slot] of [...this.slots.entries(), ...[...this.far].sort(([a], [b]) => a - b)])
      if (slot !== null && slot !== undefined) yield [fd, slot];
  }

  /** What is known of a descriptor, without asking. */
  peek(fd: number): Slot<F> | undefined {
    return (fd < DENSE ? this.slots[fd] : this.far.get(fd)) ?? undefined;
  }

  /** States that a descriptor of which nothing was known was open. */
  stateOpen(fd: number): void {
    const slot = fd < DENSE ? this.slots[fd] : this.far.get(fd);
    if (slot === undefined && this.unstated !== undefined) {
      this.set(fd, { file: this.unstated, closeOnExec: false });
    }
  }

  /** Closes every descriptor of a range that is not known to be closed. */
  closeRange(first: number, last: number): void {
    for (const fd of [...this.slots.keys(), ...this.far.keys()])
      if (fd >= first && fd <= last) this.set(fd, null);
    // What was never stated and lies in the range is closed now too, as far as anybody looks.
    if (this.unstated !== undefined) {
      for (let fd = Math.max(first, this.slots.length); fd <= Math.min(last, CLOSED_AHEAD); fd++)
        this.set(fd, null);
    }
  }

  /** Marks every open descriptor of a range to be closed at exec. */
  closeRangeOnExec(first: number, last: number): void {
    for (const [fd, { file }] of this) {
      if (fd >= first && fd <= last) this.set(fd, { file, closeOnExec: true });
    }
  }

  /** Nobody knows any more whether a descriptor is open; what is known of the others stays. */
  forget(fd: number, unstated: F): void {
    if (this.unstated === undefined) {
      for (let known = this.slots.length; known <= CLOSED_AHEAD; known++) this.set(known, null);
      this.ports.journal.save(this, "unstated");
      this.unstated = unstated;
    }
    this.set(fd, undefined);
  }

  /** Nobody knows any more what any descriptor names. */
  forgetAll(unstated: F): void {
    const { journal } = this.ports;
    journal.save(this, "unstated");
    journal.save(this, "slots");
    journal.save(this, "far");
    this.unstated = unstated;
    this.slots = [];
    this.far = new Map();
  }

  private lowestFree(start: number, limit: number): number | Refusal {
    let fd = start;
    while (this.peek(fd) !== undefined) fd++;
    if (fd >= limit) return reasons.refuse(this.ports.checks, "fd/table-full", limit);
    const slot = fd < DENSE ? this.slots[fd] : this.far.get(fd);
    return this.unstated !== undefined && slot !== null ? this.chooseFree(start, limit) : fd;
  }

  /**
   * The lowest descriptor that is not known to be open, up to the first that is known to be closed.
   */
  private chooseFree(start: number, limit: number): number {
    const firstClosed = this.slots.indexOf(null, start);
    const last = firstClosed < 0 ? limit - 1 : Math.min(firstClosed, limit - 1);
    const isOpen = (fd: number): boolean => this.peek(fd) !== undefined;
    const free = (from: number): number => {
      let fd = from;
      while (isOpen(fd)) fd++;
      return fd;
    };
    // The terminal's three are usually open.
    const behindTerminal = free(Math.max(start, 3));
    const usual = behindTerminal <= last ? behindTerminal : free(start);
    const answer = this.ports.choices.choose<number>({
      id: "fd/next",
      usual,
      allows: (fd) => Number.isInteger(fd) && fd >= start && fd <= last && !isOpen(fd),
      describe: () => `the lowest free descriptor from ${start} on`,
      fromResult: (value) => value,
    });
    // The lowest was taken: everything below it is open.
    for (let fd = start; fd < Math.min(answer, start + DENSE); fd++) {
      if (!isOpen(fd)) this.set(fd, { file: this.unstated!, closeOnExec: false });
    }
    return answer;
  }

  private state(fd: number): Slot<F> | undefined {
    const open = this.ports.choices.choose<boolean>({
      id: "fd/unstated",
      usual: fd <= 2,
      allows: () => true,
      describe: () => `whether descriptor ${fd} was open before`,
      alternatives: [true, false],
    });
    const slot = open ? { file: this.unstated!, closeOnExec: false } : null;
    this.set(fd, slot);
    return slot ?? undefined;
  }
}
