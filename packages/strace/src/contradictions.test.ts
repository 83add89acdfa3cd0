import { describe, expect, test } from "vitest";
import type { LogEvent } from "./event.ts";
import { readLog, told } from "./testing/log.ts";

function expectations(events: readonly LogEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === "unread" ? [`${event.line}:${event.column} ${event.expected}`] : [],
  );
}

describe("lines that cannot follow each other are findings, and reading goes on", () => {
  test("a second call of a thread that is in one", () => {
    const events = readLog(
      "1 read(3,  <unfinished ...>\n1 write(4,  <unfinished ...>\n1 <... write resumed>0x1, 1) = 1\n",
    );
    expect(told(events)).toEqual([
      "entered@1 1 read( <unfinished ...>",
      "unread@2 1 write(4, <unfinished ...>",
      "unended@1 1 read(3 <unfinished ...>",
      "entered@2 1 write( <unfinished ...>",
      "call@2-3 1 write(4, 0x1, 1) = 1",
    ]);
    expect(expectations(events)).toEqual(['2:3 "<... read resumed>", which was entered on line 1']);
    expect(events[2]).toMatchObject({ reason: "contradicted" });
  });

  test("a whole call of a thread that is in one", () => {
    const events = readLog("1 read(3,  <unfinished ...>\n1 close(4) = 0\n");
    expect(told(events).slice(1)).toEqual([
      "unread@2 1 close(4) = 0",
      "unended@1 1 read(3 <unfinished ...>",
      "call@2 1 close(4) = 0",
    ]);
  });

  test("a return from a call that was never entered", () => {
    const events = readLog("1 <... read resumed>0x1, 1) = 1\n1 close(3) = 0\n");
    expect(told(events)).toEqual([
      "unread@1 1 <... read resumed>0x1, 1) = 1",
      "call@2 1 close(3) = 0",
    ]);
    expect(expectations(events)).toEqual(['1:8 "read(… <unfinished ...>" on a line before it']);
  });

  test("a return from another call than the one that was entered", () => {
    const events = readLog(
      "1 read(3,  <unfinished ...>\n1 <... write resumed>0x1, 1) = 1\n1 <... read resumed>0x1, 1) = 1\n",
    );
    expect(told(events)).toEqual([
      "entered@1 1 read( <unfinished ...>",
      "unended@1 1 read(3 <unfinished ...>",
      "unread@2 1 <... write resumed>0x1, 1) = 1",
      "unread@3 1 <... read resumed>0x1, 1) = 1",
    ]);
    expect(expectations(events)[0]).toBe('2:8 "read", which was entered on line 1');
  });

  test("a return in another thread than the one that entered", () => {
    const events = readLog(
      "1 read(3,  <unfinished ...>\n2 <... read resumed>0x1, 1) = 1\n1 <... read resumed>0x2, 2) = 2\n",
    );
    expect(told(events).slice(1)).toEqual([
      "unread@2 2 <... read resumed>0x1, 1) = 1",
      "call@1-3 1 read(3, 0x2, 2) = 2",
    ]);
  });

  test("a return that is broken itself leaves the call under way", () => {
    const events = readLog(
      "1 read(3,  <unfinished ...>\n1 <... read resumed>0x1, 1) = what\n1 <... read resumed>0x1, 1) = 1\n",
    );
    expect(told(events).slice(1)).toEqual([
      "unread@2 1 <... read resumed>0x1, 1) = what",
      "call@1-3 1 read(3, 0x1, 1) = 1",
    ]);
  });
});

describe("a line that cannot be read says where and what was expected", () => {
  test.each([
    ["hello, world", "1:1 a call, an event or a message of strace"],
    ["12 hello", "1:4 a call, an event or a message of strace"],
    ["12   ", "1:6 a call"],
    ["12 10:00:00 ", "1:13 a call"],
    ["12 close(3) 0", '1:13 "=" and a result'],
    ["12 close(3) = zero", "1:15 a number or ?"],
    ["close(3) = 0 and more", "1:14 the end of the line"],
    ["close(3", '1:8 the rest of the call: ")" behind its arguments'],
    ["12 <... close", '1:14 " resumed>"'],
    ["12 <... close suspended>", '1:14 " resumed>"'],
    ["12 <what>", "1:4 a call, an event or a message of strace"],
    ["12 +++ vanished +++", "1:4 an event that strace prints"],
    ["12 +++ exited with x +++", "1:4 an event that strace prints"],
    ["12 +++ exited with 0", "1:4 an event that strace prints"],
    ["12 --- oops ---", "1:4 an event that strace prints"],
    ["12 [a", "1:4 a call, an event or a message of strace"],
    [") = 0", "1:1 a call, an event or a message of strace"],
  ])("%s", (line, expectation) => {
    expect(expectations(readLog(`${line}\n`))).toEqual([expectation]);
  });

  test("with its pid, where that could be read", () => {
    expect(readLog("12 hello\nhello\n")).toMatchObject([
      { kind: "unread", pid: 12 },
      { kind: "unread" },
    ]);
    expect(readLog("hello\n")[0]).not.toHaveProperty("pid");
  });
});
