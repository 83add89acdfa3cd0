import { describe, expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import type { OperationResult } from "../program/result.ts";
import { askPairs, groundOf, lettersOf } from "./askPairs.ts";
import { COLUMNS } from "./cellCalls.ts";
import { differences } from "./differences.ts";
import { readMatrix } from "./folder.ts";
import { pairProgram } from "./pairProgram.ts";
import { pairsFor } from "./pairs.ts";
import { readRecording, writeRecording } from "./recording.ts";

const recordings = [...readMatrix()];
/** 6.18 on the machine itself and emulated. */
const LINES = ["5.10", "6.1", "6.12", "6.18", "6.18", "7.3"];

test("the matrix was recorded on six kernels of five lines", () => {
  const lines = recordings.map(([version]) => version.split(".").slice(0, 2).join("."));
  expect(lines.sort()).toEqual([...LINES].sort());
});

describe.each(recordings)("on %s", (_, { facts, cells }) => {
  const pairs = pairsFor(facts);

  test("the model answers as the kernel did, in every cell", async () => {
    const modelled = await askPairs(new ModelTarget({ facts }), pairs);
    expect(differences(cells, modelled)).toEqual([]);
  });

  test("there are at least 2,000 cells, and calls were let through and refused", () => {
    expect(cells.size * COLUMNS.length).toBeGreaterThan(2000);
    const answers = COLUMNS.map((_, i) => new Set([...cells.values()].map((all) => all[i])));
    const never = COLUMNS.filter((_, i) => !answers[i].has("."));
    // Nobody is killed, so nothing is released; up to 6.12 nobody is told MADV_DONTNEED.
    expect(["process_madvise DONTNEED", "process_mrelease"]).toEqual(expect.arrayContaining(never));
    for (const [i, column] of COLUMNS.entries()) {
      if (!never.includes(column)) expect(answers[i].size).toBeGreaterThan(1);
    }
  });
});

test("a recording is read as it was written, and what differs is told cell by cell", () => {
  const [, recording] = recordings[0];
  const again = readRecording(writeRecording(recording));
  expect(again).toEqual(recording);
  const [[name, letters], [other]] = [...recording.cells];
  const changed = new Map(recording.cells).set(name, `P${letters.slice(1)}`).set("new", letters);
  changed.delete(other);
  expect(differences(recording.cells, changed)).toEqual([
    `${name}: pidfd_open: success, not EPERM`,
    "new: not recorded",
    `${other}: not asked any more`,
  ]);
  expect(() => readRecording("... a pair\n")).toThrow("lacks its facts");
});

test("a pair that did not become what it is, is no answer", () => {
  const [, { facts }] = recordings[0];
  const [pair] = pairsFor(facts);
  const asked = pairProgram(pair, groundOf(facts));
  const operations = asked.program.operations.map(() => ({ state: "done" as const, value: 0n }));
  const lettersWith = (i: number, changed: OperationResult): string =>
    lettersOf("a → b", asked, {
      end: "complete",
      pids: [],
      operations: operations.map((one, n) => (n === i ? changed : one)),
    });
  expect(lettersWith(-1, operations[0])).toBe("..........0..");
  expect(() => lettersWith(0, { state: "done", value: -1n })).toThrow(
    "a → b: operation 0 (call) is the error 1",
  );
  const last = operations.length - 1;
  expect(lettersWith(last, { state: "done", value: -13n })).toBe("..........0.A");
  expect(() => lettersWith(last, { state: "hung", value: 0n })).toThrow(
    "ptrace SEIZE: a cell is hung",
  );
  expect(() => lettersWith(last, { state: "done", value: -7n })).toThrow("a cell is the error 7");
});
