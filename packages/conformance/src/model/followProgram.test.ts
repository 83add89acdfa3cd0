import { profile } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import type { OperationResult, ProgramResult } from "../program/result.ts";
import { followProgram, type Followed } from "./followProgram.ts";
import { readRecording, type Recording } from "./testing/recording.ts";

function follow(recording: Recording, program: number, seen: ProgramResult): Followed {
  const { facts, programs } = recording;
  return followProgram({
    facts,
    profile: profile(facts.kernel, { settings: facts.settings, assume: "all" }),
    program: programs[program],
    seen,
  });
}

/** Results that no kernel would give in place of one. */
function lies(result: OperationResult): readonly OperationResult[] {
  const { state, value, payload } = result;
  if (state === "absent" || state === "hung") return [{ state: "done", value: 0n }];
  if (state === "died")
    return [
      { ...result, signal: 1 },
      { state: "done", value: 0n },
    ];
  if (payload === undefined) {
    const other = { ...result, value: value < 0n ? value - 1n : -34n };
    return state === "faulted" ? [other, { ...result, code: 9 }] : [other];
  }
  const bytes = payload.slice();
  bytes[bytes.length >> 2] ^= 1;
  return [{ ...result, payload: bytes }];
}

describe.each(["5.10", "6.12", "7.3"])("programs that %s has run", (release) => {
  const recording = readRecording(release);

  test("the model answers each operation as the kernel did, maps after it included", () => {
    for (const [i, seen] of recording.results.entries()) {
      const { difference, results, departures } = follow(recording, i, seen);
      expect(difference).toBeUndefined();
      expect(departures).toEqual([]);
      const reached = seen.operations.filter(({ state }) => state !== "not-reached");
      expect(results).toHaveLength(reached.length);
    }
  });

  test("a kernel that had answered otherwise would have been found out at that very operation", () => {
    for (const [i, seen] of recording.results.entries()) {
      for (const [j, result] of seen.operations.entries()) {
        if (result.state === "not-reached" || isFree(recording, i, j)) continue;
        for (const lie of lies(result)) {
          const operations = seen.operations.map((one, k) => (k === j ? lie : one));
          const { difference } = follow(recording, i, { ...seen, operations });
          expect(difference?.operation, `program ${i}, operation ${j}`).toBe(j);
        }
      }
    }
  });
});

/** Operations whose value nobody compares: the number of a byte that maps has. */
function isFree({ programs }: Recording, program: number, operation: number): boolean {
  const { kind } = programs[program].operations[operation];
  return kind === "fill" || kind === "write";
}

test("what Linux may choose freely is taken as the kernel chose it, and counted", () => {
  const recording = readRecording("6.12");
  const [, seen] = recording.results;
  const { operations } = recording.programs[1];
  const fork = operations.findIndex(({ kind }) => kind === "fork");
  // The child of this fork had another number, and whoever names it says so.
  const other = 4000n;
  const old = seen.operations[fork].value;
  const changed = seen.operations.map((result, i) =>
    (i === fork || operations[i].kind === "call") && result.value === old
      ? { ...result, value: other }
      : result,
  );
  const pids = seen.pids.map((pid) => (BigInt(pid) === old ? Number(other) : pid));
  const { difference, departures } = follow(recording, 1, { ...seen, operations: changed, pids });
  expect(difference).toBeUndefined();
  expect(departures).toEqual([
    { id: "pid/next", allowed: "a process number that is not in use", operation: fork },
  ]);
});

test("a model that throws differs there, and says what it threw", () => {
  const recording = readRecording("6.12");
  const [first] = recording.programs;
  const seen = recording.results[0];
  const [one, , ...rest] = first.operations;
  const unspeakable = { kind: "load", actor: 0, address: 1.5, bytes: 8 } as const;
  const programs = [{ ...first, operations: [one, unspeakable, ...rest] }];
  const { difference, thrown, results } = follow({ ...recording, programs }, 0, seen);
  expect(difference).toMatchObject({ operation: 1, seen: seen.operations[1] });
  expect(results).toHaveLength(2);
  expect(thrown).toMatch(/^RangeError/);
});
