import { IOVEC_64, IOVEC_COMPAT, type Refusal, UIO_MAXIOV } from "@kadvise/uapi";
import { copyIn, longAt, wordAt } from "../copyUser.ts";
import { reasons } from "../importVector.ts";
import { pageOf, type Registers } from "../registers.ts";
import type { Task } from "../task.ts";

/** A range of another process' memory. */
export interface RemoteRange {
  readonly page: number;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Copies a vector of ranges of another process: nobody looks whether they lie in the caller's user
 * half. Linux: lib/iov_iter.c iovec_from_user
 */
export function remoteRanges(
  task: Task,
  registers: Registers,
  pointer: number,
  count: number,
): readonly RemoteRange[] | Refusal {
  const { ports, memory } = task.machine;
  const n = registers.number(count);
  if (n > UIO_MAXIOV) return reasons.refuse(ports.checks, "iovec/too-many", n, UIO_MAXIOV);
  const compat = task.abi === "i386";
  const layout = compat ? IOVEC_COMPAT : IOVEC_64;
  const bytes = copyIn(task, registers, pointer, n * layout.bytes);
  if ("ok" in bytes) {
    return reasons.refuse(ports.checks, "iovec/unreadable", registers.hex(pointer), 0);
  }
  const ranges: RemoteRange[] = [];
  for (let i = 0; i < n; i++) {
    const at = i * layout.bytes;
    const low = wordAt(bytes, at);
    const high = compat ? 0 : wordAt(bytes, at + 4);
    const lengthAt = at + layout.lengthOffset;
    const sign = wordAt(bytes, compat ? lengthAt : lengthAt + 4) | 0;
    if (sign < 0) return reasons.refuse(ports.checks, "iovec/negative-length", i, "negative");
    ranges.push({
      page: pageOf(low, high, memory.pageShift),
      offset: low & (memory.pageBytes - 1),
      bytes: compat ? wordAt(bytes, lengthAt) : longAt(bytes, lengthAt),
    });
  }
  return ranges;
}
