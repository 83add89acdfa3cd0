import { Journal } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import type { Policy } from "./policy.ts";
import { copyState, fillState, liveState, noteState } from "./policyState.ts";

/** A policy whose state is this. */
function remembering(state: unknown): Policy {
  return { name: "memo", state: () => state as object };
}

describe("what a policy remembers", () => {
  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["a word", "five"],
    ["a map", new Map()],
    ["a date", new Date(0)],
    ["an instance of a class", new (class Memo {})()],
    ["a function", () => undefined],
  ])("is plain data: %s is none", (_, state) => {
    expect(() => liveState(remembering(state))).toThrow(
      new TypeError("policy memo: state() must return the plain object that holds its state"),
    );
  });

  test.each([
    ["an object", { a: 1 }],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 })],
    ["an array", [1, 2]],
  ])("may be %s", (_, state) => {
    expect(liveState(remembering(state))).toBe(state);
  });

  test("may hold whatever is plain, at any depth, and a copy is equal and its own", () => {
    const state = {
      nothing: undefined,
      none: null,
      yes: true,
      big: 5n,
      list: [{ word: "a" }, [1, null, undefined]],
      bare: Object.assign(Object.create(null) as object, { a: 1 }),
    };
    const copied = copyState(state, "memo");
    expect(copied).toEqual({ ...state, bare: { a: 1 } });
    expect(copied.list).not.toBe(state.list);
    expect(copied.list[0]).not.toBe(state.list[0]);
    expect(Object.keys(copied)).toEqual(Object.keys(state));
  });

  test.each([
    ["a function", { a: { b: [1, () => undefined] } }, "state().a.b[1]"],
    ["a symbol", { a: Symbol("a") }, "state().a"],
    ["a map", [new Map()], "state()[0]"],
  ])("holds no %s: the message says where that is", (_, state, place) => {
    expect(() => copyState(state, "memo")).toThrow(
      new TypeError(
        `policy memo: ${place} is no plain data: numbers, strings, booleans, arrays, plain objects`,
      ),
    );
  });
});

describe("a state that is filled in again", () => {
  test("is what it was, the order of its keys included, and what came since is gone", () => {
    const live: Record<string, unknown> = { b: [1, 2], a: 1 };
    const saved = copyState(live, "memo");
    delete live["b"];
    live["c"] = 3;
    live["b"] = [9];
    fillState(live, saved);
    expect(Object.entries(live)).toEqual([
      ["b", [1, 2]],
      ["a", 1],
    ]);
    (live["b"] as number[]).push(5);
    fillState(live, saved);
    expect(live).toEqual({ b: [1, 2], a: 1 });
  });

  test("may be a list, shorter or longer meanwhile", () => {
    for (const meanwhile of [[], [1, 2, 3, 4, 5]]) {
      const live = [7, 8, 9];
      const saved = copyState(live, "memo");
      live.splice(0, live.length, ...meanwhile);
      fillState(live, saved);
      expect(live).toEqual([7, 8, 9]);
    }
  });
});

test("a state is noted only while somebody records, and then taken back", () => {
  const journal = new Journal();
  let asked = 0;
  const state = { count: 0 };
  const policy: Policy = {
    name: "memo",
    state() {
      asked++;
      return state;
    },
  };
  noteState(journal, policy);
  expect(asked).toBe(0);
  journal.attempt(() => {
    noteState(journal, policy);
    state.count = 5;
  });
  expect([asked, state.count]).toEqual([1, 0]);
  journal.attempt(() => noteState(journal, { name: "stateless" }));
});
