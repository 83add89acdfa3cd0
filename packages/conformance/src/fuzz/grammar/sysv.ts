import fc from "fast-check";
import { literal, mostly, type Operation, type Write } from "./operation.ts";
import { at, bytes, page, range } from "./ranges.ts";

/** Bytes of a segment: some pages, or a part of one more. */
const size = mostly(
  fc.integer({ min: 1, max: 6 }).map((n) => String(bytes(n))),
  { one: fc.constantFrom("1", "5000", "12289"), in: 5 },
);
/** Permission bits, and whether its pages are promised. */
const mode = mostly(fc.constantFrom("0x1b6", "0x180", "0x1ff"), {
  one: fc.constantFrom("0x1a0", "0x1b6|SHM_NORESERVE", "0", "0x49"),
  in: 4,
});
const where = mostly(
  page.map((n) => at(n)),
  { one: page.map((n) => at(n, 100)), in: 5 },
  { one: fc.constantFrom("NULL", "NULL", "0x1000", "0x7ffffffff000", "0x7fffffffe000"), in: 4 },
);
const how = mostly(fc.constantFrom("SHM_REMAP", "SHM_REMAP", "SHM_REMAP|SHM_RND", "0"), {
  one: fc.constantFrom("SHM_RDONLY", "SHM_RDONLY|SHM_REMAP", "SHM_RND", "SHM_EXEC|SHM_REMAP"),
  in: 4,
});

/** A segment that goes with its last attachment: none outlives its scenario. */
const made: fc.Arbitrary<Write> = fc
  .tuple(size, mode, where, how)
  .map(([length, bits, place, flags]): Write => (stage) => {
    const id = stage.bindSegment();
    return [
      `shmget(IPC_PRIVATE, ${length}, ${bits}) = ${id}`,
      `shmat(${id}, ${place}, ${flags})`,
      `shmctl(${id}, IPC_RMID, NULL)`,
    ];
  });

/** An attachment that is in pieces when it goes. */
const pieces: fc.Arbitrary<Write> = fc
  .tuple(fc.nat(16), fc.constantFrom("mprotect", "munmap", "mlock"))
  .map(([start, call]): Write => (stage) => {
    const id = stage.bindSegment();
    const middle = `${at(start + 1)}, 4096${call === "mprotect" ? ", PROT_READ" : ""}`;
    return [
      `shmget(IPC_PRIVATE, 12288, 0x1b6) = ${id}`,
      `shmat(${id}, ${at(start)}, SHM_REMAP)`,
      `shmctl(${id}, IPC_RMID, NULL)`,
      `${call}(${middle})`,
      `shmdt(${at(start)})`,
    ];
  });

const onSegment = <T>(
  arbitrary: fc.Arbitrary<T>,
  text: (id: string, drawn: T) => string,
): fc.Arbitrary<Write> =>
  fc.tuple(fc.nat(63), arbitrary).map(
    ([n, drawn]): Write =>
      (stage) =>
        text(stage.segment(n), drawn),
  );

const command = mostly(fc.constantFrom("SHM_LOCK, NULL", "SHM_UNLOCK, NULL", "IPC_STAT, {}"), {
  one: fc.constantFrom(
    ...["IPC_SET, {shm_perm={uid=1000, gid=1000, mode=384}}", "IPC_STAT, 0x1000", "IPC_RMID, NULL"],
    ...["IPC_SET, {shm_perm={uid=-1, gid=0, mode=384}}", "99, NULL", "-1, NULL"],
  ),
  in: 3,
});

/** System V shared memory: segments, attachments, who may, and what becomes of them. */
export const SYSV: readonly Operation[] = [
  { name: "shmget", weight: 12, arbitrary: made, compat: true },
  {
    name: "shmget",
    weight: 2,
    arbitrary: literal(
      fc.constantFrom(
        ...["shmget(0x7fffabcd, 4096, 0)", "shmget(IPC_PRIVATE, 0, 0x180)", "shmget(-5, 1, 0x180)"],
        ...["shmget(IPC_PRIVATE, -1, 0x180)", "shmget(IPC_PRIVATE, 4096, SHM_HUGETLB|0x180)"],
      ),
    ),
  },
  {
    name: "shmat",
    weight: 14,
    arbitrary: onSegment(
      fc.tuple(where, how),
      (id, [place, flags]) => `shmat(${id}, ${place}, ${flags})`,
    ),
    compat: true,
  },
  {
    name: "shmdt",
    weight: 12,
    arbitrary: literal(
      mostly(
        page.map((n) => `shmdt(${at(n)})`),
        { one: range.map(([start]) => `shmdt(${start})`), in: 6 },
      ),
    ),
    compat: true,
  },
  { name: "shmdt", weight: 2, arbitrary: pieces },
  {
    name: "shmctl",
    weight: 12,
    arbitrary: onSegment(command, (id, what) => `shmctl(${id}, ${what})`),
    compat: true,
  },
];
