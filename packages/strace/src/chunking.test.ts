import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LogReader } from "./reader.ts";
import { RECORDINGS, plain, readInPieces, readLog, recording } from "./testing/log.ts";

const LINES = [
  "12 close(3) = 0\n",
  "12 read(3,  <unfinished ...>\n",
  '12 <... read resumed>"a", 1) = 1\n',
  "12 write(2, 0x1, 1a\n",
  ")   = 1\n",
  "clone(SIGCHLDstrace: Process 13 attached\n",
  ", 0x1) = 13\n",
  "[pid 13] +++ exited with 0 +++\r\n",
  "noise\n",
  "\n",
  "\ufeff",
  `13 write(1, "${"long ".repeat(60)}", 300) = 300\n`,
];

describe("how a log is cut into chunks shows nowhere", () => {
  test("for made-up logs and cuts", () => {
    const log = fc
      .array(fc.constantFrom(...LINES), { maxLength: 12 })
      .map((lines) => lines.join(""));
    const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(log, lengths, fc.boolean(), (text, cuts, isEnded) => {
        const whole = isEnded ? text : text.slice(0, -1);
        expect(plain(readInPieces(whole, cuts))).toEqual(plain(readLog(whole)));
      }),
      { numRuns: 300 },
    );
  });

  test.each(["terminal", "successes", "verbose", "summary"])("for the recording %s", (name) => {
    const text = recording(name);
    const whole = plain(readLog(text));
    for (const lengths of [[1], [7], [1000], [4096, 3]]) {
      expect(plain(readInPieces(text, lengths))).toEqual(whole);
    }
  });

  test("for lines at the limit of the length", () => {
    const lines = [10, 19, 20, 21, 40].map((length) => "x".repeat(length));
    for (const size of [1, 3, 20, 21, 22, 1000]) {
      const reader = new LogReader({ maxLineLength: 20 });
      const text = `${lines.join("\n")}\n`;
      const events = [];
      for (let at = 0; at < text.length; at += size)
        events.push(...reader.push(text.slice(at, at + size)));
      expect(
        events.map((event) => event.kind === "unread" && [event.line, event.text.length]),
      ).toEqual([
        [1, 10],
        [2, 19],
        [3, 20],
        [4, 21],
        [5, 40],
      ]);
      expect(
        events.filter((event) => event.kind === "unread" && event.expected.includes("too long")),
      ).toHaveLength(2);
    }
  });

  test("for chunks of megabytes, which are taken in pieces", () => {
    const line = "12    getpid()                          = 12\n";
    const events = readLog(line.repeat(30_000));
    expect(events).toHaveLength(30_000);
    expect(events.every((event, index) => event.kind === "call" && event.line === index + 1)).toBe(
      true,
    );
  });
});

test("events come as soon as their line is complete", () => {
  const reader = new LogReader();
  expect(reader.push("12 close(3) = ")).toEqual([]);
  expect(reader.push("0")).toEqual([]);
  expect(reader.push("\n12 clo")).toMatchObject([{ kind: "call", line: 1 }]);
  expect(reader.push("")).toEqual([]);
  expect(reader.end()).toMatchObject([{ kind: "note", line: 2 }]);
});

test("there are recordings to cut", () => {
  expect(RECORDINGS.length).toBeGreaterThan(20);
});
