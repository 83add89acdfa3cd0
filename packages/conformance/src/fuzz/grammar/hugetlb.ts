import fc from "fast-check";
import { forkBetween } from "./forkBetween.ts";
import { mostly, type Write } from "./operation.ts";

/** Where pages of a pool are mapped: where huge pages of other kinds go too, so that they meet. */
const PLACE = 0x3000_0000;
const HUGE = 0x20_0000;

const at = (byte: number): string => `0x${(PLACE + byte).toString(16)}`;

const place = mostly(fc.constantFrom(at(0), at(HUGE)), {
  one: fc.constantFrom(at(4096), at(1), "NULL", "0x10000", "0x7ffffffff000", at(HUGE - 4096)),
  in: 3,
});
const size = mostly(fc.constantFrom(String(HUGE), String(2 * HUGE)), {
  one: fc.constantFrom("4096", String(HUGE + 1), "0", "-1"),
  in: 5,
});
const how = mostly(fc.constant("|MAP_FIXED"), {
  one: fc.constantFrom("", "|MAP_FIXED_NOREPLACE", "|MAP_32BIT"),
  in: 3,
});
/** A machine's pool is mostly empty: only what reserves nothing of it is mapped. */
const reserve = mostly(fc.constant("|MAP_NORESERVE"), {
  one: fc.constantFrom("", "|MAP_NORESERVE|MAP_POPULATE", "|MAP_NORESERVE|MAP_LOCKED"),
  in: 4,
});
/** The logarithm of the size in six bits: 2 MiB, 1 GiB, and one that no machine has. */
const log = mostly(fc.constant(""), {
  one: fc.constantFrom("|0x54000000", "|0x78000000", "|0x4c000000"),
  in: 8,
});
const offset = mostly(fc.constant("0"), { one: fc.constantFrom("4096", "0x200000"), in: 12 });
const prot = mostly(fc.constant("PROT_READ|PROT_WRITE"), {
  one: fc.constantFrom("PROT_READ", "PROT_NONE"),
  in: 4,
});
const type = fc.constantFrom("MAP_PRIVATE", "MAP_PRIVATE", "MAP_SHARED");

/** The beginnings of huge pages, small pages within, and bytes within these. */
const byte = mostly(
  fc.constantFrom(0, HUGE),
  { one: fc.constantFrom(4096, HUGE - 4096, HUGE + 4096), in: 3 },
  { one: fc.constantFrom(16, HUGE - 8), in: 6 },
);
const length = mostly(fc.constantFrom(String(HUGE), String(2 * HUGE)), {
  one: fc.constantFrom("4096", String(HUGE - 4096), "1"),
  in: 3,
});
const ADVICE = [
  ...["MADV_DONTNEED", "MADV_FREE", "MADV_REMOVE", "MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED"],
  ...["MADV_DONTFORK", "MADV_DODUMP", "MADV_WIPEONFORK", "MADV_MERGEABLE", "MADV_HUGEPAGE"],
  ...["MADV_COLLAPSE", "MADV_POPULATE_READ", "MADV_POPULATE_WRITE", "MADV_GUARD_INSTALL"],
  ...["MADV_RANDOM", "MADV_DONTNEED_LOCKED"],
];
const advised = fc.tuple(byte, length, fc.constantFrom(...ADVICE));

const use = fc.oneof(
  {
    weight: 4,
    arbitrary: byte.chain((to) =>
      fc.constantFrom(
        `load(${at(to)}, 8)`,
        String.raw`store(${at(to)}, "\1\1")`,
        `get_mempolicy(${at(to)}, NULL, 0, NULL, 0)`,
        `wait4(-1, ${at(to)}, WNOHANG, NULL)`,
        `process_madvise(PIDFD_SELF_THREAD_GROUP, ${at(to)}, 1, MADV_COLD, 0)`,
      ),
    ),
  },
  {
    weight: 5,
    arbitrary: advised.map(([to, bytes, advice]) => `madvise(${at(to)}, ${bytes}, ${advice})`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        byte,
        length,
        fc.constantFrom(
          "mlock(%)",
          "munlock(%)",
          "mprotect(%, PROT_READ)",
          "munmap(%)",
          "msync(%, MS_ASYNC)",
        ),
      )
      .map(([to, bytes, call]) => call.replace("%", `${at(to)}, ${bytes}`)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        byte,
        length,
        length,
        fc.constantFrom("MREMAP_MAYMOVE", "0", "MREMAP_MAYMOVE|MREMAP_FIXED, 0x30800000"),
      )
      .map(([to, before, after, flags]) => `mremap(${at(to)}, ${before}, ${after}, ${flags})`),
  },
  { weight: 1, arbitrary: byte.map((to) => `mincore(${at(to)}, 8192, [0, 0])`) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("VmFlags", "KernelPageSize", "Rss")
      .map((one) => `show(${one}, ${at(0)})`),
  },
);

/** Memory of a pool that is mostly empty, and what a process and its child make of it. */
export const pool: fc.Arbitrary<Write> = fc
  .tuple(
    fc.tuple(place, size, prot, type, how, reserve, log, offset),
    mostly(fc.constant(undefined), { one: fc.nat(3), in: 4 }),
    fc.array(fc.tuple(use, fc.boolean()), { minLength: 1, maxLength: 8, size: "max" }),
  )
  .map(
    ([[start, bytes, access, kind, where, kept, huge, from], forkedBehind, steps]): Write =>
      (stage) => {
        // The first gigabyte holds the agent itself.
        const pages = start === "NULL" ? "" : huge;
        return [
          `mmap(${start}, ${bytes}, ${access}, ${kind}|MAP_ANONYMOUS|MAP_HUGETLB${where}${kept}${pages}, -1, ${from})`,
          ...forkBetween(stage, forkedBehind, steps),
        ];
      },
  );
