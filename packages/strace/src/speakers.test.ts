import { describe, expect, test } from "vitest";
import type { LogEvent } from "./event.ts";
import { readLog, told } from "./testing/log.ts";

/** Who is said to have made each call, in the order of their results. */
function makers(events: readonly LogEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === "call" ? [`${event.name} ${event.pid ?? "?"}`] : [],
  );
}

function read(...lines: string[]): LogEvent[] {
  return readLog(`${lines.join("\n")}\n`);
}

describe("on a terminal, where pids come and go", () => {
  test("a log of one process has none", () => {
    expect(makers(read("brk(NULL) = 0", "close(3) = 0"))).toEqual(["brk ?", "close ?"]);
  });

  test("the first process is known when its pid first appears", () => {
    const events = read(
      "brk(NULL) = 0",
      "clone(SIGCHLDstrace: Process 12 attached",
      ") = 12",
      "[pid    11] close(3) = 0",
      "[pid    12] close(4) = 0",
    );
    expect(told(events)).toEqual([
      "call@1 brk(NULL) = 0",
      "attached@2 strace: Process 12 attached",
      "call@2-3 clone(SIGCHLD) = 12",
      "identified@4 strace: Process 11 is whose the lines without a pid were",
      "call@4 11 close(3) = 0",
      "call@5 12 close(4) = 0",
    ]);
  });

  test("the new process may speak first", () => {
    const events = read(
      "clone(SIGCHLDstrace: Process 12 attached",
      " <unfinished ...>",
      "[pid    12] close(4) = 0",
      "[pid    11] <... clone resumed>) = 12",
      "[pid    12] close(5) = 0",
    );
    expect(makers(events)).toEqual(["close 12", "clone 11", "close 12"]);
    expect(events.filter((event) => event.kind === "identified")).toEqual([
      { kind: "identified", line: 4, pid: 11 },
    ]);
  });

  test("also when strace was told not to announce it", () => {
    const events = read(
      "clone(SIGCHLD <unfinished ...>",
      "[pid    12] close(4) = 0",
      "[pid    11] <... clone resumed>) = 12",
    );
    expect(makers(events)).toEqual(["close 12", "clone 11"]);
    expect(
      makers(read("clone(SIGCHLD) = 12", "[pid    12] close(4) = 0", "[pid    11] close(3) = 0")),
    ).toEqual(["clone ?", "close 12", "close 11"]);
  });

  test("a line without a pid is the survivor's, whoever that is", () => {
    const events = read(
      "clone(SIGCHLD) = 12",
      "[pid    11] close(3) = 0",
      "[pid    12] exit_group(0) = ?",
      "[pid    12] +++ exited with 0 +++",
      "close(4) = 0",
      "clone(SIGCHLD) = 13",
      "[pid    11] exit_group(0) = ?",
      "[pid    11] +++ exited with 0 +++",
      "close(5) = 0",
      "+++ exited with 1 +++",
    );
    expect(makers(events)).toEqual([
      "clone ?",
      "close 11",
      "exit_group 12",
      "close 11",
      "clone 11",
      "exit_group 11",
      "close 13",
    ]);
    expect(events.at(-1)).toMatchObject({ kind: "exited", pid: 13, status: 1 });
  });

  test("a call that began with a pid may return without one", () => {
    const events = read(
      "clone(SIGCHLD) = 12",
      "[pid    11] wait4(12,  <unfinished ...>",
      "[pid    12] +++ exited with 0 +++",
      "<... wait4 resumed>NULL, 0, NULL) = 12",
      "close(3) = 0",
    );
    expect(makers(events)).toEqual(["clone ?", "wait4 11", "close 11"]);
  });

  test("with -qq, which hides the ends, exit_group tells who is gone", () => {
    const events = read(
      "clone(SIGCHLD) = 12",
      "[pid    11] wait4(12,  <unfinished ...>",
      "[pid    12] exit_group(0) = ?",
      "<... wait4 resumed>NULL, 0, NULL) = 12",
      "clone(SIGCHLD) = 13",
      "[pid    13] exit_group(0) = ?",
      "close(3) = 0",
    );
    expect(makers(events)).toEqual([
      "clone ?",
      "exit_group 12",
      "wait4 11",
      "clone 11",
      "exit_group 13",
      "close 11",
    ]);
  });

  test("and where nothing tells, nobody is accused", () => {
    const events = read(
      "clone(SIGCHLD) = 12",
      "clone(SIGCHLD) = 13",
      "[pid    11] close(3) = 0",
      "close(4) = 0",
    );
    expect(makers(events)).toEqual(["clone ?", "clone ?", "close 11", "close ?"]);
  });
});

// strace -f on a terminal, 6.1: a child that strace does not follow yet has no lines.
test("who was made has no lines before strace says that it follows him", () => {
  const events = read(
    "clone(SIGCHLDstrace: Process 12 attached",
    ") = 12",
    "[pid    11] close(3) = 0",
    "[pid    12] +++ exited with 0 +++",
    "clone(SIGCHLD) = 13",
    "wait4(13, strace: Process 13 attached",
    " <unfinished ...>",
    "[pid    13] close(4) = 0",
    "[pid    13] +++ exited with 0 +++",
    "<... wait4 resumed>NULL, 0, NULL) = 13",
  );
  expect(makers(events)).toEqual(["clone ?", "close 11", "clone 11", "close 13", "wait4 11"]);
});

// strace -ff, and strace -f -z, 6.1.
test("an execve of another thread may come back without having begun", () => {
  const gone = "10 +++ superseded by execve in pid 12 +++";
  const back = "10 <... execve resumed>) = 0";
  const [, call] = read("10 brk(NULL) = 0", gone, back).filter(({ kind }) => kind === "call");
  expect(call).toMatchObject({ name: "execve", pid: 10, entryPid: 12, args: [] });
  const unread = (...lines: string[]): number =>
    read(...lines).filter(({ kind }) => kind === "unread").length;
  expect([unread(gone), unread(gone, back), unread(gone, back, back)]).toEqual([0, 0, 1]);
  expect(unread(gone, back.replace("10", "11"))).toBe(1);
});

describe("processes that strace was attached to", () => {
  test("are known from the beginning", () => {
    expect(makers(read("strace: Process 21 attached", "close(3) = 0"))).toEqual(["close 21"]);
  });

  test("are the first as well as the others", () => {
    const events = read(
      "strace: Process 21 attached with 2 threads",
      "[pid    22] pause( <unfinished ...>",
      "[pid    21] restart_syscall(<... resuming interrupted read ...>) = 0",
      "[pid    21] close(3) = 0",
    );
    expect(makers(events)).toEqual(["restart_syscall 21", "close 21"]);
    expect(events[0]).toMatchObject({ kind: "attached", pid: 21, threads: 2 });
  });
});

test("execve in another thread leaves the leader, whose pid the line may lack", () => {
  const events = read(
    "clone3({flags=CLONE_THREAD}) = 12",
    "[pid    11] pause( <unfinished ...>",
    '[pid    12] execve("a", [], 0x0 <unfinished ...>',
    "[pid    11] <... pause resumed>) = ?",
    "+++ superseded by execve in pid 12 +++",
    "<... execve resumed>) = 0",
    "brk(NULL) = 0",
  );
  expect(told(events).slice(-3)).toEqual([
    "superseded@5 11 +++ superseded by execve in pid 12 +++",
    'call@3-6 11 execve("a", [], 0x0) = 0',
    "call@7 11 brk(NULL) = 0",
  ]);
  expect(events.at(-2)).toMatchObject({ pid: 11, entryPid: 12 });
});

test("the caller may know whose a log is: -ff puts the pid into the file's name", () => {
  const events = readLog(
    "read(3,  <unfinished ...>\n<... read resumed>0x1, 1) = 1\n+++ exited with 0 +++\n",
    { pid: 7 },
  );
  expect(events).toMatchObject([
    { kind: "entered", pid: 7 },
    { kind: "call", pid: 7 },
    { kind: "exited", pid: 7 },
  ]);
});

test("a log with a pid in every line needs none of this", () => {
  const events = read("11 clone(SIGCHLD) = 12", "12 close(3) = 0", "11 close(3) = 0");
  expect(makers(events)).toEqual(["clone 11", "close 12", "close 11"]);
  expect(events.some((event) => event.kind === "identified")).toBe(false);
});
