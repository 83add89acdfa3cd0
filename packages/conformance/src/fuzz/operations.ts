import fc from "fast-check";
import { CAST, type Stage } from "./stage.ts";

/** A step that is not written yet: it becomes a line once it is known what came before. */
export interface DraftStep {
  /** Whose step it is; a number that {@link Stage} makes a process of. */
  readonly who: number;
  /** Whether it enters by the 32-bit gate, where there is one and the call is the same there. */
  readonly compat: boolean;
  /** Writes the call; undefined where it makes no sense. */
  write(stage: Stage): string | undefined;
}

type Write = (stage: Stage) => string | undefined;

const PAGE = 4096;
/** Where the generated areas lie: below 2 GiB, so that a 32-bit caller can name them. */
const ARENA = 0x2000_0000;
const ARENA_PAGES = 20;
/** Maps all of it. */
export const MAP_ARENA: string = `mmap(0x${ARENA.toString(16)}, ${ARENA_PAGES * PAGE}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`;

const page = fc.nat(ARENA_PAGES - 1);
const pages = fc.integer({ min: 1, max: 6 });
const hex = (number: number): string => `0x${number.toString(16)}`;
const bytes = (count: number): number => count * PAGE;

/** An address: mostly of a page in the arena; else within one, or none at all. */
const address: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: page.map((n) => hex(ARENA + bytes(n))) },
  { weight: 1, arbitrary: page.map((n) => hex(ARENA + bytes(n) + 1)) },
  { weight: 1, arbitrary: fc.constantFrom("NULL", "0x7ffffffff000", "0xffffffffff600000") },
);

/** A length in bytes: mostly of some pages; else odd, nothing, or absurd. */
const length: fc.Arbitrary<string> = fc.oneof(
  { weight: 16, arbitrary: pages.map((n) => String(bytes(n))) },
  { weight: 2, arbitrary: pages.map((n) => String(bytes(n) - 1)) },
  { weight: 1, arbitrary: fc.constantFrom("0", "0x7fffffffffffffff", "0xfffffffffffff000") },
);

const prot = fc.oneof(
  { weight: 5, arbitrary: fc.constant("PROT_READ|PROT_WRITE") },
  {
    weight: 3,
    arbitrary: fc.constantFrom("PROT_READ", "PROT_NONE", "PROT_READ|PROT_EXEC", "PROT_WRITE"),
  },
);

/** Advice of every kind but the two that take real memory out of use. */
const ADVICE = [
  ...["MADV_NORMAL", "MADV_RANDOM", "MADV_SEQUENTIAL", "MADV_WILLNEED", "MADV_DONTNEED"],
  ...["MADV_FREE", "MADV_REMOVE", "MADV_DONTFORK", "MADV_DOFORK", "MADV_MERGEABLE"],
  ...["MADV_UNMERGEABLE", "MADV_HUGEPAGE", "MADV_NOHUGEPAGE", "MADV_DONTDUMP", "MADV_DODUMP"],
  ...["MADV_WIPEONFORK", "MADV_KEEPONFORK", "MADV_COLD", "MADV_PAGEOUT", "MADV_POPULATE_READ"],
  ...["MADV_POPULATE_WRITE", "MADV_DONTNEED_LOCKED", "MADV_GUARD_INSTALL", "MADV_GUARD_REMOVE"],
];
const advice = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...ADVICE) },
  { weight: 1, arbitrary: fc.constantFrom("5", "26", "99", "-1") },
);

/** What process_madvise takes for others, and some that it does not. */
const remoteAdvice = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED"),
  },
  { weight: 2, arbitrary: advice },
);

const PLACES = ["MAP_FIXED", "MAP_FIXED", "MAP_FIXED", "MAP_FIXED_NOREPLACE"];
const EXTRA = ["", "", "", "|MAP_POPULATE", "|MAP_NORESERVE", "|MAP_LOCKED"];

const mapFixed = fc
  .tuple(page, pages, prot, fc.constantFrom("PRIVATE", "PRIVATE", "PRIVATE", "SHARED"))
  .chain(([at, count, protection, kind]) =>
    fc.tuple(fc.constantFrom(...PLACES), fc.constantFrom(...EXTRA)).map(
      ([place, extra]): Write =>
        () =>
          `mmap(${hex(ARENA + bytes(at))}, ${bytes(count)}, ${protection}, MAP_${kind}|MAP_ANONYMOUS|${place}${extra}, -1, 0)`,
    ),
  );

const mapAnywhere = fc
  .tuple(fc.oneof(pages.map(bytes).map(String), length), prot, fc.constantFrom("PRIVATE", "SHARED"))
  .map(
    ([size, protection, kind]): Write =>
      () =>
        `mmap(NULL, ${size}, ${protection}, MAP_${kind}|MAP_ANONYMOUS, -1, 0)`,
  );

/** Absurd lengths begin in the arena: from address 0 on they would meet the agent's own memory. */
const range = fc
  .tuple(address, length)
  .map(([at, size]): [string, string] => [
    at,
    at === "NULL" && size.startsWith("0x") ? "4096" : size,
  ]);
const onRange = (name: string): fc.Arbitrary<Write> =>
  range.map(
    ([at, size]): Write =>
      () =>
        `${name}(${at}, ${size})`,
  );

const vector = fc.array(
  range.map(([at, size]) => `{iov_base=${at}, iov_len=${size}}`),
  { minLength: 0, maxLength: 4 },
);

const constant = (...texts: readonly string[]): fc.Arbitrary<Write> =>
  fc.constantFrom(...texts).map(
    (text): Write =>
      () =>
        text,
  );

const accessPage = fc.tuple(page, pages, fc.constantFrom("", "", ", read"));

/** Every operation with its weight. None comes to more than a tenth of all. */
export const OPERATIONS: readonly {
  readonly name: string;
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Write>;
  /** Whether a 32-bit caller makes the same call by the same name. */
  readonly compat?: boolean;
}[] = [
  {
    name: "mmap",
    weight: 6,
    arbitrary: fc.oneof({ weight: 4, arbitrary: mapFixed }, mapAnywhere),
  },
  { name: "munmap", weight: 6, arbitrary: onRange("munmap"), compat: true },
  {
    name: "mprotect",
    weight: 8,
    arbitrary: fc.tuple(range, prot).map(
      ([[at, size], protection]): Write =>
        () =>
          `mprotect(${at}, ${size}, ${protection})`,
    ),
    compat: true,
  },
  {
    name: "madvise",
    weight: 11,
    arbitrary: fc.tuple(range, advice).map(
      ([[at, size], name]): Write =>
        () =>
          `madvise(${at}, ${size}, ${name})`,
    ),
    compat: true,
  },
  {
    name: "process_madvise",
    weight: 11,
    arbitrary: fc
      .tuple(fc.nat(63), vector, remoteAdvice, fc.constantFrom("0", "0", "0", "0", "1"))
      .map(
        ([fd, ranges, name, flags]): Write =>
          (stage) =>
            `process_madvise(${stage.descriptor(fd)}, [${ranges.join(", ")}], ${ranges.length}, ${name}, ${flags})`,
      ),
    compat: true,
  },
  {
    name: "pidfd_open",
    weight: 3,
    arbitrary: fc.nat(31).map(
      (who): Write =>
        (stage) =>
          `pidfd_open(${stage.pid(who)}, 0) = ${stage.bindDescriptor()}`,
    ),
    compat: true,
  },
  {
    name: "touch",
    weight: 11,
    arbitrary: accessPage.map(
      ([at, count, read]): Write =>
        () =>
          `touch(${hex(ARENA + bytes(at))}, ${bytes(count)}${read})`,
    ),
  },
  {
    name: "store",
    weight: 6,
    arbitrary: page.map(
      (at): Write =>
        () =>
          `store(${hex(ARENA + bytes(at) + 4094)}, "abcd")`,
    ),
  },
  {
    name: "load",
    weight: 6,
    arbitrary: page.map(
      (at): Write =>
        () =>
          `load(${hex(ARENA + bytes(at) + 4092)}, 8)`,
    ),
  },
  { name: "mlock", weight: 4, arbitrary: onRange("mlock"), compat: true },
  { name: "munlock", weight: 3, arbitrary: onRange("munlock"), compat: true },
  {
    name: "mlock2",
    weight: 2,
    arbitrary: fc.tuple(range, fc.constantFrom("0", "MLOCK_ONFAULT", "2")).map(
      ([[at, size], flags]): Write =>
        () =>
          `mlock2(${at}, ${size}, ${flags})`,
    ),
    compat: true,
  },
  {
    name: "msync",
    weight: 3,
    arbitrary: fc
      .tuple(range, fc.constantFrom("MS_ASYNC", "MS_SYNC", "MS_INVALIDATE", "MS_SYNC|MS_ASYNC"))
      .map(
        ([[at, size], flags]): Write =>
          () =>
            `msync(${at}, ${size}, ${flags})`,
      ),
    compat: true,
  },
  {
    name: "mincore",
    weight: 6,
    arbitrary: fc.tuple(page, pages).map(
      ([at, count]): Write =>
        () =>
          `mincore(${hex(ARENA + bytes(at))}, ${bytes(count)}, [${Array(count).fill(0).join(", ")}])`,
    ),
  },
  {
    name: "brk",
    weight: 3,
    arbitrary: fc.nat(8).map(
      (count): Write =>
        () =>
          count === 0 ? "brk(NULL)" : `brk(${hex(0x1000_4000 + bytes(count))})`,
    ),
    compat: true,
  },
  {
    name: "fork",
    weight: 2,
    arbitrary: constant("fork").map((): Write => (stage) => {
      const name = stage.bindChild();
      return name === undefined ? undefined : `fork() = ${name}`;
    }),
  },
  { name: "exit_group", weight: 1, arbitrary: constant("exit_group(0)", "exit_group(3)") },
  { name: "wait4", weight: 2, arbitrary: constant("wait4(-1, NULL, WNOHANG, NULL)") },
  {
    name: "kill",
    weight: 1,
    arbitrary: fc.tuple(fc.nat(31), fc.constantFrom("0", "SIGKILL")).map(
      ([who, signal]): Write =>
        (stage) =>
          `kill(${stage.pid(who)}, ${signal})`,
    ),
  },
  {
    name: "close",
    weight: 2,
    arbitrary: fc.nat(63).map(
      (fd): Write =>
        (stage) =>
          `close(${stage.descriptor(fd)})`,
    ),
    compat: true,
  },
  {
    name: "prctl",
    weight: 3,
    arbitrary: constant(
      ...["prctl(PR_SET_DUMPABLE, 0)", "prctl(PR_SET_DUMPABLE, 1)", "prctl(PR_GET_DUMPABLE)"],
    ),
  },
  {
    name: "setresuid",
    weight: 2,
    arbitrary: constant(
      ...["setresuid(1000, 1000, 1000)", "setresuid(-1, 1000, -1)", "setresuid(-1, 0, -1)"],
      "setresuid(2000, 2000, 2000)",
    ),
  },
  { name: "getresuid", weight: 2, arbitrary: constant("getresuid([0], [0], [0])") },
  { name: "ids", weight: 3, arbitrary: constant("getpid()", "getppid()", "geteuid()") },
];

/** One step of a generated scenario. */
export const step: fc.Arbitrary<DraftStep> = fc.oneof(
  ...OPERATIONS.map(({ weight, arbitrary, compat }) => ({
    weight,
    arbitrary: fc
      .tuple(
        fc.nat(15),
        compat === true ? fc.nat(9).map((n) => n === 1) : fc.constant(false),
        arbitrary,
      )
      .map(([who, isCompat, write]): DraftStep => ({ who, compat: isCompat, write })),
  })),
);

/** A scenario that is not written yet. */
export interface Draft {
  /** Which of the first processes begin with the arena mapped. */
  readonly mapped: readonly boolean[];
  /** For which of them all who need one begin with a descriptor. */
  readonly opened: readonly boolean[];
  readonly steps: readonly DraftStep[];
}

/** Mostly true; smaller is false. */
const mostly = fc.nat(9).map((n) => n > 0);
const perProcess = fc.array(mostly, { minLength: CAST.length, maxLength: CAST.length });
/** Many steps share what the processes begin with: it is a small part of all calls. */
const STEPS = 110;

/** A generated scenario. */
export const draft: fc.Arbitrary<Draft> = fc.noBias(
  fc.record({
    mapped: perProcess,
    opened: fc.array(fc.boolean(), { minLength: CAST.length, maxLength: CAST.length }),
    steps: fc.array(step, { minLength: 1, maxLength: STEPS, size: "max" }),
  }),
);
