import { expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import { liveHost } from "../target/testing/liveHost.ts";
import { textOf } from "./compareResults.ts";
import { SCATTERED_CALLS } from "./testing/scatteredCalls.ts";

test("calls take turns on this machine's kernel as on the model", async ({ skip }) => {
  const host = await liveHost();
  if ("why" in host) return skip(host.why);
  const { target } = host;
  try {
    const [[seen], [modelled]] = await Promise.all([
      target.run([SCATTERED_CALLS]),
      new ModelTarget({ facts: host.facts }).run([SCATTERED_CALLS]),
    ]);
    const arena = (text: string): string[] =>
      text.split("\n").filter((line) => line.startsWith("2000"));
    expect(seen.operations.map(({ value }) => value).slice(0, 3)).toEqual(
      modelled.operations.map(({ value }) => value).slice(0, 3),
    );
    expect(arena(textOf(seen.operations[3]))).toEqual(arena(textOf(modelled.operations[3])));
  } finally {
    await target.close();
  }
});
