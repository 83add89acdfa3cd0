import { describe, expect, test } from "vitest";
import type { LogEvent } from "./event.ts";
import { readLog, told } from "./testing/log.ts";

function read(...lines: string[]): LogEvent[] {
  return readLog(`${lines.join("\n")}\n`);
}

describe("a call that strace's own message was printed into", () => {
  test("is read with its rest, and so is the message", () => {
    const events = read(
      "clone(child_stack=NULL, flags=SIGCHLDstrace: Process 12 attached",
      ", child_tidptr=0x7f3600aeaa10) = 12",
    );
    expect(told(events)).toEqual([
      "attached@1 strace: Process 12 attached",
      "call@1-2 clone(child_stack=NULL, flags=SIGCHLD, child_tidptr=0x7f3600aeaa10) = 12",
    ]);
  });

  test("may be interrupted behind it", () => {
    const events = read(
      "vfork(strace: Process 12 attached",
      " <unfinished ...>",
      "[pid    12] close(3) = 0",
      "[pid    11] <... vfork resumed>) = 12",
    );
    expect(told(events)).toEqual([
      "attached@1 strace: Process 12 attached",
      "entered@2 vfork( <unfinished ...>",
      "call@3 12 close(3) = 0",
      "identified@4 strace: Process 11 is whose the lines without a pid were",
      "call@1-4 11 vfork() = 12",
    ]);
  });

  test("may change its struct behind it", () => {
    const events = read(
      "[pid 11] clone3({flags=CLONE_VM, tls=0x7f}strace: Process 12 attached",
      " => {parent_tid=[12]}, 88) = 12",
    );
    expect(told(events)[1]).toBe(
      "call@1-2 11 clone3({flags=CLONE_VM, tls=0x7f} => {parent_tid=[12]}, 88) = 12",
    );
  });

  test("may be the second half of one", () => {
    const events = read(
      "[pid 11] read(3,  <unfinished ...>",
      "[pid 11] <... read resumed>strace: Process 12 attached",
      '"a", 1) = 1',
    );
    expect(told(events).at(-1)).toBe('call@1-3 11 read(3, "a", 1) = 1');
  });

  test("may have more messages behind it, on lines of their own", () => {
    const events = read(
      "clone(SIGCHLDstrace: Process 12 attached",
      "strace: Process 13 attached",
      "strace: [ Process PID=12 runs in 32 bit mode. ]",
      ") = 12",
    );
    expect(told(events).map((line) => line.split("@")[0])).toEqual([
      "attached",
      "attached",
      "personality",
      "call",
    ]);
  });

  test("may be the last of a process that strace lets go", () => {
    const events = read("[pid 11] nanosleep(0x1, strace: Process 11 detached", " <detached ...>");
    expect(told(events)).toEqual([
      "detached@1 strace: Process 11 detached",
      "unended@1 11 nanosleep(0x1 <detached ...>",
      "detached@2 strace: Process 11 detached",
    ]);
  });
});

describe("a call that the program's own output was printed into", () => {
  test("is read, but for the argument before it", () => {
    const events = read(
      'write(2, "error text\\n", 11error text',
      ")            = 11",
      "close(3) = 0",
    );
    expect(told(events)).toEqual([
      'call@1-2 write(2, "error text\\n", 11error text) = 11',
      "call@3 close(3) = 0",
    ]);
    const [call] = events;
    expect(call?.kind === "call" && call.args[2]).toMatchObject({ value: { kind: "unread" } });
  });

  test("of several lines, each of which is a finding", () => {
    const events = read('write(2, "a\\nb\\n\\nc\\n", 7a', "b", "", "c", ") = 7");
    expect(told(events)).toEqual([
      "unread@2 b",
      "unread@4 c",
      'call@1-5 write(2, "a\\nb\\n\\nc\\n", 7a) = 7',
    ]);
  });

  test("is a finding when its rest does not come", () => {
    const events = read("write(2, 0x1, 7a", "close(3) = 0");
    expect(events.filter((event) => event.kind === "unread")).toMatchObject([
      { line: 1, text: "write(2, 0x1, 7a", column: 17 },
    ]);
    expect(told(events)).toContain("call@2 close(3) = 0");
  });

  test("or comes too late", () => {
    const noise = Array.from({ length: 40 }, (_, index) => `noise ${index}`);
    const events = read("write(2, 0x1, 7a", ...noise, ") = 7");
    expect(events.every((event) => event.kind === "unread")).toBe(true);
    expect(events).toHaveLength(42);
  });

  test("or another torn line comes", () => {
    expect(told(read("write(2, 1a", "write(2, 2b", ") = 7"))).toEqual([
      "unread@1 write(2, 1a",
      "call@2-3 write(2, 2b) = 7",
    ]);
  });

  test("or the log ends before it", () => {
    expect(told(readLog("write(2, 1a\n"))).toEqual(["unread@1 write(2, 1a"]);
    expect(told(readLog("write(2, 1a\n) = 7"))).toEqual(["call@1-2 write(2, 1a) = 7"]);
    expect(told(readLog("clone(SIGCHLDstrace: Process 12 attached\n, 0x1"))).toEqual([
      "attached@1 strace: Process 12 attached",
      "unended@1 clone(SIGCHLD, 0x1 <unfinished ...>",
    ]);
  });
});

test("a torn line keeps the columns it began with", () => {
  const events = read("[pid 11] 10:00:00 clone(SIGCHLDstrace: Process 12 attached", ") = 12 <0.5>");
  expect(events[1]).toMatchObject({
    pid: 11,
    time: "10:00:00",
    seconds: 0.5,
    line: 2,
    entryLine: 1,
  });
});
