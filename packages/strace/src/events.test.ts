import { describe, expect, test } from "vitest";
import { formatEvent } from "./formatEvent.ts";
import { plain, readLog, told } from "./testing/log.ts";

describe("what happens to a process without its asking", () => {
  test.each([
    ["12    +++ exited with 3 +++", { kind: "exited", pid: 12, status: 3 }],
    ["+++ exited with 0 +++", { kind: "exited", status: 0 }],
    [
      "12    +++ killed by SIGKILL +++",
      { kind: "killed", pid: 12, signal: "SIGKILL", coreDumped: false },
    ],
    [
      "12    +++ killed by SIGSEGV (core dumped) +++",
      { kind: "killed", pid: 12, signal: "SIGSEGV", coreDumped: true },
    ],
    ["10    +++ superseded by execve in pid 12 +++", { kind: "superseded", pid: 10, by: 12 }],
    ["12    --- stopped by SIGSTOP ---", { kind: "stopped", pid: 12, signal: "SIGSTOP" }],
    [
      "12    --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=9956, si_uid=0} ---",
      {
        kind: "signal",
        pid: 12,
        signal: "SIGUSR1",
        info: { kind: "struct", fields: { length: 4 } },
      },
    ],
    [
      "12    --- SIGRT_2 {si_signo=SIGRT_2, si_code=SI_QUEUE} ---",
      { kind: "signal", signal: "SIGRT_2" },
    ],
  ])("%s", (line, expected) => {
    const events = readLog(`${line}\n`);
    expect(plain(events)).toMatchObject([{ line: 1, ...expected }]);
    expect(events.map(formatEvent)).toEqual([line]);
  });

  test("as releases before 4.7 print signals, without a siginfo", () => {
    const [event] = plain(readLog("12 --- SIGCHLD (Child exited) @ 0 (0) ---\n"));
    expect(event).toEqual({ kind: "signal", line: 1, pid: 12, signal: "SIGCHLD" });
  });

  test("with -Y, the command behind the pid", () => {
    expect(readLog("12<sh> +++ superseded by execve in pid 13<sh> +++\n")).toMatchObject([
      { pid: 12, by: 13 },
    ]);
  });

  test("with a siginfo that cannot be read, which spoils nothing else", () => {
    const [event] = readLog("12 --- SIGCHLD {;} ---\n");
    expect(event).toMatchObject({ kind: "signal", signal: "SIGCHLD" });
    expect(event?.kind === "signal" && event.info).toMatchObject({ kind: "unread", text: "{;}" });
  });
});

describe("what strace says about itself", () => {
  test.each([
    ["strace: Process 12 attached", { kind: "attached", pid: 12 }],
    ["Process 12 attached", { kind: "attached", pid: 12 }],
    ["strace: Process 12 attached with 2 threads", { kind: "attached", pid: 12, threads: 2 }],
    ["strace: Process 12 detached", { kind: "detached", pid: 12 }],
    ["[ Process PID=12 runs in 32 bit mode. ]", { kind: "personality", pid: 12, mode: "32 bit" }],
    ["strace: [ Process PID=12 runs in x32 mode. ]", { kind: "personality", pid: 12, mode: "x32" }],
    [
      "12 [ Process PID=12 runs in 64 bit mode. ]",
      { kind: "personality", pid: 12, mode: "64 bit" },
    ],
    [
      "22:49:43 (+ 0.000014) [ Process PID=12 runs in 32 bit mode. ]",
      { kind: "personality", pid: 12 },
    ],
    ["     0 [ Process PID=12 runs in 32 bit mode. ]", { kind: "personality", pid: 12 }],
    ["strace: Can't stat './a': No such file or directory", { kind: "note" }],
    ["strace: Process 12 sleeps", { kind: "note" }],
    ["strace: Process many attached", { kind: "note" }],
    [" > /usr/lib/libc.so.6(__madvise+0x7) [0x101b07]", { kind: "note" }],
    [
      " | 00000  7f 45 4c 46 02 01 01 03  00 00 00 00 00 00 00 00  .ELF............ |",
      { kind: "note" },
    ],
    [" * 3 bytes in buffer 0", { kind: "note" }],
  ])("%s", (line, expected) => {
    expect(readLog(`${line}\n`)).toMatchObject([{ line: 1, ...expected }]);
  });

  test("in the summary of -C, after which reading goes on", () => {
    const log = [
      "close(3) = 0",
      "% time     seconds  usecs/call     calls    errors syscall",
      "------ ----------- ----------- --------- --------- ----------------",
      " 23.08    0.000045           3        15         2 mmap",
      "------ ----------- ----------- --------- --------- ----------------",
      "100.00    0.000195           3        49         2 total",
      "System call usage summary for 32 bit mode:",
      "% time     seconds  usecs/call     calls    errors syscall",
      "close(4) = 0",
      " 23.08    0.000045           3        15         2 mmap",
      "",
    ];
    const kinds = readLog(log.join("\n")).map((event) => event.kind);
    expect(kinds).toEqual(["call", ...Array.from({ length: 7 }, () => "note"), "call", "unread"]);
  });
});

describe("events are written as lines", () => {
  test("calls on one line again, whatever came between", () => {
    const log =
      "12 read(3,  <unfinished ...>\n12 <... read resumed>0x1, 1) = -1 EBADF (Bad file descriptor)\n";
    expect(readLog(log).map(formatEvent)).toEqual([
      "12    read( <unfinished ...>",
      "12    read(3, 0x1, 1)                   = -1 EBADF (Bad file descriptor)",
    ]);
  });

  test("messages without what strace set before them", () => {
    const log =
      "strace: Process 12 attached with 2 threads\nstrace: [ Process PID=12 runs in 32 bit mode. ]\n";
    expect(told(readLog(log))).toEqual([
      "attached@1 strace: Process 12 attached with 2 threads",
      "personality@2 [ Process PID=12 runs in 32 bit mode. ]",
    ]);
  });

  test("and what could not be read as it was", () => {
    expect(readLog("12 what?\n").map(formatEvent)).toEqual(["12 what?"]);
  });
});
