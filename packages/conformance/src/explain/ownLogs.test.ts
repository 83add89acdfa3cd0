import { describe, expect, test } from "vitest";
import { ownLogs } from "../judge/testing/ownLogs.ts";
import { explainOwn } from "./testing/explainOwn.ts";
import type { WayExplained } from "./explainWay.ts";

const KERNELS = ["5.10.223", "6.12.107", "6.18.44"];

describe.each(KERNELS)("what is told of each process_madvise recorded on %s", (kernel) => {
  // The log of many areas is told elsewhere: it has two vectors of a thousand.
  const logs = ownLogs([kernel]).filter(({ name }) => !/manyAreas|hugePages/.test(name));
  const calls = logs.flatMap(({ name }) => explainOwn(name, { name: "process_madvise" }));
  const observed = calls.flatMap((call) => {
    const way = call.ways.find(({ isObserved }) => isObserved);
    return way === undefined ? [] : [{ call, way }];
  });

  test("is the way that was observed, for nearly all", () => {
    expect(calls.length).toBeGreaterThan(250);
    expect(observed.length / calls.length).toBeGreaterThan(0.97);
  });

  test("adds up: the bytes of the ranges that were done are the count that came back", () => {
    for (const { call, way } of observed) {
      const count = Number(call.observed.split(" ")[0]);
      if (!(count >= 0) || way.ranges === undefined) continue;
      expect({ line: call.line, bytes: doneBytes(way) }).toEqual({ line: call.line, bytes: count });
    }
  });

  test("names one refusal for each error, of the very errno that came back", () => {
    for (const { call, way } of observed) {
      const error = /^-1 (E\w+)/.exec(call.observed)?.[1];
      if (error === undefined) continue;
      expect({ line: call.line, code: way.refusal?.code }).toEqual({
        line: call.line,
        code: error,
      });
      expect(way.checks.some(({ outcome }) => outcome === "refused")).toBe(true);
    }
  });

  test("says that a range refused if and only if some range carries the refusal", () => {
    for (const { call, way } of observed) {
      const blamed = way.ranges?.filter(({ by }) => by !== undefined).length ?? 0;
      const isFromRange = way.refusal?.from === "range";
      expect({ line: call.line, blamed }).toEqual({ line: call.line, blamed: isFromRange ? 1 : 0 });
    }
  });

  test("names what was not reached once, and nothing that was", () => {
    for (const { call, way } of observed) {
      const ids = way.checks.filter((rung) => rung.outcome === "not-reached").map(({ id }) => id);
      const reached = way.checks.filter((rung) => rung.outcome !== "not-reached");
      expect(new Set(ids).size).toBe(ids.length);
      const both = reached.filter(({ id }) => ids.includes(id)).map(({ id }) => id);
      expect({ line: call.line, both }).toEqual({ line: call.line, both: [] });
    }
  });

  test("leaves ranges behind the one that refused untouched", () => {
    for (const { way } of observed) {
      const stop = way.ranges?.findIndex(({ by }) => by !== undefined) ?? -1;
      if (stop < 0) continue;
      const behind = way.ranges?.slice(stop + 1) ?? [];
      expect(
        behind.map(({ outcome }) => outcome).filter((o) => o === "done" || o === "partly"),
      ).toEqual([]);
    }
  });
});

function doneBytes({ ranges = [] }: WayExplained): number {
  return ranges
    .filter(({ outcome }) => outcome === "done" || outcome === "skipped")
    .reduce((sum, { counted }) => sum + counted, 0);
}
