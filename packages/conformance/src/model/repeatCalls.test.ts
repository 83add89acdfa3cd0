import { expect, test } from "vitest";
import { ProgramBuilder } from "../program/programBuilder.ts";
import type { Program } from "../program/program.ts";
import { liveHost } from "../target/testing/liveHost.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { textOf } from "./compareResults.ts";
import { readRecording } from "./testing/recording.ts";

const { facts } = readRecording("6.12");
const AT = 0x2000_0000;
const PAGE = 4096;

/** Every third page of thirty is made read-only, in no order; then some are unmapped twice. */
const PROGRAM: Program = ((): Program => {
  const builder = new ProgramBuilder({ actors: 1 });
  builder.call(0, "mmap", [AT, 30 * PAGE, 3, 0x32, -1, 0]);
  const scattered = { base: AT, unit: 3 * PAGE, step: 7, modulus: 10 };
  builder.repeat(0, 10, [{ name: "mprotect", args: [scattered, PAGE, 1] }]);
  const upwards = { base: AT, unit: PAGE, step: 1, modulus: 4 };
  builder.repeat(0, 3, [
    { name: "munmap", args: [upwards, PAGE] },
    { name: "madvise", args: [upwards, PAGE, 4] },
  ]);
  builder.observe(0, "maps", 4096);
  return builder.build();
})();

test("calls take turns with registers that go on by their series", async () => {
  const [{ operations }] = await new ModelTarget({ facts }).run([PROGRAM]);
  // Of the second pair, advice to what was just unmapped finds nothing there.
  expect(operations.map(({ value }) => Number(value)).slice(1, 3)).toEqual([10, 3]);
  const maps = textOf(operations[3]);
  const readOnly = [...maps.matchAll(/^2000?(\w+)-\w+ r--p/gm)].map(([, page]) => page);
  expect(readOnly).toHaveLength(9);
  expect(maps).toMatch(/^20003000-20004000 r--p/m);
});

test("and so they do on this machine's kernel", async ({ skip }) => {
  const host = await liveHost();
  if ("why" in host) return skip(host.why);
  const { target } = host;
  try {
    const [[seen], [modelled]] = await Promise.all([
      target.run([PROGRAM]),
      new ModelTarget({ facts: host.facts }).run([PROGRAM]),
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
