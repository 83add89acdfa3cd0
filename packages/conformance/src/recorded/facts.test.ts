import { describe, expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import { askFacts, changesSettings, notesOf } from "./fact.ts";
import { readFacts, readKernel, readVersions } from "./folder.ts";
import { answersByKernel, byVersion } from "./recordedText.ts";

const models = new Map(
  readVersions().map((version) => [version, new ModelTarget({ facts: readKernel(version)! })]),
);
/** The kernels of the zoo; the others run on a machine that nobody may change. */
const EMULATED = [...models.keys()].filter((version) => version !== "6.18.44");

/**
 * The first and the last of neighbours that answered alike: what lies between is asked by
 * `scripts/facts.mjs model`.
 */
function ends(
  versions: readonly string[],
  answers: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const said = versions.map((version) => answers.get(version)?.join());
  return versions.filter((_, i) => said[i] !== said[i - 1] || said[i] !== said[i + 1]);
}

describe.each([...readFacts()])("$name", (fact) => {
  const answers = answersByKernel(fact.text);

  test("was asked of eleven kernels", () => {
    expect([...answers.keys()]).toEqual(expect.arrayContaining(EMULATED));
    expect(notesOf(fact).title).not.toBe("");
    if (changesSettings(fact)) expect([...answers.keys()]).not.toContain("6.18.44");
  });

  test("is answered by the models as by the kernels", async ({ skip }) => {
    const { model } = notesOf(fact);
    skip(model !== undefined, model);
    const different: string[] = [];
    for (const version of ends([...answers.keys()].toSorted(byVersion), answers)) {
      const seen = answers.get(version) ?? [];
      const [answer] = (await askFacts(models.get(version)!, [fact])).values();
      skip(answer.unmodelled !== undefined, `${answer.unmodelled} is not modelled`);
      if (seen.join("\n") === answer.seen.join("\n") && answer.unmet.length === 0) continue;
      different.push(
        `${version}: ${seen.join("; ")}`,
        `model: ${answer.seen.join("; ")}`,
        ...answer.unmet,
      );
    }
    expect(different).toEqual([]);
  });
});
