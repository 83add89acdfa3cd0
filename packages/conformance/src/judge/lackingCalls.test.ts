import { describe, expect, test } from "vitest";
import { judgeText, log } from "./testing/judgeText.ts";

function said(text: string): readonly string[] {
  return judgeText(text, { kernel: "6.18.44" }).findings.map(
    ({ syscall, verdict }) => `${syscall} ${verdict}`,
  );
}
const lines = (...texts: readonly string[]): string => `${texts.join("\n")}\n`;

const MAP =
  "mmap(NULL, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f9d78e1c000";
const COLD = "madvise(0x7f9d78e1c000, 16384, MADV_COLD) = -1 ENOMEM (Cannot allocate memory)";
const ECHILD = "-1 ECHILD (No child processes)";

// strace -f -p of a program of two threads, 6.18.44.
describe("threads from before the log began", () => {
  const BOTH = ["10 futex(0x5000, FUTEX_WAKE_PRIVATE, 1) = 0", "11 gettid() = 11"];

  test.each([
    ["share memory", [`10 ${MAP}`, "11 munmap(0x7f9d78e1c000, 8192) = 0", `10 ${COLD}`]],
    ["share descriptors", ["10 dup(0) = 3", "10 close(3) = 0", "11 dup(0) = 3", "10 dup(0) = 4"]],
    ["have one number as a process", ["11 getpid() = 10"]],
    [
      "wait for each other's children",
      [
        "10 fork() = 20",
        "20 +++ exited with 7 +++",
        "11 wait4(-1, NULL, 0, NULL) = 20",
        `10 wait4(-1, NULL, 0, NULL) = ${ECHILD}`,
      ],
    ],
    ["share their children's parent", ["11 fork() = 20", "20 getppid() = 10"]],
    [
      "are no processes that a pidfd names",
      ["10 pidfd_open(11, 0) = -1 EINVAL (Invalid argument)"],
    ],
  ])("%s, for all that is known", (_, calls) => {
    const verdicts = said(lines(...BOTH, ...calls));
    expect(verdicts.filter((verdict) => verdict.endsWith("deviation"))).toEqual([]);
  });

  test("do not answer for what a rule refuses whatever is known", () => {
    const verdict = said(lines(...BOTH, "10 madvise(0x1001, 4096, MADV_COLD) = 0")).at(-1);
    expect(verdict).toBe("madvise deviation");
  });
});

test("a thread that stands alone in a log without numbers may have others beside it", () => {
  expect(said(lines(MAP, COLD)).at(-1)).toBe("madvise undetermined");
  expect(said(log(`1 ${MAP}`, `1 ${COLD}`)).at(-1)).toBe("madvise deviation");
});

describe("calls that a filter left out show", () => {
  test("by a new descriptor under a number that is open: somebody closed it", () => {
    const open = '1 openat(AT_FDCWD, "/a", O_RDONLY) = 3';
    expect(said(log(open, "1 dup(0) = 3")).at(-1)).toBe("dup deviation");
    expect(said(log(open, open, "1 dup(0) = 3")).at(-1)).toBe("dup undetermined");
  });

  test("by a loader that never unmaps what it read", () => {
    const load = (...more: readonly string[]): string[] => [
      '1 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3',
      "1 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7f9d78e1c000",
      ...["1 close(3) = 0", "1 mprotect(0x7f9d78e1c000, 4096, PROT_NONE) = 0", ...more],
      ...Array.from({ length: 60 }, () => "1 getpid() = 1"),
    ];
    const again =
      "1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f9d78e1c000";
    expect(said(log(...load(), again)).at(-1)).not.toBe("mmap deviation");
    const unmapped = "1 munmap(0x7f9d78e1d000, 4096) = 0";
    expect(said(log(...load(unmapped), again)).at(-1)).toBe("mmap deviation");
  });

  test("where nobody waits: who has ended may be gone", () => {
    const gone = ["1 fork() = 20", "20 +++ exited with 0 +++"];
    const ESRCH = "-1 ESRCH (No such process)";
    const open = (...more: readonly string[]): string | undefined =>
      said(log(...gone, ...more, `1 pidfd_open(20, 0) = ${ESRCH}`)).at(-1);
    expect(open()).toBe("pidfd_open undetermined");
    const waited = `1 wait4(77, NULL, 0, NULL) = ${ECHILD}`;
    expect(open(waited)).toBe("pidfd_open deviation");
  });
});

// strace -p, 6.18.44.
describe("a process that ran before the log began", () => {
  const status = "[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]";
  const info = (pid: number): string =>
    `{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=${pid}, si_uid=0, si_status=0, si_utime=0, si_stime=0}`;

  test.each([
    [`wait4(-1, ${status}, 0, NULL) = 102`],
    ["wait4(102, NULL, WNOHANG, NULL) = 0"],
    [`wait4(102, ${status}, 0, NULL) = 102`],
    [`waitid(P_ALL, 0, ${info(104)}, WEXITED, NULL) = 0`],
    [`waitid(P_PID, 104, ${info(104)}, WEXITED, NULL) = 0`],
    [`wait4(-1, NULL, 0, NULL) = ${ECHILD}`],
  ])("may have children that nobody saw: %s", (call) => {
    expect(said(lines("100 getpid() = 100", `100 ${call}`)).at(-1)).toMatch(/ undetermined$/);
    expect(said(log(`1 ${call}`)).at(-1)).toBe(
      call.includes("ECHILD") ? "wait4 exact" : `${call.slice(0, call.indexOf("("))} deviation`,
    );
  });

  test("has no child under the number of one that was asked for another", () => {
    const verdict = said(lines("100 getpid() = 100", "100 wait4(102, NULL, 0, NULL) = 103")).at(-1);
    expect(verdict).toBe("wait4 deviation");
  });
});
