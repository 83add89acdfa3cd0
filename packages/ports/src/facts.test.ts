import { describe, expect, test } from "vitest";
import { Unknown, type Question } from "./choices.ts";
import { Facts } from "./facts.ts";
import { quietPorts, type Ports } from "./ports.ts";

interface Settings {
  readonly swap: boolean;
  readonly maxMapCount: number;
}

const USUAL: Settings = { swap: true, maxMapCount: 65530 };

/** Ports whose choices are answered by a list, and the questions that were asked. */
function answering(...answers: readonly unknown[]): {
  readonly ports: Ports;
  readonly asked: Question<unknown>[];
} {
  const asked: Question<unknown>[] = [];
  const ports = quietPorts();
  ports.choices = {
    choose<A>(question: Question<A>): A {
      asked.push(question);
      return answers[asked.length - 1] as A;
    },
  };
  return { ports, asked };
}

test("a stated fact is never asked for", () => {
  const { ports, asked } = answering();
  const facts = new Facts<Settings>(ports, "setting", USUAL);
  expect([facts.get("swap"), facts.get("maxMapCount")]).toEqual([true, 65530]);
  expect(asked).toEqual([]);
});

test("on a quiet machine an assumed fact has its usual value", () => {
  const facts = new Facts<Settings>(quietPorts(), "setting", USUAL, ["swap"]);
  expect(facts.get("swap")).toBe(true);
});

describe("an assumed fact", () => {
  test("is asked for once, when a rule first reads it, and only it", () => {
    const { ports, asked } = answering(false);
    const facts = new Facts<Settings>(ports, "setting", USUAL, ["swap", "maxMapCount"]);
    expect(asked).toEqual([]);
    expect([facts.get("swap"), facts.get("swap")]).toEqual([false, false]);
    expect(asked.map(({ id, usual }) => [id, usual])).toEqual([["setting/swap", true]]);
    expect([...facts.open]).toEqual(["maxMapCount"]);
  });

  test("offers its alternatives, where there are few, and allows no other", () => {
    const { ports, asked } = answering(false);
    const alternatives = { swap: [true, false] };
    new Facts<Settings>(ports, "setting", USUAL, ["swap"], alternatives).get("swap");
    expect(asked[0].alternatives).toEqual([true, false]);
    expect([true, false, undefined].map((answer) => asked[0].allows(answer))).toEqual([
      true,
      true,
      false,
    ]);
    expect(asked[0].describe()).toBe("the setting swap, which nobody stated");
  });

  test("may be anything where there are many", () => {
    const { ports, asked } = answering(10);
    new Facts<Settings>(ports, "setting", USUAL, ["maxMapCount"]).get("maxMapCount");
    expect(asked[0]).not.toHaveProperty("alternatives");
    expect(asked[0].allows(3)).toBe(true);
  });

  test("that was learnt in an attempt is open again behind it", () => {
    const { ports, asked } = answering(false, true);
    const facts = new Facts<Settings>(ports, "setting", USUAL, ["swap"]);
    expect(ports.journal.attempt(() => facts.get("swap"))).toBe(false);
    expect(facts.get("swap")).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test("and a stated one have their old values behind an attempt that states others", () => {
    const { ports } = answering();
    const facts = new Facts<Settings>(ports, "setting", USUAL, ["swap"]);
    ports.journal.attempt(() => {
      facts.state("swap", false);
      facts.state("maxMapCount", 100);
      expect([facts.get("swap"), facts.get("maxMapCount")]).toEqual([false, 100]);
    });
    expect(facts.values).toEqual(USUAL);
    expect([...facts.open]).toEqual(["swap"]);
  });

  test("stays open where nobody could know it", () => {
    const ports = quietPorts();
    ports.choices = {
      choose({ id, describe }) {
        throw new Unknown(id, describe());
      },
    };
    const facts = new Facts<Settings>(ports, "setting", USUAL, ["swap"]);
    expect(() => facts.get("swap")).toThrow("unknown: the setting swap, which nobody stated");
    expect(facts.open.has("swap")).toBe(true);
  });
});

test("a fact that is stated later is no longer asked for, and the objects of before stay", () => {
  const { ports, asked } = answering();
  const facts = new Facts<Settings>(ports, "setting", USUAL, ["swap"]);
  facts.state("swap", false);
  expect(facts.get("swap")).toBe(false);
  expect(asked).toEqual([]);
  expect(USUAL.swap).toBe(true);
});
