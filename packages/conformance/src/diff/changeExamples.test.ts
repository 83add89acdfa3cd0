import { CHANGES, isInForce, resolveVersion, type Change } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { notesOf } from "../recorded/fact.ts";
import { pairsAround } from "../recorded/factsTable.ts";
import { readFacts, readKernel, readVersions } from "../recorded/folder.ts";
import { byVersion } from "../recorded/recordedText.ts";
import {
  changesMachine,
  exampleOf,
  readChangeExamples,
  readUnshownChanges,
} from "./changeExamples.ts";
import { tryAlone } from "./releaseDiff.ts";
import { answersDiffer, tryOnModel } from "./tryExample.ts";

const examples = readChangeExamples();
const unshown = readUnshownChanges();
const versions = readVersions().toSorted(byVersion);
/** The kernels of the zoo; the other one runs on a machine that nobody may change. */
const EMULATED = versions.filter((version) => version !== "6.18.44");

test("each dated change has an example, a reason why no scenario shows it, or at least a fact", () => {
  const ids = CHANGES.map(({ id }) => id);
  const told = [...examples.keys(), ...unshown.keys()];
  const facts = readFacts().flatMap((fact) => notesOf(fact).changes);
  expect(ids.filter((id) => !told.includes(id) && !facts.includes(id))).toEqual([]);
  expect(told.filter((id) => !ids.includes(id))).toEqual([]);
  expect([...unshown.keys()].filter((id) => examples.has(id))).toEqual([]);
});

test("most changes have an example, and of most examples the model knows all steps", () => {
  expect(examples.size / CHANGES.length).toBeGreaterThan(0.8);
  const carriedOut = CHANGES.filter(({ notModelled }) => notModelled === undefined);
  const lacking = carriedOut.filter(({ id }) => examples.get(id)?.notModelled !== undefined);
  expect(lacking.length).toBeLessThan(6);
});

/** Real kernels on which a step fails that the example rests on: they say nothing. */
const CANNOT: { readonly [change: string]: readonly string[] } = {
  "process-madvise-lookup-by-group": ["5.10.223", "6.1.176"],
  "secret-memory-not-locked": ["5.10.223", "6.1.176"],
  "pidfd-leader-waits": ["5.10.223", "6.1.176"],
  // The machine hides its kernel threads.
  "exec-state": ["6.18.44"],
  // Nobody may raise limits there.
  "huge-segments-not-by-limit": ["6.18.44"],
  // The machine has no swap.
  "zeros-leave-at-once": ["6.18.44"],
};

/** The first and the last of neighbours that answered alike. */
function ends(recorded: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const asked = [...recorded.keys()].toSorted(byVersion);
  const said = asked.map((version) => recorded.get(version)?.join());
  return asked.filter((_, i) => said[i] !== said[i - 1] || said[i] !== said[i + 1]);
}

/** Whether two kernels differ in no other change that turns the same switches. */
function isAlone({ id, set = {} }: Change, pair: readonly string[]): boolean {
  const names = (of: Change["set"]): readonly string[] =>
    Object.values(of ?? {}).flatMap((switches) => Object.keys(switches));
  const rivals = CHANGES.filter(
    (other) => other.id !== id && names(other.set).some((name) => names(set).includes(name)),
  );
  return rivals.every((other) => {
    const [before, after] = pair.map((version) => isInForce(other, resolveVersion(version)));
    return before === after;
  });
}

describe.each(CHANGES.flatMap((change) => (examples.has(change.id) ? [change] : [])))(
  "$id",
  (change) => {
    const example = examples.get(change.id)!;
    const { recorded, notModelled } = example;
    const pairs = pairsAround(change, versions).filter(
      (pair) =>
        isAlone(change, pair) && !pair.some((version) => CANNOT[change.id]?.includes(version)),
    );

    test("is run on the model where the model carries the change out", () => {
      if (change.notModelled !== undefined) expect(notModelled).toBe(change.notModelled);
    });

    test("is answered otherwise by the models before and after it", ({ skip }) => {
      skip(notModelled !== undefined, notModelled);
      const { without, with: present } = tryAlone(example, change);
      expect([without.unmet, present.unmet]).toEqual([[], []]);
      expect(answersDiffer(without, present)).toBe(true);
    });

    test("was asked of every kernel of the zoo", () => {
      const asked = EMULATED.filter((version) => !CANNOT[change.id]?.includes(version));
      expect(EMULATED.filter((version) => recorded.has(version))).toEqual(asked);
      // What changes settings of the machine is asked of emulated ones alone.
      const isAllowed = !changesMachine(example) && !CANNOT[change.id]?.includes("6.18.44");
      expect(recorded.has("6.18.44")).toBe(isAllowed);
    });

    test("is answered otherwise by the real kernels next to it", ({ skip }) => {
      skip(pairs.length === 0, "no two kernels that were asked stand around it");
      for (const [before, after] of pairs) {
        if (!recorded.has(before) || !recorded.has(after)) continue;
        const [was, is] = [before, after].map((version) => recorded.get(version));
        expect([before, after, was]).not.toEqual([before, after, is]);
      }
    });

    test("is answered by the models as by the real kernels", ({ skip }) => {
      skip(notModelled !== undefined, notModelled);
      for (const version of ends(recorded)) {
        const answers = recorded.get(version);
        const model = tryOnModel(example, version, readKernel(version));
        expect([version, model]).toEqual([version, { answers, unmet: [] }]);
      }
    });
  },
);

describe("an example's comments", () => {
  const example = exampleOf({
    name: "some-change",
    text: [
      "# Change: some-change",
      "# Config: swap=false maxMapCount=6",
      "app  getpid() = ?",
      '# Real: app  write("/proc/sys/vm/max_map_count", "6")',
      "app  getppid() = ?",
      "",
      "# On 6.12.107:",
      "#   = 3",
    ].join("\n"),
  });

  test("hold steps for real machines, in their place", () => {
    expect(example.scenario).toBe("app  getpid() = ?\napp  getppid() = ?");
    expect(example.onRealKernels.split("\n")).toEqual([
      "app  getpid() = ?",
      'app  write("/proc/sys/vm/max_map_count", "6")',
      "app  getppid() = ?",
    ]);
    expect(changesMachine(example)).toBe(true);
  });

  test("hold settings of the model, and what real kernels answered", () => {
    expect(example.settings).toEqual({ swap: false, maxMapCount: 6 });
    expect([...example.recorded]).toEqual([["6.12.107", ["= 3"]]]);
  });

  test("are refused where they name no setting", () => {
    const text = "# Config: swab=false\napp  getpid() = ?";
    expect(() => exampleOf({ name: "x", text })).toThrow("unknown setting swab");
  });
});
