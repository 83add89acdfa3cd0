import fc from "fast-check";
import { literal, mostly, oneOf, type Operation } from "./operation.ts";
import { address, at, breaks, bytes, HEAP, length, page, pages, prot, range } from "./ranges.ts";

const type = mostly(
  fc.constant("MAP_PRIVATE"),
  { one: fc.constant("MAP_SHARED"), in: 4 },
  { one: fc.constantFrom("MAP_SHARED_VALIDATE", "MAP_DROPPABLE", "0", "4"), in: 60 },
);
const place = mostly(fc.constant("|MAP_FIXED"), {
  one: fc.constantFrom("|MAP_FIXED_NOREPLACE", "", "|MAP_FIXED|MAP_FIXED_NOREPLACE"),
  in: 4,
});
const extra = mostly(
  fc.constant(""),
  { one: fc.constantFrom("|MAP_POPULATE", "|MAP_NORESERVE", "|MAP_LOCKED"), in: 4 },
  { one: fc.constantFrom("|MAP_GROWSDOWN", "|MAP_GROWSDOWN|MAP_STACK"), in: 10 },
  {
    one: fc.constantFrom(
      ...["|MAP_STACK", "|MAP_32BIT", "|MAP_POPULATE|MAP_NONBLOCK", "|MAP_DENYWRITE"],
      ...["|MAP_EXECUTABLE", "|MAP_LOCKED|MAP_POPULATE", "|MAP_ABOVE4G"],
    ),
    in: 20,
  },
);

/** In the arena: over what is there, beside it, or with a hint. */
const inArena = fc
  .tuple(page, pages, prot, type, place, extra)
  .map(
    ([start, count, access, kind, where, more]) =>
      `mmap(${at(start)}, ${bytes(count)}, ${access}, ${kind}|MAP_ANONYMOUS${where}${more}, -1, 0)`,
  );

/** Lengths for which huge pages may have a say in where they go. */
const large = fc.constantFrom("2097152", "4194304", "2101248", "3145728");

/** Wherever there is room. */
const anywhere = fc
  .tuple(
    mostly(pages.map(bytes).map(String), { one: length, in: 8 }, { one: large, in: 6 }),
    ...([prot, type, extra] as const),
  )
  .map(
    ([size, access, kind, more]) =>
      `mmap(NULL, ${size}, ${access}, ${kind}|MAP_ANONYMOUS${more}, -1, 0)`,
  );

/** In the heap, so that it is no longer in one piece. */
const inHeap = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 2 }))
  .map(
    ([start, count]) =>
      `mmap(0x${(HEAP + bytes(start)).toString(16)}, ${bytes(count)}, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`,
  );
/** What leaves a hole in it. */
const holes = fc
  .tuple(fc.integer({ min: 0, max: 5 }), pages)
  .map(([start, count]) => `munmap(0x${(HEAP + bytes(start)).toString(16)}, ${bytes(count)})`);

/** What no memory comes of: places that are none, offsets, descriptors that cannot be mapped. */
const odd = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("NULL", "0x1000", "0x20000001", "0x7ffffffff000", "0x7fffffffe000", "-1"),
      pages,
      fc.constantFrom("MAP_PRIVATE", "MAP_SHARED"),
      fc.constantFrom("|MAP_FIXED", "|MAP_FIXED_NOREPLACE", ""),
    )
    .map(
      ([where, count, kind, how]) =>
        `mmap(${where}, ${bytes(count)}, PROT_READ, ${kind}|MAP_ANONYMOUS${how}, -1, 0)`,
    ),
  fc
    .tuple(fc.constantFrom("4096", "1", "0xfffffffffffff000"), fc.constantFrom("-1", "3", "77"))
    .map(([offset, fd]) => `mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, ${fd}, ${offset})`),
  page.map(
    (start) => `mmap(${at(start)}, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 4096)`,
  ),
);

/** Areas that move, grow and shrink: within the arena, or wherever there is room. */
const moves = mostly(
  fc
    .tuple(page, pages, pages, fc.constantFrom("MREMAP_MAYMOVE", "MREMAP_MAYMOVE", "0"))
    .map(
      ([start, before, after, flags]) =>
        `mremap(${at(start)}, ${bytes(before)}, ${bytes(after)}, ${flags})`,
    ),
  {
    one: fc
      .tuple(
        ...([page, pages, pages, page] as const),
        mostly(fc.constant(""), { one: fc.constant("|MREMAP_DONTUNMAP"), in: 3 }),
      )
      .map(
        ([start, before, after, to, more]) =>
          `mremap(${at(start)}, ${bytes(before)}, ${bytes(more === "" ? after : before)}, MREMAP_MAYMOVE|MREMAP_FIXED${more}, ${at(to)})`,
      ),
    in: 3,
  },
  {
    one: fc
      .tuple(
        range,
        length,
        fc.constantFrom("MREMAP_MAYMOVE", "MREMAP_FIXED", "MREMAP_MAYMOVE|MREMAP_DONTUNMAP", "8"),
      )
      .map(([[start, before], after, flags]) => `mremap(${start}, ${before}, ${after}, ${flags})`),
    in: 8,
  },
  // The stack ends where the user's half does: there is no room above it.
  { one: fc.constantFrom("mremap(0x7fffffffe000, 4096, 8192, 0)"), in: 40 },
);

/** Names of anonymous memory, where the kernel has them. */
const name = mostly(fc.constantFrom('"a"', '"a"', '"b"', "NULL", '"heap of the agent"'), {
  one: fc.constantFrom('""', '"a[1]"', `"${"x".repeat(80)}"`, `"${"y".repeat(79)}"`, "0x1000"),
  in: 8,
});

/** Protection keys; key 0 is everybody's, and is not given back: what lies there would be lost. */
const key = mostly(fc.integer({ min: 1, max: 3 }), {
  one: fc.constantFrom(-1, 0, 4, 15, 16, -2),
  in: 3,
});
const keyRights = mostly(fc.constant("0"), {
  one: fc.constantFrom("PKEY_DISABLE_ACCESS", "PKEY_DISABLE_WRITE", "3", "4"),
  in: 2,
});
const keys = fc.oneof(
  { weight: 3, arbitrary: keyRights.map((rights) => `pkey_alloc(0, ${rights})`) },
  { weight: 1, arbitrary: key.map((one) => `pkey_free(${one === 0 ? 5 : one})`) },
);

/** Policies of a machine of one node, which are there on every release, and what is none. */
const policy = mostly(
  fc.constantFrom(
    ...["MPOL_BIND, [0x1], 64", "MPOL_DEFAULT, NULL, 0", "MPOL_LOCAL, NULL, 0"],
    ...["MPOL_INTERLEAVE, [0x1], 64", "MPOL_PREFERRED, NULL, 0", "0x8002, [0x3], 64"],
  ),
  {
    one: fc.constantFrom(
      ...["MPOL_BIND, [0x2], 64", "MPOL_BIND, NULL, 0", "MPOL_DEFAULT, [0x1], 64", "7, NULL, 0"],
      ...["MPOL_BIND, 0x1000, 64", "MPOL_BIND, [0x1], 0", "0xc002, [0x1], 64", "6, [0x1], 64"],
      ...["5, [0x1], 64", "0x2002, [0x1], 64", "0x4002, [0x2], 64", "MPOL_LOCAL, [0x1], 64"],
    ),
    in: 5,
  },
);
const placing = mostly(fc.constant("0"), { one: fc.constant("8"), in: 20 });

/** Areas: made, taken away, and what may be done with them. */
export const MAPPING: readonly Operation[] = [
  {
    name: "mmap",
    weight: 16,
    arbitrary: literal(
      mostly(inArena, { one: anywhere, in: 5 }, { one: odd, in: 12 }, { one: inHeap, in: 16 }),
    ),
  },
  {
    name: "munmap",
    weight: 50,
    arbitrary: literal(
      mostly(
        range.map(([start, size]) => `munmap(${start}, ${size})`),
        { one: holes, in: 10 },
      ),
    ),
    compat: true,
  },
  { name: "mremap", weight: 35, arbitrary: literal(moves) },
  {
    name: "prctl",
    weight: 5,
    arbitrary: literal(
      fc
        .tuple(
          range,
          name,
          mostly(fc.constant("PR_SET_VMA_ANON_NAME"), { one: fc.constant("1"), in: 40 }),
        )
        .map(
          ([[start, size], called, what]) =>
            `prctl(PR_SET_VMA, ${what}, ${start}, ${size}, ${called})`,
        ),
    ),
    compat: true,
  },
  {
    name: "mseal",
    weight: 4,
    arbitrary: literal(
      fc
        .tuple(range, mostly(fc.constant("0"), { one: fc.constant("1"), in: 12 }))
        .map(([[start, size], flags]) => `mseal(${start}, ${size}, ${flags})`),
    ),
  },
  // What a machine without shadow stacks refuses, and one with them too.
  {
    name: "map_shadow_stack",
    weight: 2,
    arbitrary: oneOf("map_shadow_stack(0, 4096, 4)", "map_shadow_stack(0, 4096, 0xffff0000)"),
    compat: true,
  },
  {
    name: "mprotect",
    weight: 70,
    arbitrary: literal(
      fc
        .tuple(
          range,
          mostly(prot, {
            one: fc.constantFrom(
              ...["PROT_READ|PROT_GROWSDOWN", "PROT_READ|PROT_WRITE|PROT_GROWSDOWN"],
              ...["PROT_READ|PROT_GROWSUP", "PROT_NONE|PROT_GROWSDOWN|PROT_GROWSUP", "0x100"],
            ),
            in: 30,
          }),
        )
        .map(([[start, size], access]) => `mprotect(${start}, ${size}, ${access})`),
    ),
    compat: true,
  },
  {
    name: "pkey_mprotect",
    weight: 9,
    arbitrary: literal(
      fc
        .tuple(range, prot, key)
        .map(
          ([[start, size], access, one]) => `pkey_mprotect(${start}, ${size}, ${access}, ${one})`,
        ),
    ),
    compat: true,
  },
  {
    name: "mbind",
    weight: 8,
    arbitrary: literal(
      fc
        .tuple(range, policy, placing)
        .map(([[start, size], what, flags]) => `mbind(${start}, ${size}, ${what}, ${flags})`),
    ),
  },
  {
    name: "set_mempolicy",
    weight: 3,
    arbitrary: literal(policy.map((what) => `set_mempolicy(${what})`)),
  },
  {
    name: "get_mempolicy",
    weight: 5,
    arbitrary: literal(
      mostly(
        fc
          .tuple(
            fc.constantFrom("[0]", "[0]", "NULL"),
            fc.constantFrom("[0], 64", "[0], 64", "NULL, 0", "[0], 1"),
            mostly(address, { one: fc.constant("NULL"), in: 2 }),
            fc.constantFrom("0", "MPOL_F_ADDR", "MPOL_F_NODE|MPOL_F_ADDR", "MPOL_F_NODE"),
          )
          .map(
            ([mode, mask, where, flags]) => `get_mempolicy(${mode}, ${mask}, ${where}, ${flags})`,
          ),
        {
          one: fc
            .constantFrom("4", "5", "8", "0x100000000", "-1")
            .map((flags) => `get_mempolicy([0], [0], 64, NULL, ${flags})`),
          in: 4,
        },
      ),
    ),
  },
  { name: "pkey_alloc", weight: 6, arbitrary: literal(keys), compat: true },
  {
    name: "brk",
    weight: 25,
    arbitrary: literal(
      mostly(
        breaks.map((place) => `brk(${place})`),
        { one: fc.constantFrom("brk(0x10007800)", "brk(0x1000)", "brk(0x10040000)"), in: 8 },
      ),
    ),
    compat: true,
  },
];
