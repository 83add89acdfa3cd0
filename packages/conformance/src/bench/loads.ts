import { ProgramBuilder } from "../program/programBuilder.ts";
import type { Program } from "../program/program.ts";
import { churn } from "./churn.ts";
import type { Load } from "./load.ts";
import { ARENA, AREA_BYTES, AREA_PAGES, AREAS, mapAreas, PAGE_BYTES } from "./manyAreas.ts";

const MADV_DONTNEED = 4;
const MADV_COLD = 20;
const MADV_PAGEOUT = 21;
const RANGE_BYTES = 16;
const TIMED = { timed: true };

const RANGES = Array.from({ length: AREAS }, (_, i) => ({
  base: ARENA + i * AREA_BYTES,
  length: AREA_BYTES,
}));

/** Every load, in the order in which it is measured. */
export const LOADS: readonly Load[] = [
  {
    id: "cold-vectors",
    text: "COLD over 2000 areas of 4 resident pages of another process, 1000 ranges a call",
    ...{ unit: "area", units: AREAS, least: 10 },
    program: ofAnother((builder, pidfd) => {
      for (const ranges of [RANGES.slice(0, 1000), RANGES.slice(1000)]) {
        const vector = { data: builder.vector(ranges).offset };
        builder.call(0, "process_madvise", [pidfd, vector, ranges.length, MADV_COLD, 0], TIMED);
      }
    }),
  },
  {
    id: "cold-single",
    text: "the same as 2000 calls of one range",
    ...{ unit: "area", units: AREAS, least: 5 },
    program: ofAnother((builder, pidfd) => {
      const vector = builder.seriesIn(builder.vector(RANGES), RANGE_BYTES, AREAS);
      const args = [pidfd, vector, 1, MADV_COLD, 0];
      builder.repeat(0, AREAS, [{ name: "process_madvise", args }], true);
    }),
  },
  {
    id: "dontneed-refault",
    text: "DONTNEED of 2000 areas of 4 resident pages, one by one, and a write to each page",
    ...{ unit: "area", units: AREAS, least: 15 },
    program: ofOne((builder) => {
      const area = { base: ARENA, unit: AREA_BYTES, step: 1, modulus: AREAS };
      builder.repeat(
        0,
        AREAS,
        [{ name: "madvise", args: [area, AREA_BYTES, MADV_DONTNEED] }],
        true,
      );
      touchTimed(builder, 0, AREAS * AREA_PAGES, PAGE_BYTES);
    }),
  },
  splitting(65_000),
  {
    id: "fork-write",
    text: "fork of a process of 2000 areas of 4 resident pages, and a write to each in the child",
    ...{ unit: "area", units: AREAS, least: 10 },
    program: ofOne((builder) => {
      const child = builder.fork(0, "fork", [], TIMED);
      touchTimed(builder, child, AREAS, AREA_BYTES);
    }),
  },
  {
    id: "pageout-refault",
    text: "PAGEOUT of 2000 areas of 4 resident pages, and a read of each page",
    ...{ unit: "page", units: AREAS * AREA_PAGES, least: 15, needsSwap: true },
    program: ofOne((builder) => {
      builder.call(0, "madvise", [ARENA, AREAS * AREA_BYTES, MADV_PAGEOUT], TIMED);
      touchTimed(builder, 0, AREAS * AREA_PAGES, PAGE_BYTES, "read");
    }),
  },
  ...[10, 1000, 65_000].flatMap((areas) => [churn(areas, "top"), churn(areas, "random")]),
];

/** A load on the areas of the process that acts. */
function ofOne(measure: (builder: ProgramBuilder) => void): Program {
  const builder = new ProgramBuilder({ actors: 1 });
  mapAreas(builder, 0);
  measure(builder);
  return builder.build();
}

/** A load on the areas of process 1, by process 0 with a pidfd. */
function ofAnother(
  measure: (builder: ProgramBuilder, pidfd: { readonly result: number }) => void,
): Program {
  const builder = new ProgramBuilder({ actors: 2 });
  mapAreas(builder, 1);
  measure(builder, { result: builder.call(0, "pidfd_open", [{ pid: 1 }, 0]) });
  return builder.build();
}

function splitting(areas: number): Load {
  const builder = new ProgramBuilder({ actors: 1 });
  const bytes = areas * PAGE_BYTES;
  builder.call(0, "mmap", [ARENA, bytes, 3, 0x32, -1, 0]);
  const second = { base: ARENA, unit: 2 * PAGE_BYTES, step: 1, modulus: areas / 2 };
  builder.repeat(0, areas / 2, [{ name: "mprotect", args: [second, PAGE_BYTES, 1] }], true);
  builder.call(0, "munmap", [ARENA, bytes], TIMED);
  return {
    id: "split-unmap",
    text: "mprotect of every second page, which makes 65,000 areas of one, and munmap of them all",
    ...{ unit: "area", units: areas, least: 3 },
    program: builder.build(),
  };
}

function touchTimed(
  builder: ProgramBuilder,
  actor: number,
  count: number,
  strideBytes: number,
  access: "read" | "write" = "write",
): void {
  builder.add({ kind: "touch", actor, address: ARENA, count, strideBytes, access, timed: true });
}
