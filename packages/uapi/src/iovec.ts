/** The layout of `struct iovec`, and the limits of a vector. */
export interface IovecLayout {
  /** Bytes of one element. */
  readonly bytes: number;
  /** Offset of the base address. */
  readonly baseOffset: number;
  /** Offset of the length. */
  readonly lengthOffset: number;
  /** Bytes of either field. */
  readonly fieldBytes: 4 | 8;
}

/** Linux: include/uapi/linux/uio.h, struct iovec, as a 64-bit program lays it out. */
export const IOVEC_64: IovecLayout = { bytes: 16, baseOffset: 0, lengthOffset: 8, fieldBytes: 8 };

/** Linux: include/linux/compat.h, struct compat_iovec: what a 32-bit program lays out. */
export const IOVEC_COMPAT: IovecLayout = {
  bytes: 8,
  baseOffset: 0,
  lengthOffset: 4,
  fieldBytes: 4,
};

/** The most elements a vector may have. Linux: include/uapi/linux/uio.h */
export const UIO_MAXIOV = 1024;

/** Vectors up to here need no allocation in the kernel. Linux: include/uapi/linux/uio.h */
export const UIO_FASTIOV = 8;

/**
 * INT_MAX rounded down to a page: the most bytes that one call handles. Linux: include/linux/fs.h
 */
export function maxRwCount(pageShift: number): number {
  return (0x7fff_ffff >>> pageShift) << pageShift;
}
