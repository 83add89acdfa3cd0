import fc from "fast-check";
import { literal, mostly, type Operation, type Write } from "./operation.ts";
import { at, bytes, page, pages } from "./ranges.ts";

/** Few pages: what is done to the file meets what is mapped of it. */
const FILE_PAGES = 8;
const within = fc.nat(FILE_PAGES);
/** A place in a file: the edge of a page, or beside one. */
const place = mostly(
  within.map((n) => String(bytes(n))),
  {
    one: fc
      .tuple(within, fc.constantFrom(1, 8, 100, 4095))
      .map(([n, plus]) => String(bytes(n) + plus)),
    in: 3,
  },
);
const extent = mostly(
  pages.map((n) => String(bytes(n))),
  { one: fc.constantFrom("1", "4095", "5000", "0", "-1"), in: 4 },
);

/** With any of the files in memory that a scenario opened. */
const onFile = (text: (fd: string) => string): fc.Arbitrary<Write> =>
  fc.nat(63).map(
    (n): Write =>
      (stage) =>
        text(stage.file(n)),
  );
const withFile = <T>(
  arbitrary: fc.Arbitrary<T>,
  text: (fd: string, drawn: T) => string,
): fc.Arbitrary<Write> => arbitrary.chain((drawn) => onFile((fd) => text(fd, drawn)));

const mode = mostly(
  fc.constantFrom("0", "0", "FALLOC_FL_KEEP_SIZE", "FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE"),
  {
    one: fc.constantFrom("FALLOC_FL_PUNCH_HOLE", "FALLOC_FL_ZERO_RANGE", "0x28", "0x80", "0x400"),
    in: 10,
  },
);
const prot = fc.constantFrom("PROT_READ|PROT_WRITE", "PROT_READ|PROT_WRITE", "PROT_READ");
const type = fc.constantFrom("MAP_SHARED", "MAP_SHARED", "MAP_PRIVATE");
const mapping = fc.tuple(page, pages, prot, type, fc.nat(3));

function mapped(
  fd: string,
  [to, count, access, kind, from]: [number, number, string, string, number],
) {
  return `mmap(${at(to)}, ${bytes(count)}, ${access}, ${kind}|MAP_FIXED, ${fd}, ${bytes(from)})`;
}

/** A file in memory, given some length and mapped in the arena. */
const made: fc.Arbitrary<Write> = fc
  .tuple(fc.constantFrom("0", "MFD_ALLOW_SEALING"), place, mapping, fc.boolean())
  .map(([flags, length, where, isTruncated]): Write => (stage) => {
    const fd = stage.bindFile();
    return [
      `memfd_create("m", ${flags}) = ${fd}`,
      isTruncated ? `ftruncate(${fd}, ${length})` : `fallocate(${fd}, 0, 0, ${length})`,
      mapped(fd, where),
    ];
  });

/** A hole over the edge of two pages of which something is written, or within one of them. */
const edge: fc.Arbitrary<Write> = fc
  .tuple(fc.nat(17), fc.constantFrom("4094, 3", "4094, 1", "4096, 2", "4000, 4000", "100, 8092"))
  .map(([start, hole]): Write => (stage) => {
    const fd = stage.bindFile();
    return [
      `memfd_create("m", 0) = ${fd}`,
      `ftruncate(${fd}, 12288)`,
      `mmap(${at(start)}, 12288, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_FIXED, ${fd}, 0)`,
      String.raw`store(${at(start, 4094)}, "\1\1\1\1")`,
      `fallocate(${fd}, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, ${hole})`,
      `load(${at(start, 4092)}, 8)`,
    ];
  });

/** Other pages of whatever file is mapped there. */
const remaps = literal(
  fc
    .tuple(
      mostly(
        page.map((n) => at(n)),
        { one: page.map((n) => at(n, 100)), in: 12 },
      ),
      mostly(
        pages.map((n) => String(bytes(n))),
        { one: fc.constantFrom("0", "4095", "5000", "-4096"), in: 10 },
      ),
      mostly(fc.constant("0"), { one: fc.constant("PROT_READ"), in: 20 }),
      mostly(fc.nat(6).map(String), {
        one: fc.constantFrom("-1", "0x7ffffffffffff", "0x8000000000000"),
        in: 20,
      }),
      fc.constantFrom("0", "0", "MAP_NONBLOCK"),
    )
    .map(
      ([start, size, access, from, flags]) =>
        `remap_file_pages(${start}, ${size}, ${access}, ${from}, ${flags})`,
    ),
);

/** Files in memory: room, holes, lengths, seals, and what is mapped of them. */
export const FILES: readonly Operation[] = [
  { name: "memfd_create", weight: 14, arbitrary: made },
  { name: "mmap", weight: 10, arbitrary: withFile(mapping, mapped) },
  { name: "remap_file_pages", weight: 8, arbitrary: remaps },
  {
    name: "fallocate",
    weight: 22,
    arbitrary: mostly(
      withFile(
        fc.tuple(mode, place, extent),
        (fd, [what, offset, length]) => `fallocate(${fd}, ${what}, ${offset}, ${length})`,
      ),
      {
        one: withFile(
          fc.constantFrom("0, -1, 1", "3, 0, 0x7fffffffffffffff", "0, 0x7fffffffffffffff, 1"),
          (fd, range) => `fallocate(${fd}, ${range})`,
        ),
        in: 12,
      },
      {
        one: fc.nat(63).map(
          (n): Write =>
            (stage) =>
              `fallocate(${stage.descriptor(n)}, 0, 0, 4096)`,
        ),
        in: 12,
      },
    ),
  },
  { name: "fallocate", weight: 2, arbitrary: edge },
  {
    name: "ftruncate",
    weight: 8,
    arbitrary: withFile(place, (fd, length) => `ftruncate(${fd}, ${length})`),
  },
  {
    name: "fcntl",
    weight: 4,
    arbitrary: withFile(
      fc.constantFrom(
        ...["F_SEAL_GROW", "F_SEAL_SHRINK", "F_SEAL_WRITE", "F_SEAL_FUTURE_WRITE"],
        ...["F_SEAL_SEAL", "F_SEAL_GROW|F_SEAL_SHRINK"],
      ),
      (fd, seals) => `fcntl(${fd}, F_ADD_SEALS, ${seals})`,
    ),
  },
];
