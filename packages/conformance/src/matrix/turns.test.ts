import { describe, expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import { applyTurns, CellModel } from "./cellTurns.ts";
import { CALLERS } from "./callers.ts";
import { COLUMNS, type Column } from "./cellCalls.ts";
import { dice } from "./dice.ts";
import { readMatrix } from "./folder.ts";
import type { Cell } from "./applyTurn.ts";
import { TARGETS } from "./targets.ts";
import { tryTurns } from "./tryTurns.ts";

const { facts } = readMatrix().get("6.12.107")!;
const model = new CellModel(facts);

function cell(caller: string, target: string, column: Column): Cell {
  return {
    column,
    pair: {
      caller: CALLERS.find(({ name }) => name === caller)!,
      target: TARGETS.find(({ name }) => name === target)!,
    },
  };
}

function turns(caller: string, target: string, column: Column): string[] {
  return model
    .turns(cell(caller, target, column))
    .map((set) => set.map(({ id }) => id).join(" + "));
}

describe("the smallest changes of a cell", () => {
  test.each([
    ["user", "user", "process_madvise COLD", ["caller/cap-sys-nice", "release/5.10.0"]],
    ["user+nice", "user", "process_madvise DONTNEED", ["advice"]],
    ["user", "user", "process_madvise DONTNEED", ["caller/cap-sys-nice + advice"]],
    ["user", "user, closed", "process_vm_readv", ["caller/cap-sys-ptrace", "target/dumpable"]],
    ["user", "zombie of user", "process_vm_readv", ["pidfd"]],
    [
      "user",
      "user+chown",
      "pidfd_getfd",
      ["caller/cap-sys-ptrace", "caller/capabilities", "target/capabilities"],
    ],
    ["other", "user", "kill 0", ["caller/ids", "caller/cap-kill"]],
    ["other", "user", "prlimit64", ["caller/ids", "caller/cap-sys-resource"]],
    ["user", "kthreadd", "kcmp", ["caller/cap-sys-ptrace"]],
    ["user", "own child, reaped", "kill 0", ["pidfd"]],
    ["user", "user", "process_mrelease", []],
    ["user", "oneself", "ptrace SEIZE", []],
  ] as const)("%s → %s, %s", (caller, target, column, expected) => {
    expect(turns(caller, target, column)).toEqual(expected);
  });

  test("other releases are proposed where they answer otherwise", () => {
    expect(turns("other+nice+perfmon", "user", "process_madvise COLD")).toEqual([
      "caller/ids",
      "caller/cap-sys-ptrace",
      "release/6.18",
      "release/7.3",
    ]);
  });

  test("none of them is made by asking", () => {
    const asked = cell("user", "user, closed", "kcmp");
    const before = JSON.stringify(asked);
    model.turns(asked);
    expect(JSON.stringify(asked)).toBe(before);
    expect(model.isAllowed(asked)).toBe(false);
    expect(model.isAllowed(applyTurns(asked, ["target/dumpable"]) as Cell)).toBe(true);
  });
});

test("what is drawn turns on the model, and is another with another seed", async () => {
  const target = new ModelTarget({ facts });
  const [first, other] = [
    await tryTurns(target, { count: 5, seed: 3 }),
    await tryTurns(target, { count: 5, seed: 4 }),
  ];
  expect([...first.failures, ...other.failures]).toEqual([]);
  expect(first.kinds).not.toEqual(other.kinds);
  expect(first.cells).toBe(5);
  expect(first.programs).toBeGreaterThanOrEqual(first.cells + first.sets);
});

test("a kernel that refuses all the same is told", async () => {
  const honest = new ModelTarget({ facts });
  const told = await tryTurns(
    {
      name: "liar",
      describe: () => honest.describe(),
      close: () => honest.close(),
      run: async (programs) =>
        (await honest.run(programs)).map((result) => ({
          ...result,
          operations: result.operations.map((one, i, all) =>
            i < all.length - COLUMNS.length ? one : { ...one, value: -1n },
          ),
        })),
    },
    { count: 2, seed: 6 },
  );
  expect(told.failures.length).toBe(told.sets);
  expect(told.failures[0]).toMatch(/^on liar, .* with /);
});

test("dice fall alike for the same seed, on every side, and otherwise for another", () => {
  const throws = (seed: number): number[] => Array.from({ length: 200 }, dice(seed).bind(null, 6));
  expect(throws(1)).toEqual(throws(1));
  expect(throws(1)).not.toEqual(throws(2));
  expect([...new Set(throws(1))].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a caller whose execve parted it from the target is not moved out of its namespace", () => {
  const parted = cell(
    "root of a namespace",
    "peer of one memory, closed",
    "process_madvise DONTNEED",
  );
  expect(applyTurns(parted, ["caller/user-namespace"])).toMatch(/shares the target's memory/);
  const apart = cell("root of a namespace", "user, closed", "process_madvise DONTNEED");
  expect(applyTurns(apart, ["caller/user-namespace"])).toMatchObject({
    pair: { caller: { party: { namespaces: 0 } } },
  });
});
