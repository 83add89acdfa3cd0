import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogEvent } from "./event.ts";
import { formatEvent } from "./formatEvent.ts";
import { plain, readLog, recording } from "./testing/log.ts";

/** Reads everything that an event has, and writes it. */
function exhaust(events: readonly LogEvent[]): number {
  plain(events);
  return events.map(formatEvent).length;
}

describe("no input makes the reader throw", () => {
  test("arbitrary text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        exhaust(readLog(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("arbitrary pieces of logs", () => {
    const piece = fc.constantFrom(
      ...'()[]{}<>,|="\\ \n/*+-'.split(""),
      ...[
        "12 ",
        "[pid 12] ",
        "close(",
        "<unfinished ...>",
        "<... close resumed>",
        "<detached ...>",
        ") = 0",
      ],
      ...[
        "+++ ",
        " +++",
        "exited with 0",
        "--- SIG",
        "strace: Process 12 attached",
        "0x1",
        "...",
        "= ?",
      ],
      ...[
        "superseded by execve in pid 13",
        "execve(",
        "<... execve resumed>",
        "(INJECTED)",
        "% time ",
        " total",
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        exhaust(readLog(pieces.join("")));
      }),
      { numRuns: 5_000 },
    );
  });

  test("recordings with bytes changed, dropped and doubled", () => {
    const text = recording("terminal");
    const edit = fc.record({
      at: fc.nat({ max: text.length - 1 }),
      length: fc.nat({ max: 30 }),
      put: fc.string({ unit: "binary", maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 10 }), (edits) => {
        let changed = text;
        for (const { at, length, put } of edits)
          changed = changed.slice(0, at) + put + changed.slice(at + length);
        const events = readLog(changed);
        exhaust(events);
        expect(events.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  test("recordings without some of their lines", () => {
    const lines = recording("threads").split("\n");
    fc.assert(
      fc.property(fc.subarray(lines), (kept) => {
        exhaust(readLog(kept.join("\n")));
      }),
      { numRuns: 200 },
    );
  });
});

test("every line of a log leads to an event, or is blank", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "12 close(3) = 0",
      "12 read(3,  <unfinished ...>",
      "12 <... read resumed>) = 0",
      "noise",
      "",
    ),
    fc.string({ unit: "grapheme-ascii", maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const accounted = new Set<number>();
      for (const event of readLog(lines.map((each) => `${each}\n`).join(""))) {
        const count = event.kind === "unread" ? (event.lines ?? 1) : 1;
        for (let at = 0; at < count; at++) accounted.add(event.line + at);
        if (event.kind === "call") accounted.add(event.entryLine);
      }
      lines.forEach((each, index) => {
        if (each.trim() !== "")
          expect(accounted, `line ${index + 1} of ${JSON.stringify(lines)}`).toContain(index + 1);
      });
    }),
    { numRuns: 1_000 },
  );
});

describe("the findings of a file that is no log are bounded", () => {
  test("a long run of unread lines is a hundred findings and one for the rest", () => {
    const events = readLog("noise\n".repeat(10_000));
    expect(events).toHaveLength(101);
    expect(events[99]).toMatchObject({ kind: "unread", line: 100 });
    expect(events[100]).toMatchObject({ kind: "unread", line: 101, lines: 9_900 });
  });

  test("which ends where a line is read", () => {
    const events = readLog(`${"noise\n".repeat(150)}close(3) = 0\n${"noise\n".repeat(50)}`);
    expect(events).toHaveLength(152);
    expect(events[100]).toMatchObject({ line: 101, lines: 50 });
    expect(events[101]).toMatchObject({ kind: "call", line: 151 });
    expect(events[151]).toMatchObject({ line: 201 });
  });

  test("the text of each is short", () => {
    const [event] = readLog(`${"x".repeat(5_000)}\n`);
    expect(event).toMatchObject({ kind: "unread", text: "x".repeat(200), column: 1 });
  });

  test("a megabyte of bytes is read in no time", () => {
    let state = 1;
    const bytes = Array.from({ length: 1_000_000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return String.fromCharCode(state >>> 24);
    }).join("");
    const events = readLog(bytes);
    expect(events.length).toBeLessThan(5_000);
    expect(exhaust(events)).toBe(events.length);
  });
});

describe("a very long line", () => {
  test("is read up to the limit", () => {
    const vector = Array.from(
      { length: 100_000 },
      () => "{iov_base=0x7f0012345000, iov_len=4096}",
    ).join(", ");
    const [event] = readLog(`12 process_madvise(3, [${vector}], 100000, MADV_COLD, 0) = 4096\n`);
    expect(event?.kind === "call" && event.args[1]?.value).toMatchObject({
      items: { length: 100_000 },
    });
  });

  test("is a finding beyond it, and the next line is read", () => {
    const events = readLog(`12 write(1, "${"a".repeat(2_000)}", 2000) = 2000\n12 close(3) = 0\n`, {
      maxLineLength: 1_000,
    });
    expect(events).toMatchObject([
      { kind: "unread", line: 1, expected: expect.stringContaining("too long") },
      { kind: "call", line: 2 },
    ]);
  });

  test("also when it is the last and has no end", () => {
    expect(readLog("x".repeat(30), { maxLineLength: 20 })).toMatchObject([
      { kind: "unread", line: 1 },
    ]);
  });

  test("of nothing but openings is no trouble", () => {
    for (const piece of ["[", "{", "(", "f(", '"', "<", "/*", "a|", "a=>", "~", "$", "1+"]) {
      exhaust(readLog(`12 f(${piece.repeat(100_000)}) = 0\n12 f(${piece.repeat(100_000)}\n`));
    }
  });
});
