import { CHANGES, type Change } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import type { TargetFacts } from "../target/target.ts";
import { askFacts, notesOf, type Fact } from "./fact.ts";
import { pairsAround, scenariosOf } from "./factsTable.ts";
import { readFacts, readKernel, readNotAsked, readVersions } from "./folder.ts";
import { answersByKernel, byVersion } from "./recordedText.ts";

const facts = readFacts();
const versions = readVersions().toSorted(byVersion);
const notAsked = new Set(readNotAsked().flatMap(([names]) => names.split(", ")));

const asked = CHANGES.filter((change) => scenariosOf(change, facts).length > 0);

test("each dated change has a scenario, or a reason why it has none", () => {
  const bare = CHANGES.filter(({ id }) => !notAsked.has(id) && !asked.some((one) => one.id === id));
  expect(bare.map(({ id }) => id)).toEqual([]);
  expect(asked.filter(({ id }) => notAsked.has(id))).toEqual([]);
});

/** How a kernel before and after a change begins: as the nearest one that was asked. */
function startOf({ mainline }: Change): TargetFacts {
  const next = versions.find((version) => byVersion(version, mainline) >= 0);
  return readKernel(next ?? versions.at(-1)!)!;
}

/** The model takes an area of the kernel's own as it was seen. */
const SEEN = new Set(["vvar-mixedmap", "vvar-no-io"]);

/** What the model of a kernel makes of a scenario; undefined where it does not know a step. */
async function modelled(kernel: string, change: Change, fact: Fact): Promise<string | undefined> {
  if (notesOf(fact).model !== undefined || SEEN.has(change.id)) return undefined;
  const target = new ModelTarget({ facts: startOf(change), kernel });
  const [{ seen, unmodelled }] = (await askFacts(target, [fact])).values();
  return unmodelled === undefined ? seen.join("\n") : undefined;
}

describe.each(asked)("$id", (change) => {
  const scenarios = scenariosOf(change, facts);
  const pairs = pairsAround(change, versions);

  test("is told apart by the kernels next to it", ({ skip }) => {
    skip(pairs.length === 0, "no two kernels that were asked stand around it");
    for (const [before, after] of pairs) {
      const differ = scenarios.filter(({ text }) => {
        const answers = answersByKernel(text);
        return answers.get(before)?.join("\n") !== answers.get(after)?.join("\n");
      });
      expect([before, after, differ.length > 0]).toEqual([before, after, true]);
    }
  });

  test("is told apart by the models before and after it", async ({ skip }) => {
    const first = /^\d+\.\d+$/.test(change.mainline) ? `${change.mainline}.0` : change.mainline;
    const differs: boolean[] = [];
    // Some show only together with what came later.
    for (const release of [first, versions.at(-1)!]) {
      for (const fact of scenarios) {
        const after = await modelled(release, change, fact);
        const before = await modelled(`${release}-${change.id}`, change, fact);
        if (after !== undefined && before !== undefined) differs.push(before !== after);
      }
    }
    skip(differs.length === 0, "the model does not know a step of the scenario");
    expect(differs).toContain(true);
  });
});
