import { describe, expect, test } from "vitest";
import type { PendingCall } from "./pendingCalls.ts";
import { PendingCalls } from "./pendingCalls.ts";
import { LogReader } from "./reader.ts";

function call(pid: number, text = ""): PendingCall {
  return { name: "read", line: pid, enteredOn: pid, pid, text, depth: 1, number: -1 };
}

describe("calls under way take no more than a bound", () => {
  test("of their text: the oldest make room", () => {
    const pending = new PendingCalls();
    const megabytes = "x".repeat(8 * 1024 * 1024);
    const given = Array.from({ length: 12 }, (_, index) =>
      pending.add(call(index + 1, megabytes)),
    ).flat();
    expect(given.map((each) => each.pid)).toEqual([1, 2, 3, 4]);
    expect(pending.get(4)).toBeUndefined();
    expect(pending.get(5)).toBeDefined();
  });

  test("of their number", () => {
    const pending = new PendingCalls();
    const given = Array.from({ length: 100_010 }, (_, index) =>
      pending.add(call(index + 1)),
    ).flat();
    expect(given).toHaveLength(10);
    expect(pending.takeAll()).toHaveLength(100_000);
  });

  test("and room is free again when they return", () => {
    const pending = new PendingCalls();
    const megabytes = "x".repeat(32 * 1024 * 1024);
    for (let turn = 0; turn < 5; turn++) {
      expect(pending.add(call(1, megabytes))).toEqual([]);
      expect(pending.take(1)?.text).toHaveLength(megabytes.length);
    }
    expect(pending.take(1)).toBeUndefined();
  });

  test("and those that made room are told of, as calls that do not end", () => {
    const pids = Array.from({ length: 100_001 }, (_, index) => index + 1);
    const events = new LogReader().push(pids.map((pid) => `${pid} f( <unfinished ...>\n`).join(""));
    expect(events.slice(-2)).toMatchObject([
      { kind: "unended", line: 1, pid: 1, reason: "given up" },
      { kind: "entered", line: 100_001 },
    ]);
  });
});

test("a call that moves to another thread is that thread's", () => {
  const pending = new PendingCalls();
  pending.add(call(12));
  pending.move(12, 10);
  pending.move(99, 98);
  expect(pending.get(12)).toBeUndefined();
  expect(pending.get(10)).toMatchObject({ pid: 10, entryPid: 12, line: 12 });
  pending.move(10, undefined);
  expect(pending.get(undefined)).toMatchObject({ pid: undefined, entryPid: 12 });
});

test("the only call of a name is found, and none where there are two", () => {
  const pending = new PendingCalls();
  pending.add({ ...call(1), name: "execve" });
  pending.add(call(2));
  pending.add(call(3));
  expect(pending.only("execve")?.pid).toBe(1);
  expect(pending.only("read")).toBeUndefined();
  expect(pending.only("write")).toBeUndefined();
});

test("an endless line is not gathered", () => {
  const reader = new LogReader({ maxLineLength: 1_000_000 });
  const chunk = "x".repeat(500_000);
  for (let turn = 0; turn < 400; turn++) expect(reader.push(chunk)).toEqual([]);
  expect(reader.end()).toMatchObject([{ kind: "unread", text: "x".repeat(200) }]);
});
