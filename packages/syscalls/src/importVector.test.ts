import type { Settings } from "@kadvise/releases";
import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Task } from "./task.ts";
import { call, call32, said, TestMachine } from "./testing/machine.ts";

const HEAP = 0x2000_0000n;
const VEC = 0x2001_0000n;
const PAGE = 0x1000n;
const COLD = 20;
const DONTNEED = 4;
const MOST = 0x7fff_f000;
/** The first address beyond the user half of x86-64 with four levels. */
const LIMIT = 0x7fff_ffff_f000n;

let task: Task;
let own: number;

function start(release: string, settings: Partial<Settings> = {}): void {
  task = new TestMachine({ release, settings }).spawn();
  must(call(task, "mmap", HEAP, 4n * PAGE, 3, 0x32, -1, 0));
  must(call(task, "mmap", VEC, 4n * PAGE, 3, 0x32, -1, 0));
  own = must(call(task, "pidfd_open", task.pid.number, 0));
}

function put(at: bigint, ...values: readonly bigint[]): void {
  const words = BigUint64Array.from(values, (value) => BigInt.asUintN(64, value));
  const [page, offset] = [Number(at / PAGE), Number(at % PAGE)];
  must(task.space.write(page, new Uint8Array(words.buffer), offset));
}

function advise(vlen: number | bigint, at: bigint = VEC, advice: number = COLD): number | string {
  return said(call(task, "process_madvise", own, at, vlen, advice, 0));
}

/** What one range, or several, come to. */
function ranges(...pairs: readonly (readonly [bigint, bigint])[]): number | string {
  put(VEC, ...pairs.flat());
  return advise(pairs.length);
}

describe.each(["seed", "5.10", "6.12", "7.3"])("the number of elements on %s", (release) => {
  beforeEach(() => {
    start(release);
  });

  test("none needs no pointer; 1024 are taken, more are not even read", () => {
    expect(advise(0, 0n)).toBe(0);
    put(VEC, HEAP, PAGE);
    // The other 1023 are zeros.
    expect(advise(1024)).toBe(Number(PAGE));
    expect(advise(1025, 8n)).toBe("EINVAL iovec/too-many");
  });

  test("it is cut to 32 bits, unsigned: 2^32 is none, 2^32+1 is one, -1 is too many", () => {
    put(VEC, HEAP, PAGE);
    expect(advise(1n << 32n, 8n)).toBe(0);
    expect(advise((1n << 32n) + 1n)).toBe(Number(PAGE));
    expect(advise(-1)).toBe("EINVAL iovec/too-many");
    expect(advise(0x8000_0000)).toBe("EINVAL iovec/too-many");
  });

  test("the pointer need not be aligned", () => {
    for (const offset of [1n, 7n, 13n]) {
      put(VEC + offset, HEAP, PAGE);
      expect(advise(1, VEC + offset)).toBe(Number(PAGE));
    }
  });

  test("the array must be readable to its end: past it, and without the right to read", () => {
    const end = VEC + 4n * PAGE;
    put(end - 32n, HEAP, PAGE, HEAP, PAGE);
    expect(advise(2, end - 32n)).toBe(2 * Number(PAGE));
    expect(advise(3, end - 32n)).toBe("EFAULT iovec/unreadable");
    expect(advise(1, end - 8n)).toBe("EFAULT iovec/unreadable");
    must(call(task, "mprotect", VEC, 4n * PAGE, 0));
    expect(advise(1)).toBe("EFAULT iovec/unreadable");
    expect(advise(1, 0xffff_8000_0000_0000n)).toBe("EFAULT iovec/unreadable");
    expect(advise(1, -8n)).toBe("EFAULT iovec/unreadable");
  });
});

describe.each(["seed", "6.13", "7.3"])("a vector in the pages that it names on %s", (release) => {
  beforeEach(() => {
    start(release);
  });

  test("it was copied before anything is advised: its own page may be dropped first", () => {
    put(VEC, VEC, PAGE, HEAP, PAGE);
    must(task.space.write(Number(HEAP / PAGE), "data"));
    expect(advise(2, VEC, DONTNEED)).toBe(2 * Number(PAGE));
    expect([...must(task.space.read(Number(VEC / PAGE), 8))]).toEqual(Array(8).fill(0));
    expect([...must(task.space.read(Number(HEAP / PAGE), 4))]).toEqual([0, 0, 0, 0]);
    // What it says now is nothing at all.
    expect(advise(2, VEC, DONTNEED)).toBe(0);
  });

  test("one that was paged out is brought back by reading it", () => {
    put(VEC, VEC, PAGE);
    expect(advise(1, VEC, 21)).toBe(Number(PAGE));
    expect(advise(1, VEC, 21)).toBe(Number(PAGE));
  });
});

/** What one element comes to, by kind of kernel. Sheet madvise.md 2.3. */
const OLD = ["seed", "5.10", "6.1"];
const SIGN_BIT = ["6.4", "6.6", "6.8"];
const NEW = ["6.12", "6.18", "7.3"];

describe.each([...OLD, ...SIGN_BIT, ...NEW])("addresses and lengths on %s", (release) => {
  beforeEach(() => {
    start(release);
  });
  const signBit = SIGN_BIT.includes(release);
  const cutFirst = !OLD.includes(release);

  test("a length is signed: from 2^63 on it is negative", () => {
    expect(ranges([HEAP, 1n << 63n])).toBe("EINVAL iovec/negative-length");
    expect(ranges([HEAP, -1n])).toBe("EINVAL iovec/negative-length");
    const longest = cutFirst ? "ENOMEM madvise/hole" : "EFAULT iovec/beyond-user-space";
    expect(ranges([HEAP, (1n << 63n) - 1n])).toBe(longest);
  });

  test("the user half ends where the release says", () => {
    const beyond = "EFAULT iovec/beyond-user-space";
    expect(ranges([LIMIT - PAGE, PAGE])).toBe("ENOMEM madvise/hole");
    expect(ranges([LIMIT, 0n])).toBe(0);
    expect(ranges([LIMIT, PAGE])).toBe(signBit ? "ENOMEM madvise/hole" : beyond);
    expect(ranges([LIMIT + 1n, 0n])).toBe(signBit ? 0 : beyond);
    expect(ranges([0x00ff_0000_0000_0000n, 0n])).toBe(signBit ? 0 : beyond);
    expect(ranges([0xffff_8000_0000_0000n, 0n])).toBe(beyond);
    expect(ranges([-4096n, PAGE])).toBe(beyond);
  });

  test("of several, one too long is beyond the user half, however it would be cut", () => {
    expect(ranges([HEAP, (1n << 63n) - 1n], [HEAP, PAGE])).toBe("EFAULT iovec/beyond-user-space");
  });

  test("a zero-length element may have any user address, and none of the kernel's", () => {
    expect(ranges([1n, 0n])).toBe(0);
    expect(ranges([0xffff_8000_0000_0000n, 0n], [HEAP, PAGE])).toBe(
      "EFAULT iovec/beyond-user-space",
    );
  });
});

/** The mainline release alone was one byte short. Sheet security-pidfd.md 8.3. */
test.each([
  ["6.12.0", "EFAULT iovec/beyond-user-space"],
  ["6.12", "ENOMEM madvise/hole"],
])("a range that ends with the user half, on %s", (release, expected) => {
  start(release);
  expect(ranges([LIMIT - PAGE, PAGE])).toBe(expected);
  expect(ranges([LIMIT - PAGE, PAGE - 1n])).toBe("ENOMEM madvise/hole");
});

/** Linux: arch/arm64/include/asm/uaccess.h: what x86-64 did from 6.4 to 6.12.0 was x86-64's alone. */
test.each(["5.10", "6.6", "6.12.0", "7.3"])("the user half of arm64 is whole, on %s", (release) => {
  start(release, { userBits: 48 });
  const end = 1n << 48n;
  expect(ranges([end - PAGE, PAGE])).toBe("ENOMEM madvise/hole");
  expect(ranges([end - PAGE, PAGE + 1n])).toBe("EFAULT iovec/beyond-user-space");
  expect(ranges([end, PAGE])).toBe("EFAULT iovec/beyond-user-space");
  expect(ranges([end, 0n])).toBe(0);
});

/** Two faults in one vector. Sheet, cases V6 and V7, and 2.3. */
describe.each([
  ["seed", "EFAULT iovec/beyond-user-space", "EFAULT iovec/unreadable"],
  ["5.10", "EINVAL iovec/negative-length", "EFAULT iovec/unreadable"],
  ["6.1", "EINVAL iovec/negative-length", "EFAULT iovec/unreadable"],
  ["6.4", "EINVAL iovec/negative-length", "EINVAL iovec/negative-length"],
  ["7.3", "EINVAL iovec/negative-length", "EINVAL iovec/negative-length"],
])("which of two elements' faults is told on %s", (release, badAddressFirst, negativeFirst) => {
  beforeEach(() => {
    start(release);
  });

  test("a bad address before a negative length", () => {
    expect(ranges([0xffff_8000_0000_0000n, PAGE], [HEAP, -1n])).toBe(badAddressFirst);
  });

  test("a negative length before an element that cannot be read", () => {
    const last = VEC + 4n * PAGE - 16n;
    put(last, HEAP, -1n);
    expect(advise(2, last)).toBe(negativeFirst);
  });

  test("a bad address before an element that cannot be read", () => {
    const last = VEC + 4n * PAGE - 16n;
    put(last, 0xffff_8000_0000_0000n, PAGE);
    expect(advise(2, last)).toBe("EFAULT iovec/unreadable");
  });
});

describe.each(["seed", "5.10", "6.12", "7.3"])("MAX_RW_COUNT on %s", (release) => {
  const BIG = 0x1_0000_0000n;
  beforeEach(() => {
    start(release);
    // 8 GiB, never touched, MAP_NORESERVE.
    must(call(task, "mmap", BIG, 0x2_0000_0000n, 3, 0x4032, -1, 0));
  });

  test("all lengths together count to 0x7ffff000; the rest is cut off", () => {
    expect(ranges([BIG, BigInt(MOST)])).toBe(MOST);
    expect(ranges([BIG, BigInt(MOST) + 1n])).toBe(MOST);
    expect(ranges([BIG, 0x2_0000_0000n])).toBe(MOST);
    expect(ranges([BIG, 1n], [BIG + PAGE, 0x8000_0000n])).toBe(MOST);
  });

  test("what lies behind the cut is still checked as an element, and not as a range", () => {
    expect(ranges([BIG, BigInt(MOST)], [HEAP + 1n, PAGE])).toBe(MOST);
    expect(ranges([BIG, BigInt(MOST)], [HEAP, -1n])).toBe("EINVAL iovec/negative-length");
    expect(ranges([BIG, BigInt(MOST)], [0xffff_8000_0000_0000n, PAGE])).toBe(
      "EFAULT iovec/beyond-user-space",
    );
  });

  test("any lengths: the answer is their sum, cut", () => {
    const length = fc.bigInt({ min: 0n, max: 0x6000_0000n }).map((n) => n - (n % PAGE));
    fc.assert(
      fc.property(fc.array(length, { minLength: 1, maxLength: 6 }), (lengths) => {
        const sum = lengths.reduce((total, one) => total + Number(one), 0);
        expect(ranges(...lengths.map((one) => [BIG, one] as const))).toBe(Math.min(sum, MOST));
      }),
      { numRuns: 40 },
    );
  });
});

/** A 32-bit caller: eight bytes an element, base without a sign, length with one. Sheet 2.4. */
describe.each(["seed", "5.10", "6.12", "7.3"])("a 32-bit caller's vector on %s", (release) => {
  const advise32 = (vlen: number, at: bigint = VEC): number | string =>
    said(call32(task, "process_madvise", own, at, vlen, COLD, 0));
  const ranges32 = (...pairs: readonly (readonly [number, number])[]): number | string => {
    const words = Uint32Array.from(pairs.flat());
    must(task.space.write(Number(VEC / PAGE), new Uint8Array(words.buffer)));
    return advise32(pairs.length);
  };
  beforeEach(() => {
    start(release);
  });

  test("every 32-bit address is a user address, and sums do not wrap", () => {
    expect(ranges32([Number(HEAP), 4096])).toBe(4096);
    expect(ranges32([0xffff_f000, 0x7fff_f000])).toBe("ENOMEM madvise/hole");
    expect(ranges32([0xffff_ffff, 0])).toBe(0);
  });

  test("any element is refused for its sign alone, wherever it stands", () => {
    expect(ranges32([0xffff_ffff, 0x8000_0000])).toBe("EINVAL iovec/negative-length");
    expect(ranges32([Number(HEAP), 4096], [0, 0xffff_ffff])).toBe("EINVAL iovec/negative-length");
  });

  test("elements are read one by one: a sign is seen before a fault behind it", () => {
    const last = VEC + 4n * PAGE - 8n;
    const words = Uint32Array.from([Number(HEAP), 0x8000_0000]);
    must(task.space.write(Number(last / PAGE), new Uint8Array(words.buffer), 4088));
    expect(advise32(2, last)).toBe("EINVAL iovec/negative-length");
    expect(advise32(1, last + 4n)).toBe("EFAULT iovec/unreadable");
  });

  test("registers have no upper halves: an address above 4 GiB cannot be named", () => {
    must(call(task, "mmap", 0x1_0000_0000n, PAGE, 3, 0x32, -1, 0));
    put(0x1_0000_0000n, HEAP, PAGE);
    expect(said(call32(task, "process_madvise", own, 0x1_0000_0000n, 1, COLD, 0))).toBe(
      "EFAULT iovec/unreadable",
    );
  });
});
