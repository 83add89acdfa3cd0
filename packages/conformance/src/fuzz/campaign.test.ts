import { profile } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { readRecording } from "../model/testing/recording.ts";
import type { ProgramResult } from "../program/result.ts";
import { parseScenario } from "../scenario/parse.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import type { Target } from "../target/target.ts";
import { Campaign, type CampaignOptions } from "./campaign.ts";
import { findingFile, type Finding } from "./findingFile.ts";

const { facts } = readRecording("6.12");

/** The model in place of a real kernel, perhaps of another release. */
function options(target: Target, more: Partial<CampaignOptions> = {}): CampaignOptions {
  const settings = { settings: facts.settings, assume: "all" } as const;
  return {
    ...{ target, facts, profile: profile(facts.kernel, settings) },
    ...{ seed: 1, steps: 1500, mostFindings: 1 },
    ...more,
  };
}

async function findings(target: Target, more: Partial<CampaignOptions> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  const onFinding = (finding: Finding): void => void found.push(finding);
  await new Campaign(options(target, { onFinding, ...more })).run();
  return found;
}

test("a kernel that does what the model does shows no difference, and is counted", async () => {
  const campaign = new Campaign(options(new ModelTarget({ facts })));
  const report = await campaign.run();
  expect(report.steps).toBeGreaterThanOrEqual(1500);
  expect(report.compared).toBeGreaterThan(report.steps);
  expect(report.equal).toBe(report.compared);
  expect(report.succeeded / report.steps).toBeGreaterThan(0.6);
  const calls = Object.values(report.calls).reduce((sum, n) => sum + n, 0);
  expect(calls).toBe(report.steps);
  const errors = Object.values(report.errors).reduce((sum, n) => sum + n, 0);
  expect(errors + report.succeeded).toBe(report.steps);
  expect(report.reasons).toContain("mm_access/denied");
  expect(report.reasons.length).toBeGreaterThan(25);
});

test("the same seed makes the same scenarios", async () => {
  const target = (): Target => new ModelTarget({ facts });
  const [one, two, other] = await Promise.all([
    new Campaign(options(target(), { steps: 300 })).run(),
    new Campaign(options(target(), { steps: 300 })).run(),
    new Campaign(options(target(), { steps: 300, seed: 2 })).run(),
  ]);
  expect(one).toEqual(two);
  expect(other).not.toEqual(one);
});

test("it ends when it is time", async () => {
  const campaign = new Campaign(options(new ModelTarget({ facts }), { isTime: () => true }));
  expect((await campaign.run()).steps).toBe(0);
});

describe("a kernel that differs", () => {
  test("is found out, and the scenario is shrunk to a few lines", async () => {
    // Without the advice of later years: any of it will do.
    const kernel = `${facts.kernel}-madv-populate,-madv-dontneed-locked,-madv-collapse`;
    const [finding] = await findings(new ModelTarget({ facts, kernel }));
    expect(finding).toBeDefined();
    expect(finding.scenario.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    expect(finding.model).not.toBe(finding.kernel);
    expect(finding.kernel).toMatch(/EINVAL/);
    expect(finding.line).toBe(finding.scenario.trimEnd().split("\n").length);
  });

  test("is shown with the lines of maps where only they differ", async () => {
    const [finding] = await findings(
      changed((result) => ({
        ...result,
        operations: result.operations.map((one) =>
          one.payload === undefined || one.payload.length < 100
            ? one
            : {
                ...one,
                payload: Buffer.from(String(Buffer.from(one.payload)).replace(" rw-p ", " r--p ")),
              },
        ),
      })),
    );
    expect(finding.maps.map((line) => line.replace(/ [0-9a-f]+-[0-9a-f]+/, ""))).toEqual([
      expect.stringMatching(/^model +.*rw-p/),
      expect.stringMatching(/^kernel +.*r--p/),
    ]);
  });

  test("is told by what became of a process, where that is what differs behind a step", async () => {
    const [DEAD, GONE] = [BigInt("Z".charCodeAt(0)), 0n];
    const [finding] = await findings(
      changed((result) => ({
        ...result,
        operations: result.operations.map((one) =>
          one.value === DEAD && one.payload === undefined ? { ...one, value: GONE } : one,
        ),
      })),
      { only: ["processes"] },
    );
    const end = finding.scenario.split("\n")[finding.line - 1];
    expect(end).toMatch(/ (?:exit|exit_group|kill)\(/);
    const [, who] = /; then (\S+) is in state Z$/.exec(finding.model) ?? [];
    expect(finding.scenario).toMatch(new RegExp(`^${who?.replace("$", "\\$")} |= \\${who}$`, "m"));
    expect(finding.kernel).toBe(finding.model.replace("in state Z", "gone"));
  });

  test("and nothing but text goes into its file where bytes in memory differ", async () => {
    const [finding] = await findings(
      changed((result) => ({
        ...result,
        operations: result.operations.map((one) =>
          one.payload === undefined || one.payload.length >= 100
            ? one
            : { ...one, payload: one.payload.map((byte) => byte ^ 1) },
        ),
      })),
    );
    expect(findingFile(finding, facts)).toMatch(/^[\x20-\x7e\n]+$/);
  });

  test("is shown at the call that wrote something else", async () => {
    const kernel = `${facts.kernel}+pidfd-info,+pidfd-info-supported`;
    const model = profile(`${facts.kernel}+pidfd-info`, {
      settings: facts.settings,
      assume: "all",
    });
    const found = await findings(new ModelTarget({ facts, kernel }), {
      ...{ profile: model, only: ["descriptors"], shrinks: false },
    });
    const [{ line, scenario, model: ours, kernel: theirs }] = found;
    expect(scenario.split("\n")[line - 1]).toMatch(/ioctl\(/);
    for (const text of [ours, theirs]) expect(text).toMatch(/ ioctl\(.* = 0$/);
    expect(ours).not.toBe(theirs);
  });

  test("is found as it was drawn where nothing is to be made small", async () => {
    const kernel = `${facts.kernel}-madv-populate`;
    // Nobody ends there: every step of the scenario is run.
    const only = ["mapping", "advising"] as const;
    const [finding] = await findings(new ModelTarget({ facts, kernel }), { shrinks: false, only });
    const steps = finding.scenario.trimEnd().split("\n").length;
    expect(steps).toBeGreaterThan(3);
    expect(finding.line).toBeLessThanOrEqual(steps);
    expect(finding.foundAt).toBeGreaterThanOrEqual(finding.line);
  });

  test("is told as it was found where it does not show again", async () => {
    let runs = 0;
    const isFirst = (): boolean => runs++ === 0;
    const once = changed((result) => (isFirst() ? { ...result, end: "crashed" } : result));
    const [finding] = await findings(once, { steps: 100 });
    expect(finding.recurs).toBe(false);
    expect(findingFile(finding, facts)).toContain("\n# It did not go down again\n");
  });

  test("is said to show again where it does, and nothing where nobody tried", async () => {
    const always = (): Target =>
      changed((result) => ({ ...result, end: "crashed", operations: [] }));
    const [shrunk] = await findings(always());
    const [asDrawn] = await findings(always(), { shrinks: false });
    expect([shrunk.recurs, asDrawn.recurs]).toEqual([true, undefined]);
    expect(findingFile(shrunk, facts)).not.toContain("show again");
  });

  test("and one that goes down is a difference too", async () => {
    const [finding] = await findings(
      changed((result) => ({ ...result, end: "crashed", operations: [], console: "Oops" })),
    );
    expect(finding.kernel).toBe("went down");
    expect(finding.scenario.trimEnd().split("\n").length).toBe(1);
    expect(finding.console).toEqual(["Oops"]);
  });

  test("goes on after it went down: what it did before and afterwards is in the report", async () => {
    let programs = 0;
    const found: Finding[] = [];
    const model = new ModelTarget({ facts });
    // Nothing in the scenario brings it down, so that no smaller one does: it is told as it was.
    const target = { ...changed(keep), run: run.bind(undefined, model, () => ++programs === 5) };
    const campaign = new Campaign(
      options(target, { mostFindings: 9, onFinding: (finding) => void found.push(finding) }),
    );
    const report = await campaign.run();
    expect(found.map(({ kernel }) => kernel)).toEqual(["went down"]);
    expect(report.steps).toBeGreaterThanOrEqual(1500);
    expect(findingFile(found[0], facts)).toContain(
      "# The kernel went down; the last that it said:\n#   Oops\nroot",
    );
  });
});

test("shards share no scenario, and each does what it was asked to", async () => {
  const texts = await Promise.all(
    [1, 2, 3].map(async (part) => {
      const seen = new Set<string>();
      const model = new ModelTarget({ facts });
      const target: Target = {
        ...changed(keep),
        run: (programs) => {
          for (const { operations, data } of programs)
            seen.add(JSON.stringify([operations, [...data]], (_, v: unknown) => String(v)));
          return model.run(programs);
        },
      };
      const shard = { part, of: 3 };
      const report = await new Campaign(options(target, { steps: 100, shard })).run();
      expect(report.steps).toBeGreaterThanOrEqual(100);
      return [...seen];
    }),
  );
  expect(texts.flat().length).toBeGreaterThan(100);
  // A scenario of one step may be drawn twice.
  expect(new Set(texts.flat()).size).toBeGreaterThan(0.95 * texts.flat().length);
});

test("a finding's file is a scenario, with what it is about in front", () => {
  const text = findingFile(
    {
      scenario: "root  spawn()\nroot  madvise(0, 0, 99)\n",
      ...{ line: 2, model: "= 0", kernel: "= -1 EINVAL", maps: ["model  a"], seed: 7, foundAt: 9 },
      compared: { mapsEvery: 8, smaps: "in-turn" },
    },
    facts,
  );
  expect(text).toContain("\n# Maps were compared behind every step that 8 divides, and the last\n");
  const parsed = parseScenario(text);
  expect("steps" in parsed && parsed.steps.map(({ name }) => name)).toEqual(["spawn", "madvise"]);
  expect(text).toMatch(/^# Found on qemu:6\.12 with seed 7: Linux 6\.12\.107 /);
  for (const part of ["Step 2 differs", "= -1 EINVAL", "model  a", '"thpEnabled":"always"']) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain("show again");
});

/** Runs programs on the model; one at which it is time brings it down. */
async function run(
  model: ModelTarget,
  isTime: () => boolean,
  programs: Parameters<Target["run"]>[0],
): Promise<readonly ProgramResult[]> {
  return (await model.run(programs)).map((result) =>
    isTime() ? { end: "crashed", operations: [], pids: [], console: "Oops" } : result,
  );
}

function keep(result: ProgramResult): ProgramResult {
  return result;
}

/** The model in place of a kernel, its results falsified. */
function changed(change: (result: ProgramResult) => ProgramResult): Target {
  const model = new ModelTarget({ facts });
  return {
    name: "changed",
    describe: () => model.describe(),
    run: async (programs) => (await model.run(programs)).map(change),
    close: () => Promise.resolve(),
  };
}
