import { describe, expect, test } from "vitest";
import type { CallEvent, LogEvent } from "./event.ts";
import { formatEvent } from "./formatEvent.ts";
import { RECORDINGS, readLog, recording } from "./testing/log.ts";

function calls(events: readonly LogEvent[], name: string): CallEvent[] {
  return events.filter((event) => event.kind === "call").filter((event) => event.name === name);
}

/**
 * The recordings whose lines hold nothing but what events hold: no times, no other pids than in
 * front.
 */
const UNADORNED = RECORDINGS.filter(
  (name) =>
    !/terminal|commands|column|epoch|seconds|summary|dumps|stacks|changed|failed/.test(name),
);

describe("everything that strace printed is read", () => {
  test.each(RECORDINGS)("%s", (name) => {
    const unread = readLog(recording(name)).filter((event) => event.kind === "unread");
    expect(unread).toEqual([]);
  });

  test.each(RECORDINGS)("%s, every argument of it", (name) => {
    const odd = readLog(recording(name)).flatMap((event) =>
      event.kind === "call" ? event.args.filter(({ value }) => value.kind === "unread") : [],
    );
    // On a terminal the program's own line is printed into the call that writes it.
    const expected = name.includes("terminal") ? ["28a line of the program's own"] : [];
    expect(odd.map((argument) => argument.text)).toEqual(expected);
  });
});

describe("what is read is written as it was printed", () => {
  test.each(UNADORNED)("%s", (name) => {
    const lines = recording(name).split("\n");
    for (const event of readLog(recording(name))) {
      const isWhole = event.kind !== "entered" && event.kind !== "unended";
      if (!isWhole || (event.kind === "call" && event.entryLine !== event.line)) continue;
      expect(formatEvent(event)).toBe(lines[event.line - 1]);
    }
  });
});

describe("process_madvise, in every notation", () => {
  const notations = [
    "plain",
    "raw",
    "verbose",
    "whole-and-decoded",
    "hexadecimal",
    "every-column",
    "epoch",
  ];

  test.each(notations)("%s: ten calls with their results", (name) => {
    const results = calls(readLog(recording(name)), "process_madvise").map(
      ({ result }) => result.error ?? result.value,
    );
    expect(results).toEqual([
      8192,
      163_840,
      4096,
      "EINVAL",
      "EFAULT",
      "EBADF",
      "EINVAL",
      0,
      "EFAULT",
      0,
    ]);
  });

  test("a vector of forty ranges is cut at 32, unless all was asked for", () => {
    const [, cut] = calls(readLog(recording("plain")), "process_madvise");
    expect(cut?.args[1]?.value).toMatchObject({ kind: "array", cut: true, items: { length: 32 } });
    const [, whole] = calls(readLog(recording("whole-and-decoded")), "process_madvise");
    expect(whole?.args[1]?.value).toMatchObject({
      kind: "array",
      cut: false,
      items: { length: 40 },
    });
  });

  test("a vector that ends in thin air says where", () => {
    const short = calls(readLog(recording("plain")), "process_madvise")[8];
    expect(short?.args[1]?.value).toMatchObject({ cut: true, items: { length: 1 } });
    expect(short?.args[1]?.text).toMatch(/\.\.\. \/\* 0x[0-9a-f]+ \*\/\]$/);
  });

  test("the pidfd says whose it is", () => {
    const [decoded] = calls(readLog(recording("whole-and-decoded")), "process_madvise");
    expect(decoded?.args[0]?.value).toMatchObject({ kind: "fd", target: `pid:${decoded?.pid}` });
    const [opened] = calls(readLog(recording("whole-and-decoded")), "pidfd_open");
    expect(opened?.result).toMatchObject({ value: 3, target: `pid:${opened?.pid}` });
  });

  test("an advice that strace does not know keeps its number", () => {
    const unknown = (name: string): unknown =>
      calls(readLog(recording(name)), "process_madvise")[2]?.args[3]?.value;
    expect(unknown("plain")).toMatchObject({ value: 0x66, comment: "MADV_???" });
    expect(unknown("raw")).toEqual({ kind: "number", value: 0x66, text: "0x66" });
    expect(unknown("verbose")).toMatchObject({ value: 0x66, comment: "MADV_???" });
  });

  test("undecoded, it is six registers", () => {
    const [first] = calls(readLog(recording("undecoded")), "process_madvise");
    expect(first?.args.map(({ value }) => value.kind)).toEqual(
      Array.from({ length: 5 }, () => "number"),
    );
    expect(first?.result).toMatchObject({ value: 0x2000, base: 16 });
  });
});

test("the gate that a call came through shows in its number, with -n", () => {
  const made = calls(readLog(recording("every-column")), "getpid").map((call) => call.number);
  expect(made).toEqual([39, 39, 20]);
});

test("times and durations are there where they were asked for", () => {
  for (const event of readLog(recording("microseconds"))) {
    if (event.kind !== "call") continue;
    expect(event.time).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
    if (event.result.value !== undefined) expect(event.seconds).toBeGreaterThan(0);
  }
});

describe("what strace did to calls", () => {
  const results = (name: string, of = "madvise"): unknown[] =>
    calls(readLog(recording(name)), of).map((call) => call.result);

  test("an error in place of the call", () => {
    expect(results("failed-by-strace")[0]).toMatchObject({
      error: "EAGAIN",
      injected: true,
      delayed: true,
    });
  });

  test("a value in place of the call", () => {
    expect(results("answered-by-strace")[0]).toMatchObject({
      value: 7,
      injected: true,
      delayed: false,
    });
  });

  test("an error that has no name, and one that only the kernel uses", () => {
    expect(results("unnamed-error")[0]).toMatchObject({
      value: -1,
      error: "errno 4000",
      injected: true,
    });
    expect(results("restarted")[0]).toMatchObject({
      unknown: true,
      error: "ERESTARTSYS",
      injected: true,
    });
  });

  test("other arguments", () => {
    expect(results("changed-by-strace", "process_madvise")[0]).toMatchObject({
      value: 5,
      injection: "args, retval",
      delayed: true,
    });
  });
});

describe("a family of processes", () => {
  test("its threads and children live and end", () => {
    const events = readLog(recording("threads"));
    const ends = events.filter((event) => event.kind === "exited" || event.kind === "killed");
    expect(
      ends.map((event) => (event.kind === "exited" ? event.status : event.signal)).sort(),
    ).toEqual([0, 0, 1, 1, 3, "SIGKILL", "SIGSEGV"].sort());
    expect(events.filter((event) => event.kind === "stopped")).toHaveLength(1);
    expect(events.filter((event) => event.kind === "unended")).toEqual([]);
  });

  test.each(["threads", "commands", "quiet-threads", "terminal", "quiet-terminal"])(
    "%s: its last execve is a thread's and comes back under the leader's pid",
    (name) => {
      const events = readLog(recording(name));
      const last = calls(events, "execve").at(-1);
      const leader = calls(events, "set_tid_address").at(-1)?.result.value;
      expect(last?.pid).toBe(leader);
      expect(last?.entryPid).toBeGreaterThan(Number(leader));
      expect(last?.args).toHaveLength(3);
    },
  );

  test.each(["terminal", "quiet-terminal", "silent-terminal"])(
    "%s: where the pids come and go, each getpid is its own caller's",
    (name) => {
      const events = readLog(recording(name));
      const first = events.find((event) => event.kind === "identified");
      for (const call of calls(events, "getpid")) {
        expect(call.pid ?? first?.pid).toBe(call.result.value);
      }
      for (const call of calls(events, "set_tid_address").slice(0, 1)) {
        expect(call.pid).toBe(call.result.value);
      }
    },
  );
});
