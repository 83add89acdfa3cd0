import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, pages, SELF, vector, type Advised, type Range } from "./stage.ts";

/** A process advises itself by the 32-bit gate. */
function own(name: string, asks: string, call: Advised): readonly [string, string, string] {
  return [name, asks, `${SELF}\n${advise("app/i386", call)}`];
}

function ranged(
  name: string,
  asks: string,
  ...ranges: readonly Range[]
): readonly [string, string, string] {
  return own(name, asks, { vector: vector(...ranges), vlen: String(ranges.length) });
}

/** Calls by the gate of 32-bit programs: `int $0x80` on x86-64. */
export const COMPAT_CASES: readonly PackCase[] = caseGroup("compat", [
  ranged("one", "a vector of one range", pages(0, 1)),
  ranged("three", "ranges of eight bytes each", pages(0, 1), pages(2, 4), pages(5, 8)),
  own("empty", "an empty vector", { vlen: "0" }),
  own("1025", "a vector that is too long", { vlen: "1025" }),
  own("flags", "a flag that there is not", { flags: "0x80000000" }),
  own("flags-above-32-bits", "registers have 32 bits: nothing above them counts", {
    flags: "0x100000000",
  }),
  own("advice-minus-one", "advice of -1", { advice: "0xffffffff" }),
  own("pidfd-minus-one", "a descriptor of -1", { pidfd: "0xffffffff" }),
  own("pidfd-self", "PIDFD_SELF_THREAD in 32 bits", { pidfd: "0xffffd8f0" }),
  own("pointer", "a vector at an address that is not mapped", { vector: "0x21000000" }),
  ranged("high-base", "an address above 2 GiB is no negative one", ["0x90000000", "4096"]),
  ranged("to-4-gib", "a range across 4 GiB does not wrap", ["0xfffff000", "8192"]),
  ranged("length-negative", "a length with the sign bit", ["$heap", "0x80000000"]),
  ranged("length-minus-one", "a length of -1", ["$heap", "0xffffffff"]),
  ranged("length-largest", "the largest length", ["$heap", "0x7fffffff"]),
  ranged("negative-second", "a negative length behind a good range", pages(0, 1), [
    "$heap",
    "0xffffffff",
  ]),
  ranged("hole-second", "a hole behind a good range", pages(0, 1), ["0x21000000", "4096"]),
  ranged("unaligned", "a range that begins within a page", ["$heap + 1", "4096"]),
  [
    "madvise-length-minus-one",
    "madvise itself takes a length of -1 as 4 GiB",
    `${SELF}\napp/i386  madvise($heap, 0xffffffff, MADV_COLD)`,
  ],
  ["madvise-hole", "madvise on a hole", `${SELF}\napp/i386  madvise(0x21000000, 4096, MADV_COLD)`],
]);
