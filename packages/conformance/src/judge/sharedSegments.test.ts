import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const MADE = "1 shmget(IPC_PRIVATE, 16384, IPC_CREAT|0600) = 7";
const ATTACHED = "1 shmat(7, NULL, 0) = 0x7f0000000000";
const PAGES = "0x7f0000000000, 16384";
const last = (...lines: readonly string[]): string => verdicts(log(...lines)).at(-1) ?? "";

test("what a log shows to be attached, is there", () => {
  expect(last(MADE, ATTACHED, `1 madvise(${PAGES}, MADV_COLD) = 0`)).toBe("4 madvise exact");
  const free = (result: string): string =>
    last(MADE, ATTACHED, `1 madvise(${PAGES}, MADV_FREE) = ${result}`);
  expect(free("-1 EINVAL (Invalid argument)")).toBe("4 madvise exact");
  expect(free("0")).toBe("4 madvise deviation");
});

test("calls on segments are judged", () => {
  const lines = [MADE, ATTACHED, "1 shmdt(0x7f0000000000) = 0"];
  lines.push(
    "1 shmdt(0x7f0000000000) = -1 EINVAL (Invalid argument)",
    "1 shmctl(7, IPC_RMID, NULL) = 0",
  );
  lines.push(
    "1 shmget(IPC_PRIVATE, 0, 0600) = 8",
    "1 shmctl(7, 99, NULL) = -1 EINVAL (Invalid argument)",
  );
  expect(verdicts(log(...lines)).slice(1)).toEqual([
    ...["2 shmget constrained", "3 shmat undetermined", "4 shmdt exact", "5 shmdt undetermined"],
    ...["6 shmctl undetermined", "7 shmget deviation", "8 shmctl exact"],
  ]);
});

test("what all segments of the machine are, no log tells", () => {
  for (const command of ["IPC_INFO", "SHM_INFO", "SHM_STAT", "SHM_STAT_ANY"])
    expect(last(MADE, `1 shmctl(0, ${command}, 0x7f00) = 7`)).toBe("3 shmctl undetermined");
});

test("what was detached, is not", () => {
  const detached = "1 shmdt(0x7f0000000000) = 0";
  const said = last(
    MADE,
    ATTACHED,
    detached,
    `1 madvise(${PAGES}, MADV_COLD) = -1 ENOMEM (Cannot allocate memory)`,
  );
  expect(said).toBe("5 madvise exact");
});

// Seen on 6.18: shmdt takes the first piece that lies where the attachment would have it.
test("what is left of an attachment goes with it, also where its beginning is gone", () => {
  const gone = "1 munmap(0x7f0000000000, 4096) = 0";
  const detached = "1 shmdt(0x7f0000000000) = 0";
  const left = "1 madvise(0x7f0000001000, 4096, MADV_COLD)";
  const said = verdicts(
    log(
      MADE,
      ATTACHED,
      gone,
      `${left} = 0`,
      detached,
      `${left} = -1 ENOMEM (Cannot allocate memory)`,
    ),
  );
  expect(said.slice(4)).toEqual(["5 madvise exact", "6 shmdt exact", "7 madvise exact"]);
});

test("what was attached for reading, never becomes writable", () => {
  const attached = "1 shmat(7, NULL, SHM_RDONLY) = 0x7f0000000000";
  const protect = (result: string): string =>
    last(MADE, attached, `1 mprotect(${PAGES}, PROT_READ|PROT_WRITE) = ${result}`);
  expect(protect("-1 EACCES (Permission denied)")).toBe("4 mprotect exact");
  expect(protect("0")).toBe("4 mprotect deviation");
});

test.each([
  ["a number that was never seen to be made", "1 shmat(9, NULL, 0) = 0x7f0000000000"],
  [
    "a key, and the number that came of it",
    "1 shmget(0x1234, 4096, IPC_CREAT|0600) = 9\n1 shmat(9, NULL, 0) = 0x7f0000000000",
  ],
])("%s leaves open what is there", (_, lines) => {
  for (const result of ["0", "-1 EINVAL (Invalid argument)"]) {
    const said = last(
      ...lines.split("\n"),
      `1 madvise(0x7f0000000000, 4096, MADV_FREE) = ${result}`,
    );
    expect(said).toMatch(/madvise undetermined$/);
  }
});

test.each([
  ["in another ipc namespace", "1 unshare(CLONE_NEWIPC) = 0"],
  ["once somebody else removed the first", "1 getpid() = 1"],
])("a number is another segment's %s", (_, between) => {
  const smaller = "1 shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = 7";
  const behind = "1 madvise(0x7f0000001000, 4096, MADV_COLD) = -1 ENOMEM (Cannot allocate memory)";
  const lines = [
    MADE,
    between,
    smaller,
    "1 mmap(0x7f0000000000, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
    "1 munmap(0x7f0000000000, 8192) = 0",
    ATTACHED,
  ];
  expect(last(...lines, behind)).toBe("8 madvise exact");
});

test("detaching what was never seen to be attached leaves open what is there", () => {
  const mapped = "1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000100000";
  const unseen = "1 shmdt(0x7f0000000000) = 0";
  const said = (at: string, result: string): string =>
    last(mapped, unseen, `1 madvise(${at}, 4096, MADV_COLD) = ${result}`);
  expect(said("0x7f0000100000", "0")).toBe("4 madvise exact");
  expect(said("0x7f0000000000", "0")).toMatch(/undetermined$/);
});
