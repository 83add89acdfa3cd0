import { describe, expect, test } from "vitest";
import { findingAt, judgeText, log } from "./testing/judgeText.ts";

const AREA = "0x10000000";
const THREAD =
  "1 clone(child_stack=0x7f0000001000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2";
const MAPPED = `1 mmap(${AREA}, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = ${AREA}`;
const SELF = ["1 getpid() = 1", "1 close_range(3, 4294967295, 0) = 0", "1 pidfd_open(1, 0) = 3"];
const NO_MEMORY = "-1 ENOMEM (Cannot allocate memory)";

function coldResumed(result: string): readonly string[] {
  return [
    `2 madvise(${AREA}, 8192, MADV_COLD <unfinished ...>`,
    `2 <... madvise resumed>) = ${result}`,
  ];
}

describe("a call of one thread that ends while another's is under way", () => {
  test.each(["0", NO_MEMORY])("may have come before or after it: COLD returns %s", (result) => {
    const [begins = "", ends = ""] = coldResumed(result);
    const text = log(THREAD, MAPPED, begins, `1 munmap(${AREA}, 16384) = 0`, ends);
    const report = judgeText(text);
    expect(report.deviations).toBe(0);
    expect(findingAt(report, 6).verdict).toBe("undetermined");
    expect(findingAt(report, 6).allowed).toEqual(expect.arrayContaining(["0", NO_MEMORY]));
  });

  test("does not make everything possible: EPERM is a deviation in any order", () => {
    const [begins = "", ends = ""] = coldResumed("-1 EPERM (Operation not permitted)");
    const text = log(THREAD, MAPPED, begins, `1 munmap(${AREA}, 16384) = 0`, ends);
    expect(findingAt(judgeText(text), 6).verdict).toBe("deviation");
  });

  test("leaves a result exact where no order changes it", () => {
    const [begins = "", ends = ""] = coldResumed("0");
    const text = log(THREAD, MAPPED, begins, `1 mprotect(${AREA}, 16384, PROT_NONE) = 0`, ends);
    expect(findingAt(judgeText(text), 6).verdict).toBe("exact");
  });

  test("decides with its result what came first, also for what follows", () => {
    const text = log(
      THREAD,
      MAPPED,
      `2 munmap(${AREA}, 4096 <unfinished ...>`,
      `1 madvise(${AREA}, 8192, MADV_COLD) = ${NO_MEMORY}`,
      "2 <... munmap resumed>) = 0",
      `1 madvise(${AREA}, 8192, MADV_COLD) = ${NO_MEMORY}`,
    );
    const report = judgeText(text);
    expect(report.deviations).toBe(0);
    expect(findingAt(report, 7).verdict).toBe("exact");
  });

  test("is looked for through a chain: one call waits for a second that waits for a third", () => {
    const text = log(
      THREAD,
      THREAD.replace("= 2", "= 3"),
      MAPPED,
      `2 munmap(${AREA}, 8192 <unfinished ...>`,
      `3 mmap(${AREA}, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0 <unfinished ...>`,
      // Only after both: the first page is there, the second is not.
      `1 madvise(${AREA}, 8192, MADV_COLD) = ${NO_MEMORY}`,
      `1 madvise(${AREA}, 4096, MADV_COLD) = 0`,
      `3 <... mmap resumed>) = ${AREA}`,
      "2 <... munmap resumed>) = 0",
    );
    expect(judgeText(text).deviations).toBe(0);
  });

  test("counts also where the other process is the one that is advised", () => {
    const text = log(
      MAPPED,
      "1 capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_SYS_NICE, " +
        "permitted=1<<CAP_SYS_NICE, inheritable=0}) = 0",
      "1 close_range(3, 4294967295, 0) = 0",
      "1 fork() = 2",
      "1 pidfd_open(2, 0) = 3",
      `2 munmap(${AREA}, 16384 <unfinished ...>`,
      `1 process_madvise(3, [{iov_base=${AREA}, iov_len=4096}], 1, MADV_COLD, 0) = ${NO_MEMORY}`,
      "2 <... munmap resumed>) = 0",
    );
    const report = judgeText(text);
    expect(report.deviations).toBe(0);
    expect(findingAt(report, 8).verdict).toBe("undetermined");
  });

  test("may have taken the descriptor that the other gets", () => {
    const text = log(
      THREAD,
      ...SELF,
      "2 pidfd_open(1, 0 <unfinished ...>",
      "1 pidfd_open(1, 0) = 5",
      "2 <... pidfd_open resumed>) = 4",
    );
    expect(judgeText(text).deviations).toBe(0);
  });

  test("may have opened a file meanwhile, though the model does not cover open", () => {
    const text = log(
      THREAD,
      ...SELF,
      '2 openat(AT_FDCWD, "file", O_RDONLY <unfinished ...>',
      "1 pidfd_open(1, 0) = 5",
      "2 <... openat resumed>) = 4",
    );
    expect(judgeText(text).deviations).toBe(0);
  });
});

test("a munmap whose order got lost is not taken as the last thing that happened", () => {
  const THREE = THREAD.replace("= 2", "= 3");
  const MAPS = `mmap(${AREA}, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0`;
  const text = log(
    ...[THREAD, THREE, MAPPED],
    `3 madvise(${AREA}, 4096, MADV_WILLNEED <unfinished ...>`,
    `2 munlock(${AREA}, 4096 <unfinished ...>`,
    `1 munmap(${AREA}, 4096 <unfinished ...>`,
    "2 <... munlock resumed>) = 0",
    `3 <... madvise resumed>) = ${NO_MEMORY}`,
    `3 ${MAPS}) = ${AREA}`,
    `2 madvise(${AREA}, 4096, MADV_COLD <unfinished ...>`,
    "1 <... munmap resumed>) = 0",
    `1 ${MAPS} <unfinished ...>`,
    `3 ${MAPS} <unfinished ...>`,
    "2 <... madvise resumed>) = 0",
    `3 <... mmap resumed>) = ${AREA}`,
    `3 munmap(${AREA}, 4096 <unfinished ...>`,
    `2 munmap(${AREA}, 4096 <unfinished ...>`,
    // Both have unmapped by now, and the mapping comes after them.
    `1 <... mmap resumed>) = ${AREA}`,
    "3 <... munmap resumed>) = 0",
    "2 <... munmap resumed>) = 0",
    `3 madvise(${AREA}, 4096, MADV_COLD) = 0`,
  );
  expect(judgeText(text).deviations).toBe(0);
});

describe("a vector", () => {
  const vector = `[{iov_base=${AREA}, iov_len=4096}, {iov_base=0x10002000, iov_len=4096}]`;
  const lines = [
    THREAD,
    MAPPED,
    ...SELF,
    `1 munmap(0x10002000, 4096) = 0`,
    `2 process_madvise(3, ${vector}, 2, MADV_COLD, 0 <unfinished ...>`,
    // The first range goes, and only then the second comes.
    `1 munmap(${AREA}, 4096) = 0`,
    "1 mmap(0x10002000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x10002000",
    "2 <... process_madvise resumed>) = 8192",
  ];

  test("may be advised range by range up to 6.14: the whole of it, though it was never whole", () => {
    const report = judgeText(log(...lines), { kernel: "6.12.107" });
    expect(report.deviations).toBe(0);
    expect(findingAt(report, 11).verdict).toBe("undetermined");
  });

  test("is advised under one lock from 6.15 on: then it must have been whole", () => {
    const report = judgeText(log(...lines), { kernel: "6.18.44" });
    expect(findingAt(report, 11).verdict).toBe("deviation");
  });
});

describe("a descriptor that one thread is closing", () => {
  const open = (pid: number, fd: number): readonly string[] => [
    `${pid} openat(AT_FDCWD, "/proc/self/maps", O_RDONLY <unfinished ...>`,
    `${pid} <... openat resumed>) = ${fd}`,
  ];
  const [CLOSES, CLOSED] = ["2 close(3 <unfinished ...>", "2 <... close resumed>) = 0"];

  test("may be another's again before the call returns, and stays that one's", () => {
    const text = log(THREAD, ...open(1, 3), CLOSES, ...open(1, 3), CLOSED, "1 close(3) = 0");
    const report = judgeText(text);
    expect(report.deviations).toBe(0);
    expect([findingAt(report, 8).verdict, findingAt(report, 9).verdict]).toEqual([
      "exact",
      "exact",
    ]);
  });

  test("is closed where another number was given out meanwhile", () => {
    const text = log(THREAD, ...open(1, 3), CLOSES, ...open(1, 4), CLOSED, "1 close(3) = 0");
    expect(findingAt(judgeText(text), 9).verdict).toBe("deviation");
  });

  test("is not the one of a process that has its own", () => {
    const text = log(
      ...open(1, 3),
      "1 fork() = 2",
      CLOSES,
      "1 close(3) = 0",
      ...open(1, 3),
      CLOSED,
      "2 close(3) = -1 EBADF (Bad file descriptor)",
      "1 close(3) = 0",
    );
    expect(judgeText(text).deviations).toBe(0);
  });
});
