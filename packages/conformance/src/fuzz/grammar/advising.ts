import fc from "fast-check";
import { literal, mostly, type Operation, type Write } from "./operation.ts";
import { at, bytes, page, pages, range } from "./ranges.ts";

/** Advice of every kind but the two that take real memory out of use. */
const ADVICE = [
  ...["MADV_NORMAL", "MADV_RANDOM", "MADV_SEQUENTIAL", "MADV_WILLNEED", "MADV_DONTNEED"],
  ...["MADV_FREE", "MADV_REMOVE", "MADV_DONTFORK", "MADV_DOFORK", "MADV_MERGEABLE"],
  ...["MADV_UNMERGEABLE", "MADV_HUGEPAGE", "MADV_NOHUGEPAGE", "MADV_DONTDUMP", "MADV_DODUMP"],
  ...["MADV_WIPEONFORK", "MADV_KEEPONFORK", "MADV_COLD", "MADV_PAGEOUT", "MADV_POPULATE_READ"],
  ...["MADV_POPULATE_WRITE", "MADV_DONTNEED_LOCKED", "MADV_GUARD_INSTALL", "MADV_GUARD_REMOVE"],
];
const advice = mostly(fc.constantFrom(...ADVICE), {
  one: fc.constantFrom("5", "26", "99", "-1"),
  in: 40,
});

/** What process_madvise takes for others, and some that it does not. */
const remoteAdvice = mostly(fc.constantFrom("MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED"), {
  one: advice,
  in: 4,
});

const element = range.map(([start, size]) => `{iov_base=${start}, iov_len=${size}}`);

/** A vector and its length. */
const vector = mostly(
  fc.array(element, { minLength: 0, maxLength: 4 }).map((ranges) => listed(ranges)),
  {
    // The same pages twice, or one range that begins within another.
    one: fc.tuple(page, pages, fc.nat(3)).map(([start, count, later]) => {
      const whole = `{iov_base=${at(start)}, iov_len=${bytes(count)}}`;
      const part = `{iov_base=${at(Math.min(start + later, 19))}, iov_len=4096}`;
      return listed([whole, part, whole]);
    }),
    in: 10,
  },
  {
    // An error behind ranges that are advised.
    one: fc
      .tuple(element, fc.constantFrom("0x20000001", "0x1000", "0x7ffffffff000"))
      .map(([first, wrong]) => listed([first, `{iov_base=${wrong}, iov_len=4096}`, first])),
    in: 12,
  },
  {
    // A vector that lies in memory of its own, whatever is there: on the edge of a page, or nowhere.
    one: fc
      .tuple(
        mostly(
          page.map((n) => at(n, 4096 - 24)),
          { one: page.map((n) => at(n)), in: 3 },
          { one: fc.constantFrom("NULL", "0x7ffffffff000", "0xfffffffffffff000"), in: 4 },
        ),
        fc.constantFrom("0", "1", "2", "3", "600", "1024", "1025", "0x100000001", "-1"),
      )
      .map(([where, count]) => [where, count] as const),
    in: 14,
  },
);

function listed(ranges: readonly string[]): readonly [string, string] {
  return [`[${ranges.join(", ")}]`, String(ranges.length)];
}

const SELF = ["PIDFD_SELF_THREAD", "PIDFD_SELF_THREAD_GROUP", "PIDFD_SELF_THREAD_GROUP_6_15"];

/** Who is advised: by a descriptor, or the caller by a number that stands for it. */
const whom: fc.Arbitrary<number | string> = mostly<number | string>(fc.nat(63), {
  one: fc.constantFrom(...SELF, "-1"),
  in: 4,
});

const flags = mostly(fc.constant("0"), { one: fc.constantFrom("1", "0x100000000"), in: 20 });

/** Advice for oneself, and for others. */
export const ADVISING: readonly Operation[] = [
  {
    name: "madvise",
    weight: 105,
    arbitrary: literal(
      fc.tuple(range, advice).map(([[start, size], name]) => `madvise(${start}, ${size}, ${name})`),
    ),
    compat: true,
  },
  {
    name: "process_madvise",
    weight: 105,
    arbitrary: fc
      .tuple(whom, vector, remoteAdvice, flags)
      .map(([target, [ranges, count], name, bits]): Write => (stage) => {
        const fd = typeof target === "string" ? target : stage.descriptor(target);
        return `process_madvise(${fd}, ${ranges}, ${count}, ${name}, ${bits})`;
      }),
    compat: true,
  },
];
