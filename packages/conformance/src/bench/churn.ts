import { ProgramBuilder } from "../program/programBuilder.ts";
import type { Load } from "./load.ts";
import { ARENA, mapSinglePages, PAGE_BYTES, scatteredStep } from "./manyAreas.ts";

const ROUNDS = 10_000;

/**
 * mmap and munmap of a page in turn: where the kernel finds a place by itself, or between areas
 * here and there. What is mapped cannot merge with what lies beside it.
 */
export function churn(areas: number, where: "top" | "random"): Load {
  const builder = new ProgramBuilder({ actors: 1 });
  mapSinglePages(builder, areas, { step: 1, timed: false });
  const isTop = where === "top";
  const anywhere = [0, PAGE_BYTES, 1, 0x22, -1, 0];
  let place;
  if (isTop) {
    const found = builder.call(0, "mmap", anywhere);
    place = { result: found };
    builder.call(0, "munmap", [place, PAGE_BYTES]);
  } else {
    const step = scatteredStep(areas);
    place = { base: ARENA + PAGE_BYTES, unit: 2 * PAGE_BYTES, step, modulus: areas };
  }
  builder.repeat(
    0,
    ROUNDS,
    [
      { name: "mmap", args: isTop ? anywhere : [place, PAGE_BYTES, 1, 0x32, -1, 0] },
      { name: "munmap", args: [place, PAGE_BYTES] },
    ],
    true,
  );
  return {
    id: `churn-${where}-${areas}`,
    text: `mmap and munmap of a page, ${isTop ? "where the kernel puts it" : "between other areas, here and there"}, in a process of ${areas.toLocaleString("en")} areas`,
    ...{ unit: "pair", units: ROUNDS, least: 1.5 },
    program: builder.build(),
  };
}
