import type { Question } from "@kadvise/ports";
import { expect, test } from "vitest";
import { ProgramChoices } from "./programChoices.ts";

const pid: Question<number> = {
  id: "pid/next",
  usual: 7,
  allows: (answer) => answer > 0 && answer !== 5,
  describe: () => "a free number",
  fromResult: (value) => value,
};
const fact: Question<boolean> = {
  id: "some/fact",
  usual: true,
  allows: () => true,
  describe: () => "whether it is so",
  alternatives: [false, true],
};

test("a quiet machine does the usual", () => {
  const choices = new ProgramChoices();
  choices.begin({});
  expect([choices.choose(pid), choices.choose(fact)]).toEqual([7, true]);
  expect(choices.departures).toEqual([]);
});

test("what the call returned is the answer, if Linux may give it, and only once", () => {
  const choices = new ProgramChoices();
  choices.begin({ value: 30 });
  expect([choices.choose(pid), choices.choose(pid)]).toEqual([30, 7]);
  expect(choices.departures).toEqual([{ id: "pid/next", allowed: "a free number" }]);
  choices.begin({ value: 5 });
  expect(choices.choose(pid)).toBe(7);
  expect(choices.departures).toEqual([]);
});

test("a script tries the other answers; the usual comes first whatever its place", () => {
  const choices = new ProgramChoices();
  const answers = [[], [0], [1]].map((script) => {
    choices.begin({}, script);
    return choices.choose(fact);
  });
  expect(answers).toEqual([true, true, false]);
  expect(choices.alternatives).toEqual([2]);
  expect(choices.departures).toEqual([{ id: "some/fact", allowed: "whether it is so" }]);
});

test("bytes that a call wrote are an answer where they were read", () => {
  const choices = new ProgramChoices();
  const pages: Question<Uint8Array> = {
    id: "mincore/residency",
    usual: Uint8Array.of(0, 0),
    allows: (seen) => seen[0] === 0,
    describe: () => "the pages",
    output: "vec",
    fromOutput: (bytes) => bytes,
  };
  choices.begin({ output: (name) => (name === "vec" ? Uint8Array.of(0, 1) : undefined) });
  expect(choices.choose(pages)).toEqual(Uint8Array.of(0, 1));
  choices.begin({ output: () => Uint8Array.of(1, 1) });
  expect(choices.choose(pages)).toEqual(Uint8Array.of(0, 0));
  choices.begin({});
  expect(choices.choose(pages)).toEqual(Uint8Array.of(0, 0));
});

test("a record of values is the usual answer when each of its values is", () => {
  const choices = new ProgramChoices();
  const times: Question<Readonly<Record<string, bigint>>> = {
    id: "shm/times",
    usual: { attached: 1n, detached: 0n },
    allows: () => true,
    describe: () => "the clock",
    output: "buf",
    fromOutput: (bytes) => ({ attached: BigInt(bytes[0] ?? 0), detached: BigInt(bytes[1] ?? 0) }),
  };
  choices.begin({ output: () => Uint8Array.of(1, 0) });
  expect(choices.choose(times)).toEqual(times.usual);
  expect(choices.departures).toEqual([]);
  choices.begin({ output: () => Uint8Array.of(1, 2) });
  expect(choices.choose(times)).toEqual({ attached: 1n, detached: 2n });
  expect(choices.departures).toEqual([{ id: "shm/times", allowed: "the clock" }]);
});

test("a first actor has the number that it really had, whatever the fork would return", () => {
  const choices = new ProgramChoices();
  choices.begin({});
  choices.nextPid = 90;
  expect([choices.choose(pid), choices.choose(pid)]).toEqual([90, 7]);
});
