import { expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import { textOf } from "./compareResults.ts";
import { readRecording } from "./testing/recording.ts";
import { SCATTERED_CALLS } from "./testing/scatteredCalls.ts";

const { facts } = readRecording("6.12");
test("calls take turns with registers that go on by their series", async () => {
  const [{ operations }] = await new ModelTarget({ facts }).run([SCATTERED_CALLS]);
  // Of the second pair, advice to what was just unmapped finds nothing there.
  expect(operations.map(({ value }) => Number(value)).slice(1, 3)).toEqual([10, 3]);
  const maps = textOf(operations[3]);
  const readOnly = [...maps.matchAll(/^2000?(\w+)-\w+ r--p/gm)].map(([, page]) => page);
  expect(readOnly).toHaveLength(9);
  expect(maps).toMatch(/^20003000-20004000 r--p/m);
});
