import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { textOf } from "../model/compareResults.ts";
import { readRecording } from "../model/testing/recording.ts";
import { compileScenario } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import { scenarioLines } from "../scenario/scenarioLines.ts";
import { ModelTarget } from "../target/modelTarget.ts";

const LEDGER = new URL("../../ledger/", import.meta.url);
const { facts } = readRecording("6.12");

/** What real kernels answered: a line `On VERSION (uname -r, uname -v)`, then what was seen. */
function recorded(text: string): { kernel: string; seen: string[] }[] {
  const kernels: { kernel: string; seen: string[] }[] = [];
  for (const [, comment = ""] of text.matchAll(/^# (.*)$/gm)) {
    const kernel = /^On (\S+) \(.+, .+\):$/.exec(comment)?.[1];
    if (kernel !== undefined) kernels.push({ kernel, seen: [] });
    else if (comment.startsWith("  ")) kernels.at(-1)?.seen.push(comment.trim());
  }
  return kernels;
}

/** The same of the model: the last step's answer, and the areas that the scenario made. */
async function modelled(text: string, kernel: string): Promise<readonly string[]> {
  const parsed = parseScenario(text);
  if ("error" in parsed) throw new Error(parsed.error.text);
  const image = facts.images["plain"] ?? "";
  const compiled = compileScenario(parsed.steps, { abi: facts.abi, image, mapsEvery: 1 });
  const [result] = await new ModelTarget({ facts, kernel }).run([compiled.program]);
  const answer =
    scenarioLines(compiled, result)
      .at(-1)
      ?.plain.replace(/^.* = /, "= ") ?? "";
  const maps = [...(compiled.steps.at(-1)?.maps.values() ?? [])].flatMap((i) =>
    textOf(result.operations[i]).split("\n"),
  );
  const areas = maps.filter((line) => line.startsWith("2000"));
  return [answer, ...areas.map((line) => line.split(" ").slice(0, 2).join(" "))];
}

describe.each(readdirSync(LEDGER))("%s", (name) => {
  const text = readFileSync(new URL(name, LEDGER), "utf8");
  const kernels = recorded(text);

  test("holds what a real kernel answered", () => {
    expect(kernels.length).toBeGreaterThan(0);
  });

  test.each(kernels)(
    "the model of $kernel answers as that kernel did",
    async ({ kernel, seen }) => {
      expect(await modelled(text, kernel)).toEqual(seen);
    },
  );
});
