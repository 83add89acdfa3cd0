import { UIO_MAXIOV } from "@kadvise/uapi";

/**
 * An imported vector of address ranges: bases as page and offset, lengths in bytes, after checks
 * and cutting.
 *
 * Columns of the largest size, filled anew for each call: a vector of 1024 ranges allocates
 * nothing.
 */
export class Vector {
  count = 0;
  /** Bytes of all segments together: at most MAX_RW_COUNT. */
  totalBytes = 0;
  readonly basePage: Float64Array = new Float64Array(UIO_MAXIOV);
  readonly baseOffset: Uint32Array = new Uint32Array(UIO_MAXIOV);
  readonly lengthBytes: Float64Array = new Float64Array(UIO_MAXIOV);
  /** Where the raw elements are copied to. */
  readonly raw: Uint8Array = new Uint8Array(UIO_MAXIOV * 16);
  readonly words: Uint32Array = new Uint32Array(this.raw.buffer);
}
