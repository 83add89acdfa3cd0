import { describe, expect, test } from "vitest";
import type { TargetFacts } from "../target/target.ts";
import { readKernel, readVersions } from "./folder.ts";
import { stableFacts } from "./stableFacts.ts";

const recorded = readVersions().flatMap((version) => readKernel(version) ?? []);
const kernel = recorded.find(({ images }) => images["plain"]?.startsWith("/tmp/"))!;

/** As the same kernel says it at another time. */
function again(folder: string, inode: number, free: number): TargetFacts {
  const area = (name: string, identity: string): object => ({
    ...kernel.start.areas[0],
    ...{ name, identity },
  });
  const areas = [
    area(`/dev/shm/${folder}`, `00:1b ${inode}`),
    area(`/tmp/${folder}/agent`, `fe:00 ${inode + 5}`),
    area(`/tmp/${folder}/agent`, `fe:00 ${inode + 5}`),
    area("/usr/lib/ld.so", "fe:00 77"),
  ] as unknown as TargetFacts["start"]["areas"];
  return {
    ...kernel,
    start: { ...kernel.start, areas },
    executed: { ...kernel.executed, areas },
    images: { ...kernel.images, plain: `/tmp/${folder}/agent` },
    facts: {
      ...kernel.facts,
      "/proc/meminfo": `MemTotal: 4000 kB\nMemFree: ${free} kB\nSwapTotal: 96 kB\n`,
    },
  };
}

describe("what is kept of a kernel", () => {
  const kept = stableFacts(again("kadvise-4026531836-812-x1Y2z3", 741, 100));

  test("is the same at every recording", () => {
    expect(kept).toEqual(stableFacts(again("kadvise-4026531836-99-FqJAD2", 42, 3)));
  });

  test("still tells which areas are of one file", () => {
    expect(kept.start.areas.map(({ identity }) => identity)).toEqual([
      ...["00:1b 1", "fe:00 2", "fe:00 2", "fe:00 77"],
    ]);
    expect(kept.executed.areas).toEqual(kept.start.areas);
    expect(kept.start.areas[1].name).toBe(kept.images["plain"]);
  });

  test("has the sums of memory by which settings are read", () => {
    expect(kept.facts["/proc/meminfo"]).toBe("MemTotal: 4000 kB\nSwapTotal: 96 kB");
  });
});

test.each(recorded.map((facts) => [facts.kernel, facts] as const))(
  "%s was recorded so",
  (_, facts) => {
    expect(stableFacts(facts)).toEqual(facts);
  },
);
