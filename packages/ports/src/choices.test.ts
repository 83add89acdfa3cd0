import { describe, expect, test } from "vitest";
import { quietPorts } from "./ports.ts";
import { Unknown, USUAL, type Question } from "./choices.ts";

const question = (usual: number): Question<number> => ({
  id: "pid/next",
  usual,
  allows: (answer) => answer > 0,
  describe: () => "a free process number",
});

test("a quiet machine gives the usual answer, of whatever kind it is", () => {
  expect(USUAL.choose(question(7))).toBe(7);
  const nothing: Question<string | undefined> = {
    id: "nothing",
    usual: undefined,
    allows: () => true,
    describe: () => "nothing",
  };
  expect(USUAL.choose(nothing)).toBeUndefined();
});

test("a quiet machine never looks at what else would be allowed", () => {
  const refuse = (): never => {
    throw new Error("asked");
  };
  const answer = USUAL.choose({ id: "x", usual: 1, allows: refuse, describe: refuse });
  expect(answer).toBe(1);
});

describe("what nobody stated", () => {
  const unknown = new Unknown("pid/next", "the next process number");

  test("is told apart from an error of the program, and says what was lacking", () => {
    expect(unknown).toBeInstanceOf(Error);
    expect(unknown).toBeInstanceOf(Unknown);
    expect([unknown.name, unknown.message]).toEqual([
      "Unknown",
      "unknown: the next process number",
    ]);
    expect([unknown.question, unknown.fact]).toEqual(["pid/next", "the next process number"]);
  });

  test("leaves nothing behind of the call that met it", () => {
    const ports = quietPorts();
    const cell = { value: 1 };
    ports.choices = {
      choose() {
        throw unknown;
      },
    };
    const call = (): void =>
      ports.journal.attempt(() => {
        ports.journal.save(cell, "value");
        cell.value = ports.choices.choose(question(2));
      });
    expect(call).toThrow(unknown);
    expect(cell.value).toBe(1);
  });
});

test("quiet ports share nothing between two machines", () => {
  const [a, b] = [quietPorts(), quietPorts()];
  a.checks.listener = () => undefined;
  a.journal.begin();
  a.choices = { choose: (asked) => asked.usual };
  expect(b.checks.listener).toBeUndefined();
  expect(b.journal.recording).toBe(false);
  expect(b.choices).toBe(USUAL);
});
