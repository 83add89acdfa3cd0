import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, mapped, page, pages, SELF, vector, type Advised } from "./stage.ts";

/** A case in which a process advises itself by one call. */
function own(name: string, asks: string, call: Advised): readonly [string, string, string] {
  return [name, asks, `${SELF}\n${advise("app", call)}`];
}

const FLAGS: readonly PackCase[] = caseGroup("flags", [
  own("one", "flags of one", { flags: "1" }),
  own("sign-bit", "flags with the sign bit alone", { flags: "0x80000000" }),
  own("all-ones", "flags with every bit", { flags: "0xffffffff" }),
  own("above-32-bits", "flags of which only the upper half of the register is set", {
    flags: "0x100000000",
  }),
]);

/** The vector lies in zeroed memory: each of its ranges is empty. */
const ZEROED = `${SELF}
  app  mmap(0x20100000, 8*4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = $vector`;

const VLEN: readonly PackCase[] = caseGroup("vlen", [
  own("0", "an empty vector", { vlen: "0" }),
  own("0-null", "an empty vector at NULL", { vector: "NULL", vlen: "0" }),
  own("0-bad-pointer", "an empty vector at an address that is not mapped", {
    vector: "0x21000000",
    vlen: "0",
  }),
  own("0-kernel-pointer", "an empty vector at a kernel address", {
    vector: "0xffff800000000000",
    vlen: "0",
  }),
  own("2", "a vector of two ranges", { vector: vector(pages(0, 1), pages(4, 6)), vlen: "2" }),
  own("less-than-given", "ranges behind the last one that vlen counts", {
    vector: vector(pages(0, 1), pages(4, 6)),
  }),
  [
    "1024",
    "the longest vector, of empty ranges",
    `${ZEROED}\n${advise("app", { vector: "$vector", vlen: "1024" })}`,
  ],
  [
    "1025",
    "a vector that is too long by one",
    `${ZEROED}\n${advise("app", { vector: "$vector", vlen: "1025" })}`,
  ],
  own("int-max", "a vector of 2^31 - 1 ranges", { vlen: "0x7fffffff" }),
  own("sign-bit", "a vector of 2^31 ranges", { vlen: "0x80000000" }),
  own("minus-one", "a vector of -1 ranges", { vlen: "-1" }),
  own("2-to-the-32", "a vector of 2^32 ranges: the kernel counts in 32 bits", {
    vlen: "0x100000000",
  }),
  own("2-to-the-32-and-1", "a vector of 2^32 + 1 ranges", { vlen: "0x100000001" }),
  own("2-to-the-32-bad-pointer", "a vector of 2^32 ranges at an address that is not mapped", {
    vector: "0x21000000",
    vlen: "0x100000000",
  }),
]);

/** The last page of an area, so that a vector can begin in it and end behind it. */
const AT_THE_END = `${SELF}
  app  mmap(0x20100000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = $vector`;

function pointed(pointer: string, vlen = "1"): string {
  return advise("app", { vector: pointer, vlen });
}

const POINTER: readonly PackCase[] = caseGroup("pointer", [
  ["null", "a vector at NULL", `${SELF}\n${pointed("NULL")}`],
  ["one", "a vector at the address 1", `${SELF}\n${pointed("1")}`],
  ["unmapped", "a vector at an address that is not mapped", `${SELF}\n${pointed("0x21000000")}`],
  ["kernel", "a vector at a kernel address", `${SELF}\n${pointed("0xffff800000000000")}`],
  [
    "last",
    "a vector in the last bytes of the address space",
    `${SELF}\n${pointed("0xfffffffffffffff0")}`,
  ],
  [
    "non-canonical",
    "a vector at an address that is none",
    `${SELF}\n${pointed("0x8000000000000000")}`,
  ],
  ["user-limit", "a vector where user addresses end", `${SELF}\n${pointed("0x7ffffffff000")}`],
  [
    "no-access",
    "a vector in memory that cannot be read",
    `${SELF}
    app  mprotect(${page(7)}, 4096, PROT_NONE)
    ${pointed(page(7))}`,
  ],
  [
    "ends-at-page",
    "a vector that ends with its area",
    `${AT_THE_END}\n${pointed("$vector + 4080")}`,
  ],
  [
    "ends-behind-page",
    "a vector whose last range lies behind its area",
    `${AT_THE_END}\n${pointed("$vector + 4080", "2")}`,
  ],
  [
    "crosses-page",
    "a vector with a range across the end of its area",
    `${AT_THE_END}\n${pointed("$vector + 4088")}`,
  ],
  [
    "unaligned",
    "a vector at an odd address",
    `${AT_THE_END}
    app  store($vector + 1, "\\0\\0\\0\\40\\0\\0\\0\\0\\0\\20")
    ${pointed("$vector + 1")}`,
  ],
  [
    "inside-the-range",
    "a vector inside of the range that it names",
    `${SELF}
    app  store(${page(1)}, "\\0\\0\\0\\40\\0\\0\\0\\0\\0\\40")
    ${pointed(page(1))}`,
  ],
  [
    "never-touched",
    "a vector in memory that was never touched",
    `${AT_THE_END}\n${pointed("$vector")}`,
  ],
]);

function ranged(
  name: string,
  asks: string,
  base: string,
  length: string,
): readonly [string, string, string] {
  return own(name, asks, { vector: vector([base, length]) });
}

function ranged2(
  name: string,
  asks: string,
  base: string,
  length: string,
): readonly [string, string, string] {
  return own(name, asks, { vector: vector([base, length], pages(0, 1)), vlen: "2" });
}

const RANGE: readonly PackCase[] = caseGroup("range", [
  ranged("one-byte", "a range of one byte counts as one", "$heap", "1"),
  ranged("page-and-one", "a range of a page and a byte counts as such", "$heap", "4097"),
  ranged("whole-area", "a range of a whole area", "$heap", "8*4096"),
  ranged("area-and-one", "a range that ends one byte behind its area", "$heap", "8*4096 + 1"),
  ranged("unaligned", "a range that begins within a page", "$heap + 1", "4096"),
  ranged("empty-in-hole", "an empty range in a hole", "0x21000000", "0"),
  ranged("hole", "a range in a hole", "0x21000000", "4096"),
  ranged("null", "a range at NULL", "0", "4096"),
  ranged("length-minus-one", "a length of -1", "$heap", "-1"),
  ranged("length-minus-page", "a length of -4096", "$heap", "-4096"),
  ranged("length-sign-bit", "a length of 2^63", "$heap", "0x8000000000000000"),
  ranged("length-ssize-max", "a length of 2^63 - 1", "$heap", "0x7fffffffffffffff"),
  ranged("length-2-to-the-47", "a length of 2^47", "$heap", "0x800000000000"),
  ranged("length-2-to-the-46", "a length of 2^46", "$heap", "0x400000000000"),
  ranged("length-2-to-the-32", "a length of 2^32", "$heap", "0x100000000"),
  ranged("kernel", "a range at a kernel address", "0xffff800000000000", "4096"),
  ranged("kernel-empty", "an empty range at a kernel address", "0xffff800000000000", "0"),
  ranged("kernel-last-page", "the last page of the address space", "0xfffffffffffff000", "4096"),
  ranged("kernel-unaligned", "an odd kernel address", "0xffff800000000001", "4096"),
  ranged("wraps", "a range that wraps around", "0xfffffffffffff000", "8192"),
  ranged("non-canonical", "an address that is none", "0x800000000000", "4096"),
  ranged("user-limit-empty", "an empty range where user addresses end", "0x7ffffffff000", "0"),
  ranged("user-limit", "a page where user addresses end", "0x7ffffffff000", "4096"),
  ranged("below-user-limit", "the last page of user addresses", "0x7fffffffe000", "4096"),
  ranged("over-user-limit", "a range across the end of user addresses", "0x7fffffffe000", "8192"),
  ranged2("first-of-two-length-minus-one", "a length of -1 before a good range", "$heap", "-1"),
  ranged2(
    "first-of-two-ssize-max",
    "a length of 2^63 - 1 before a good range",
    "$heap",
    "0x7fffffffffffffff",
  ),
  ranged2(
    "first-of-two-2-to-the-47",
    "a length of 2^47 before a good range",
    "$heap",
    "0x800000000000",
  ),
  ranged2(
    "first-of-two-2-to-the-46",
    "a length of 2^46 before a good range",
    "$heap",
    "0x400000000000",
  ),
  ranged2(
    "first-of-two-kernel",
    "a kernel address before a good range",
    "0xffff800000000000",
    "4096",
  ),
  ranged2(
    "first-of-two-kernel-empty",
    "an empty range at a kernel address before a good one",
    "0xffff800000000000",
    "0",
  ),
  ranged2(
    "first-of-two-non-canonical",
    "an address that is none before a good range",
    "0x00ff000000000000",
    "4096",
  ),
  ranged2(
    "first-of-two-limit-empty",
    "an empty range where user addresses end before a good one",
    "0x7ffffffff000",
    "0",
  ),
  ranged2(
    "first-of-two-above-limit-empty",
    "an empty range one byte above that",
    "0x7ffffffff001",
    "0",
  ),
  own("second-of-two-kernel", "a kernel address behind a good range", {
    vector: vector(pages(0, 1), ["0xffff800000000000", "4096"]),
    vlen: "2",
  }),
  own("second-of-two-length-minus-one", "a length of -1 behind a good range", {
    vector: vector(pages(0, 1), ["$heap", "-1"]),
    vlen: "2",
  }),
  own("same-twice", "the same range twice counts twice", {
    vector: vector(pages(0, 2), pages(0, 2)),
    vlen: "2",
  }),
  own("overlapping", "ranges that overlap count each for itself", {
    vector: vector(pages(0, 3), pages(2, 5)),
    vlen: "2",
  }),
  own("backwards", "ranges in no order", {
    vector: vector(pages(6, 7), pages(0, 1), pages(3, 4)),
    vlen: "3",
  }),
  [
    "negative-before-unreadable",
    "a negative length, and the next element of the vector cannot be read",
    `${AT_THE_END}
     app  store($vector + 4080, "\\0\\0\\0\\40\\0\\0\\0\\0\\377\\377\\377\\377\\377\\377\\377\\377")
     ${pointed("$vector + 4080", "2")}`,
  ],
]);

const PIDFD: readonly PackCase[] = caseGroup("pidfd", [
  own("minus-one", "a descriptor of -1", { pidfd: "-1" }),
  own("closed", "a descriptor that is not open", { pidfd: "98" }),
  own("int-max", "the largest descriptor", { pidfd: "0x7fffffff" }),
  own("int-min", "the smallest descriptor", { pidfd: "0x80000000" }),
  own("no-pidfd", "a descriptor that is no pidfd", { pidfd: "0" }),
  own("self-thread", "PIDFD_SELF_THREAD, -10000", { pidfd: "-10000" }),
  own("self-thread-group", "PIDFD_SELF_THREAD_GROUP, -10001", { pidfd: "-10001" }),
  own("self-early-group", "-20000, which stood for the thread group at first", { pidfd: "-20000" }),
  own("minus-10002", "-10002", { pidfd: "-10002" }),
  own("fdcwd", "AT_FDCWD, -100", { pidfd: "-100" }),
  own("above-32-bits", "a descriptor with upper bits set in its register", {
    pidfd: "$fd + 0x100000000",
  }),
  [
    "after-close",
    "a pidfd that was closed",
    `${SELF}
     app  close($fd)
     ${advise("app")}`,
  ],
  [
    "dup",
    "a duplicate of a pidfd that was closed",
    `${SELF}
     app  dup($fd) = $copy
     app  close($fd)
     ${advise("app", { pidfd: "$copy" })}`,
  ],
  [
    "nonblock",
    "a pidfd that does not block",
    `${mapped("app", 1)}
     app  pidfd_open($app, PIDFD_NONBLOCK) = $fd
     ${advise("app")}`,
  ],
  [
    "self-empty",
    "PIDFD_SELF_THREAD with an empty vector",
    `${SELF}\n${advise("app", { pidfd: "-10000", vlen: "0" })}`,
  ],
]);

/** The edges of each argument, on the caller's own memory. */
export const ARGUMENT_CASES: readonly PackCase[] = [
  ...FLAGS,
  ...VLEN,
  ...POINTER,
  ...RANGE,
  ...PIDFD,
];
