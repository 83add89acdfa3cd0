import { expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import { readRecording } from "../model/testing/recording.ts";
import { textOf } from "../model/compareResults.ts";
import { ProgramBuilder } from "../program/programBuilder.ts";
import { AREA_PAGES, AREAS, mapAreas, mapSinglePages, scatteredStep } from "./manyAreas.ts";

const { facts } = readRecording("6.12");

async function arena(make: (builder: ProgramBuilder) => void): Promise<readonly string[]> {
  const builder = new ProgramBuilder({ actors: 1 });
  make(builder);
  builder.observe(0, "maps");
  const [{ operations }] = await new ModelTarget({ facts }).run([builder.build()]);
  for (const { state } of operations) expect(state).toBe("done");
  return textOf(operations.at(-1) ?? operations[0])
    .split("\n")
    .filter((line) => line.startsWith("2"));
}

test("2000 areas of four pages lie side by side", async () => {
  const areas = await arena((builder) => mapAreas(builder, 0));
  expect(areas).toHaveLength(AREAS);
  const bounds = areas.map((line) => line.split(" ")[0].split("-"));
  for (const [i, [start, end]] of bounds.entries()) {
    expect(Number.parseInt(end, 16) - Number.parseInt(start, 16)).toBe(AREA_PAGES * 4096);
    if (i > 0) expect(start).toBe(bounds[i - 1][1]);
  }
});

test.each([
  ["in ascending order", 1],
  ["here and there", scatteredStep(300)],
])("single pages are mapped %s, and are the same in the end", async (_, step) => {
  const areas = await arena((builder) => mapSinglePages(builder, 300, { step, timed: false }));
  expect(areas).toHaveLength(300);
});

test("a scattered step visits every place, and never the next one", () => {
  for (const places of [10, 100, 1000, 65_000]) {
    const step = scatteredStep(places);
    const visited = new Set(Array.from({ length: places }, (_, i) => (i * step) % places));
    expect(visited.size).toBe(places);
    expect(Math.min(step, places - step)).toBeGreaterThan(places / 4);
  }
});
