import type { Profile } from "@kadvise/releases";
import { ProgramBuilder } from "../program/programBuilder.ts";
import type { Program } from "../program/program.ts";
import type { TargetFacts } from "../target/target.ts";
import { mapSinglePages, scatteredStep } from "./manyAreas.ts";
import { runOnModel } from "./measure.ts";
import { spreadOf } from "./spread.ts";

/** What an area more costs the model when there are so many. */
export interface Growth {
  readonly areas: number;
  readonly order: "append" | "random";
  readonly nanoseconds: number;
}

const SIZES = [100, 1000, 10_000, 65_000];
/** So many areas are made at least before a figure is one. */
const LEAST = 65_000;

/** Makes areas in address order and in no order, and tells what each cost. */
export function measureGrowth(
  facts: TargetFacts,
  profile: Profile,
  rounds: number,
): readonly Growth[] {
  return SIZES.flatMap((areas) =>
    (["append", "random"] as const).map((order): Growth => {
      const program = mapping(areas, order === "append" ? 1 : scatteredStep(areas));
      const figures = Array.from({ length: rounds }, () => {
        let nanoseconds = 0;
        for (let made = 0; made < LEAST; made += areas) {
          nanoseconds += runOnModel(facts, profile, program).nanoseconds / LEAST;
        }
        return nanoseconds;
      });
      return { areas, order, nanoseconds: spreadOf(figures).median };
    }),
  );
}

function mapping(areas: number, step: number): Program {
  const builder = new ProgramBuilder({ actors: 1 });
  mapSinglePages(builder, areas, { step, timed: true });
  return builder.build();
}
