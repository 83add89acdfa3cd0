import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Frame } from "./frame.ts";
import { PlainText } from "./plainText.ts";
import { readLog, told } from "./testing/log.ts";
import { LogReader } from "./reader.ts";

/** Whether a stretch is plain, found the slow way. */
function isPlain(text: string, from: number, to: number): boolean {
  const stretch = text.slice(from, to);
  const beginsComment = text.indexOf("/*", from);
  return !/["<(]/.test(stretch) && (beginsComment < 0 || beginsComment >= to);
}

describe("plain stretches are known", () => {
  test("whichever are asked for, in whichever texts", () => {
    const texts = fc.array(
      fc.string({ unit: fc.constantFrom(...'ab,)("</*'.split("")), maxLength: 40 }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    const question = fc.record({ text: fc.nat(), from: fc.nat(40), length: fc.nat(40) });
    fc.assert(
      fc.property(texts, fc.array(question, { maxLength: 12 }), (given, questions) => {
        const plain = new PlainText();
        for (const { text, from, length } of questions) {
          const chosen = given[text % given.length] ?? "";
          expect(plain.holds(chosen, from, from + length)).toBe(
            isPlain(chosen, from, from + length),
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a long call ends where a short one would", () => {
  const padding = "0x7f0012345000, ".repeat(30);

  test.each([
    ["1) = 0", "closed", 1],
    ["1 <unfinished ...>", "unfinished", 1],
    ['")", 1) = 0', "closed", 6],
    ["f(1), 2) = 0", "closed", 7],
    ["1 /* ) */) = 0", "closed", 9],
    ["3<a)b>) = 0", "closed", 6],
    ["1", "open", 1],
  ])("%s", (rest, end, length) => {
    const frame = new Frame();
    const text = `${padding}${rest}`;
    frame.scan(text, 0, text.length, 1);
    expect([frame.end, frame.argumentsEnd - padding.length]).toEqual([end, length]);
  });

  test("also with two equal chunks behind each other", () => {
    const chunk = `12 f(${padding}")") = 0\n12 g(${padding}1) = 0\n`;
    const reader = new LogReader();
    const events = [...reader.push(chunk), ...reader.push(chunk), ...reader.end()];
    expect(events.map((event) => (event.kind === "call" ? event.name : event.kind))).toEqual([
      "f",
      "g",
      "f",
      "g",
    ]);
  });

  test("and a torn one is torn", () => {
    expect(told(readLog(`12 f(${padding}1a\n) = 0\n`))[0]).toMatch(/^call@1-2 12 f\(/);
  });
});
