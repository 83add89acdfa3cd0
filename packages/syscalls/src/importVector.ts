import {
  IOVEC_64,
  IOVEC_COMPAT,
  maxRwCount,
  Reasons,
  type Refusal,
  UIO_MAXIOV,
} from "@kadvise/uapi";
import { liesBelow, userLimit, type UserLimit } from "./accessOk.ts";
import { pageOf, type Registers } from "./registers.ts";
import type { Task } from "./task.ts";
import type { Vector } from "./vector.ts";

const entries = {
  "iovec/too-many": {
    errno: "EINVAL",
    text: "the vector has more than 1024 elements",
    passes: "the vector has at most 1024 elements",
    linux: "lib/iov_iter.c iovec_from_user",
    since: "seed",
    remedy: "split the vector: 1024 ranges a call; of the count only the low 32 bits are looked at",
    compares: ["vlen", "most"],
  },
  "iovec/unreadable": {
    errno: "EFAULT",
    text: "the vector itself cannot be read from the caller's memory",
    passes: "the vector can be read from the caller's memory",
    linux: "lib/iov_iter.c copy_iovec_from_user, copy_compat_iovec_from_user",
    since: "seed",
    remedy: "pass a pointer to readable memory",
    compares: ["address", "element"],
  },
  "iovec/negative-length": {
    errno: "EINVAL",
    text: "an element's length is negative when read as a signed number",
    passes: "no length is negative when read as a signed number",
    linux: "lib/iov_iter.c copy_iovec_from_user",
    since: "seed",
    remedy: "pass a length below 2^63, from a 32-bit caller below 2^31",
    compares: ["element", "length"],
  },
  "iovec/beyond-user-space": {
    errno: "EFAULT",
    text: "an element reaches beyond the caller's own user half (a [vsyscall] line of maps, for one)",
    passes: "no element reaches beyond the caller's own user half",
    linux: "lib/iov_iter.c __import_iovec, access_ok",
    since: "seed",
    remedy:
      "leave the range out; the limit is the caller's even where the range is another process'",
    compares: ["element", "address"],
  },
} as const;

/** The reasons of the vector import. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * Copies a vector of ranges from the caller's memory and checks it. Linux: lib/iov_iter.c
 * import_iovec; before 5.10 fs/read_write.c rw_copy_check_uvector
 *
 * Only the low 32 bits of the count are looked at (it is passed on as `unsigned`). No element, no
 * look at the pointer. Which element's fault is told first depends on the release: see
 * VectorFeatures.
 */
export function importVector(
  task: Task,
  registers: Registers,
  pointer: number,
  count: number,
  vector: Vector,
): Refusal | undefined {
  const { ports, profile } = task.machine;
  const n = registers.low(count);
  vector.count = n;
  vector.totalBytes = 0;
  if (n > UIO_MAXIOV) return reasons.refuse(ports.checks, "iovec/too-many", n, UIO_MAXIOV);
  reasons.passed(ports.checks, "iovec/too-many", n, UIO_MAXIOV);
  if (n === 0) return undefined;

  const compat = task.abi === "i386";
  const layout = compat ? IOVEC_COMPAT : IOVEC_64;
  const { pageShift } = task.machine.memory;
  const bytes = n * layout.bytes;
  const page = registers.page(pointer, pageShift);
  const offset = registers.offset(pointer, pageShift);
  const readable = task.memory.read(page, offset, vector.raw, bytes);
  // A 32-bit caller's array is read element by element on every release.
  const whole = !compat && profile.vector.checks !== "elementwise";
  if (readable < bytes && whole)
    return unreadable(task, registers, pointer, Math.floor(readable / layout.bytes));

  const interleaved = profile.vector.checks === "interleaved";
  const most = maxRwCount(pageShift);
  const single = n === 1 && profile.vector.singleIsCutFirst;
  const limit = userLimit(task);
  let total = 0;
  for (let i = 0; i < n; i++) {
    if ((i + 1) * layout.bytes > readable) return unreadable(task, registers, pointer, i);
    if (lengthSign(vector, i, compat) < 0) return negative(task, vector, i, compat);
    load(vector, i, compat, pageShift);
    if (interleaved) {
      if (!isUser(limit, task, vector, i)) return beyond(task, vector, i);
      total = cut(vector, i, total, most);
    }
  }
  reasons.passed(ports.checks, "iovec/unreadable", registers.isZero(pointer) ? "NULL" : "", n);
  reasons.passed(ports.checks, "iovec/negative-length", n);
  if (!interleaved) {
    for (let i = 0; i < n; i++) {
      if (single) vector.lengthBytes[0] = Math.min(vector.lengthBytes[0], most);
      if (!isUser(limit, task, vector, i)) return beyond(task, vector, i);
      total = cut(vector, i, total, most);
    }
  }
  reasons.passed(ports.checks, "iovec/beyond-user-space", n);
  vector.totalBytes = total;
  return undefined;
}

/**
 * Cuts an element so that the total stays at MAX_RW_COUNT; later ones become empty. Returns the new
 * total.
 */
function cut(vector: Vector, i: number, total: number, most: number): number {
  const length = vector.lengthBytes[i];
  if (length <= most - total) return total + length;
  vector.lengthBytes[i] = most - total;
  return most;
}

function lengthSign(vector: Vector, i: number, compat: boolean): number {
  return (compat ? vector.words[2 * i + 1] : vector.words[4 * i + 3]) | 0;
}

/**
 * Spreads a raw element over the columns. A length is exact up to 2^53; beyond, no address check
 * lets it pass.
 */
function load(vector: Vector, i: number, compat: boolean, pageShift: number): void {
  const { words } = vector;
  const low = compat ? words[2 * i] : words[4 * i];
  const high = compat ? 0 : words[4 * i + 1];
  vector.basePage[i] = pageOf(low, high, pageShift);
  vector.baseOffset[i] = low & ((1 << pageShift) - 1);
  vector.lengthBytes[i] = compat
    ? words[2 * i + 1]
    : words[4 * i + 3] * 0x1_0000_0000 + words[4 * i + 2];
}

/** The caller's limit holds even where the range is another process'. */
function isUser(limit: UserLimit, task: Task, vector: Vector, i: number): boolean {
  const { pageBytes } = task.machine.memory;
  const length = vector.lengthBytes[i];
  const whole = Math.floor(length / pageBytes);
  const rest = length - whole * pageBytes;
  return liesBelow(limit, task, vector.basePage[i], vector.baseOffset[i], whole, rest);
}

function unreadable(task: Task, registers: Registers, pointer: number, element: number): Refusal {
  return reasons.refuse(
    task.machine.ports.checks,
    "iovec/unreadable",
    registers.hex(pointer),
    element,
  );
}

function negative(task: Task, vector: Vector, i: number, compat: boolean): Refusal {
  const { words } = vector;
  const length = compat
    ? `0x${words[2 * i + 1].toString(16)}`
    : `0x${((BigInt(words[4 * i + 3]) << 32n) | BigInt(words[4 * i + 2])).toString(16)}`;
  return reasons.refuse(task.machine.ports.checks, "iovec/negative-length", i, length);
}

function beyond(task: Task, vector: Vector, i: number): Refusal {
  const address =
    BigInt(vector.basePage[i]) * BigInt(task.machine.memory.pageBytes) +
    BigInt(vector.baseOffset[i]);
  return reasons.refuse(
    task.machine.ports.checks,
    "iovec/beyond-user-space",
    i,
    `0x${address.toString(16)}`,
  );
}
