import { describe, expect, test } from "vitest";
import type { CallEvent, LogEvent } from "./event.ts";
import { plain, readLog, told } from "./testing/log.ts";

function calls(events: readonly LogEvent[]): CallEvent[] {
  return events.filter((event) => event.kind === "call");
}

describe("the halves of an interrupted call are one call", () => {
  test("that has both lines and the arguments of both", () => {
    const events = readLog(
      [
        "12    wait4(-1,  <unfinished ...>",
        "13    exit_group(3)                     = ?",
        "13    +++ exited with 3 +++",
        "12    <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 13",
        "",
      ].join("\n"),
    );
    expect(told(events)).toEqual([
      "entered@1 12 wait4( <unfinished ...>",
      "call@2 13 exit_group(3) = ?",
      "exited@3 13 +++ exited with 3 +++",
      "call@1-4 12 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 13",
    ]);
    expect(calls(events)[1]?.args.map((argument) => argument.text)).toEqual([
      "-1",
      "[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]",
      "0",
      "NULL",
    ]);
  });

  test("when nothing is missing but the result", () => {
    const log = "1 madvise(0x1000, 1, MADV_COLD <unfinished ...>\n1 <... madvise resumed>) = 0\n";
    expect(told(readLog(log))).toContain("call@1-2 1 madvise(0x1000, 1, MADV_COLD) = 0");
  });

  test("when there are no arguments", () => {
    const log = "1 getpid( <unfinished ...>\n1 <... getpid resumed>)       = 1\n";
    expect(told(readLog(log))).toContain("call@1-2 1 getpid() = 1");
  });

  test("when the kernel wrote into a struct", () => {
    const log = [
      "1 clone3({flags=CLONE_VM, exit_signal=0} <unfinished ...>",
      "2 rseq(0x7f00, 0x20, 0, 0x53053053) = 0",
      "1 <... clone3 resumed> => {parent_tid=[2]}, 88) = 2",
    ].join("\n");
    const [call] = calls(readLog(log)).slice(-1);
    expect(call?.args).toMatchObject([{ value: { kind: "change" } }, { value: { value: 88 } }]);
    expect(call?.argumentText).toBe("{flags=CLONE_VM, exit_signal=0} => {parent_tid=[2]}, 88");
  });

  test("when a parenthesis was open in between", () => {
    const log = "1 f(makedev(0x1 <unfinished ...>\n1 <... f resumed>, 0x3), 2) = 0\n";
    expect(told(readLog(log))).toContain("call@1-2 1 f(makedev(0x1, 0x3), 2) = 0");
  });

  test("as older releases print it, with a space behind the word", () => {
    const log = "1 wait4(-1,  <unfinished ...>\n1 <... wait4 resumed> NULL, 0, NULL) = 5\n";
    expect(told(readLog(log))).toContain("call@1-2 1 wait4(-1, NULL, 0, NULL) = 5");
  });

  test("whose name strace did not find out", () => {
    const log = "1 ???( <unfinished ...>\n1 <... ??? resumed>)          = ?\n";
    expect(told(readLog(log))).toContain("call@1-2 1 ???() = ?");
  });

  test("without pids, in a log of one process with signals between", () => {
    const log = [
      "pause( <unfinished ...>",
      "<... pause resumed>)   = ? ERESTARTNOHAND (To be restarted if no handler)",
    ];
    expect(told(readLog(log.join("\n")))).toEqual([
      "entered@1 pause( <unfinished ...>",
      "call@1-2 pause() = ? ERESTARTNOHAND (To be restarted if no handler)",
    ]);
  });

  test("with the columns of the line where it returned, and the number of where it began", () => {
    const log = [
      "1 10:00:00 [  61] wait4(2,  <unfinished ...>",
      "1 10:00:01 <... wait4 resumed>NULL, 0, NULL) = 2 <1.000100>",
    ];
    expect(calls(readLog(log.join("\n")))[0]).toMatchObject({
      time: "10:00:01",
      seconds: 1.0001,
      number: 61,
    });
  });

  test("each thread's its own", () => {
    const log = [
      "1 read(3,  <unfinished ...>",
      "2 read(4,  <unfinished ...>",
      "3 read(5,  <unfinished ...>",
      '2 <... read resumed>"b", 1) = 1',
      '1 <... read resumed>"a", 1) = 1',
      '3 <... read resumed>"c", 1) = 1',
    ].join("\n");
    expect(told(readLog(log)).slice(3)).toEqual([
      'call@2-4 2 read(4, "b", 1) = 1',
      'call@1-5 1 read(3, "a", 1) = 1',
      'call@3-6 3 read(5, "c", 1) = 1',
    ]);
  });

  test("and may be interrupted a thousand times over", () => {
    const pids = Array.from({ length: 1000 }, (_, index) => index + 1);
    const log = [
      ...pids.map(
        (pid) => `${pid} futex(0x${pid.toString(16)}, FUTEX_WAIT, 1, NULL <unfinished ...>`,
      ),
      ...pids.map((pid) => `${pid} <... futex resumed>) = 0`),
    ].join("\n");
    const joined = calls(readLog(log));
    expect(joined).toHaveLength(1000);
    expect(
      joined.every((call) => call.entryLine === call.line - 1000 && call.args.length === 4),
    ).toBe(true);
  });
});

describe("a call that does not return", () => {
  test("ends with its process", () => {
    const log = "1 pause( <unfinished ...>\n1 +++ killed by SIGKILL +++\n";
    expect(told(readLog(log))).toEqual([
      "entered@1 1 pause( <unfinished ...>",
      "unended@1 1 pause( <unfinished ...>",
      "killed@2 1 +++ killed by SIGKILL +++",
    ]);
    expect(readLog(log)[1]).toMatchObject({ reason: "process ended" });
  });

  test("is told at the end of the log, the oldest first", () => {
    const log =
      "3 pause( <unfinished ...>\n1 wait4(3,  <unfinished ...>\n2 read(0,  <unfinished ...>\n";
    const events = readLog(log).slice(3);
    expect(told(events)).toEqual([
      "unended@1 3 pause( <unfinished ...>",
      "unended@2 1 wait4(3 <unfinished ...>",
      "unended@3 2 read(0 <unfinished ...>",
    ]);
    expect(events.every((event) => event.kind === "unended" && event.reason === "log ends")).toBe(
      true,
    );
  });

  test("is let go when strace detaches", () => {
    const log = "1 nanosleep({tv_sec=1, tv_nsec=0},  <detached ...>\n";
    const events = readLog(log);
    expect(told(events)).toEqual([
      "unended@1 1 nanosleep({tv_sec=1, tv_nsec=0} <detached ...>",
      "detached@1 strace: Process 1 detached",
    ]);
    expect(events[0]).toMatchObject({ reason: "detached" });
    expect(told(readLog("pause( <detached ...>\n"))).toEqual([
      "unended@1 pause( <detached ...>",
      "detached@1 <detached ...>",
    ]);
  });

  test("also in its second half, or when strace only says so", () => {
    const second = "1 read(3,  <unfinished ...>\n1 <... read resumed> <detached ...>\n";
    expect(told(readLog(second)).slice(1)).toEqual([
      "unended@1 1 read(3 <detached ...>",
      "detached@2 strace: Process 1 detached",
    ]);
    const said = "1 read(3,  <unfinished ...>\nstrace: Process 1 detached\n";
    expect(told(readLog(said)).slice(1)).toEqual([
      "unended@1 1 read(3 <detached ...>",
      "detached@2 strace: Process 1 detached",
    ]);
  });

  test("because another thread ended the process", () => {
    const log =
      "1 nanosleep(0x1,  <unfinished ...>\n1 <... nanosleep resumed> <unfinished ...>) = ?\n";
    expect(told(readLog(log))[1]).toBe("call@1-2 1 nanosleep(0x1) = ?");
  });
});

describe("execve in a thread that is not the first comes back under the leader's pid", () => {
  const before = [
    "10 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>",
    '12 execve("/bin/true", ["true"], 0x7ffd /* 0 vars */ <unfinished ...>',
    "10 <... futex resumed>)              = ?",
    "11 +++ exited with 0 +++",
  ];

  test("and strace says so", () => {
    const log = [
      ...before,
      "10 +++ superseded by execve in pid 12 +++",
      "10 <... execve resumed>) = 0",
      "",
    ];
    const events = readLog(log.join("\n"));
    expect(told(events).slice(-2)).toEqual([
      "superseded@5 10 +++ superseded by execve in pid 12 +++",
      'call@2-6 10 execve("/bin/true", ["true"], 0x7ffd /* 0 vars */) = 0',
    ]);
    expect(events.at(-1)).toMatchObject({ pid: 10, entryPid: 12 });
  });

  test("or was told to be quiet", () => {
    const events = readLog([...before, "10 <... execve resumed>) = 0", ""].join("\n"));
    expect(events.at(-1)).toMatchObject({ kind: "call", name: "execve", pid: 10, entryPid: 12 });
  });

  test("which can only be guessed while a single execve is under way", () => {
    const log = [
      '12 execve("a", [], 0x0 <unfinished ...>',
      '22 execve("b", [], 0x0 <unfinished ...>',
      "10 <... execve resumed>) = 0",
    ];
    expect(told(readLog(log.join("\n")))).toContain("unread@3 10 <... execve resumed>) = 0");
  });

  test("while one that calls it itself keeps its pid", () => {
    const log = '12 execve("a", [], 0x0 <unfinished ...>\n12 <... execve resumed>) = 0\n';
    expect(plain(readLog(log)).at(-1)).not.toHaveProperty("entryPid", 12);
  });
});

test("with -z the second half stands alone on the line behind the first", () => {
  const log = [
    "5065  wait4(5068,  <unfinished ...>",
    "[{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV}], 0, NULL) = 5068",
    "5065  close(3)                = 0",
    "NULL, 0, NULL)                          = 5071",
    "",
  ].join("\n");
  expect(told(readLog(log))).toEqual([
    "entered@1 5065 wait4( <unfinished ...>",
    "call@1-2 5065 wait4(5068, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV}], 0, NULL) = 5068",
    "call@3 5065 close(3) = 0",
    "unread@4 NULL, 0, NULL) = 5071",
  ]);
});
