/** A 64-bit address in halves as a page index: exact, and without a power to compute. */
export function pageOf(low: number, high: number, pageShift: number): number {
  return high * (0x1_0000_0000 / (1 << pageShift)) + (low >>> pageShift);
}

/** How many pages 64 bits of address name. */
export function addressPages(pageShift: number): number {
  return (0x1_0000_0000 / (1 << pageShift)) * 0x1_0000_0000;
}

/**
 * The six argument registers of a system call, as pairs of 32-bit halves.
 *
 * A register holds 64 bits, a JavaScript number 53: halves carry any value, absurd ones included,
 * without a BigInt per argument. Page indices and page counts are exact as numbers: 2^52 pages span
 * the whole of 64 bits.
 */
export class Registers {
  private readonly halves: Uint32Array;

  constructor(...values: readonly (number | bigint)[]) {
    this.halves = new Uint32Array(12);
    for (const [i, value] of values.entries()) this.set(i, value);
  }

  /** Writes a register; negative values as two's complement, anything wider than 64 bits cut. */
  set(i: number, value: number | bigint): void {
    if (typeof value === "number" && Number.isSafeInteger(value)) {
      this.halves[2 * i] = value >>> 0;
      this.halves[2 * i + 1] = Math.floor(value / 0x1_0000_0000) >>> 0;
      return;
    }
    const wide = BigInt.asUintN(64, BigInt(value));
    this.halves[2 * i] = Number(wide & 0xffff_ffffn);
    this.halves[2 * i + 1] = Number(wide >> 32n);
  }

  /** Writes a register from its halves. */
  setHalves(i: number, low: number, high: number): void {
    this.halves[2 * i] = low;
    this.halves[2 * i + 1] = high;
  }

  /** The low 32 bits, unsigned: what a parameter of type `unsigned int` sees. */
  low(i: number): number {
    return this.halves[2 * i];
  }

  high(i: number): number {
    return this.halves[2 * i + 1];
  }

  /** The low 32 bits, signed: what a parameter of type `int` sees. */
  int(i: number): number {
    return this.halves[2 * i] | 0;
  }

  /** The whole register as a page index. */
  page(i: number, pageShift: number): number {
    return pageOf(this.halves[2 * i], this.halves[2 * i + 1], pageShift);
  }

  /** The bytes by which the register misses its page. */
  offset(i: number, pageShift: number): number {
    return this.halves[2 * i] & ((1 << pageShift) - 1);
  }

  /** The register as a length in pages, a rest counting as one. */
  pagesUp(i: number, pageShift: number): number {
    return this.page(i, pageShift) + (this.offset(i, pageShift) > 0 ? 1 : 0);
  }

  /** The register as a number: exact below 2^53. */
  number(i: number): number {
    return this.halves[2 * i + 1] * 0x1_0000_0000 + this.halves[2 * i];
  }

  /** The register as a signed 64-bit number: exact within 2^53. */
  signed(i: number): number {
    return (this.halves[2 * i + 1] | 0) * 0x1_0000_0000 + this.halves[2 * i];
  }

  big(i: number): bigint {
    return (BigInt(this.halves[2 * i + 1]) << 32n) | BigInt(this.halves[2 * i]);
  }

  isZero(i: number): boolean {
    return this.halves[2 * i] === 0 && this.halves[2 * i + 1] === 0;
  }

  /** Hex, as strace prints pointers. */
  hex(i: number): string {
    return `0x${this.big(i).toString(16)}`;
  }

  /** A 32-bit caller's registers: the upper halves do not exist. */
  narrow(): void {
    for (let i = 1; i < 12; i += 2) this.halves[i] = 0;
  }
}
