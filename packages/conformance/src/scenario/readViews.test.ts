import { expect, test } from "vitest";
import { ProgramBuilder } from "../program/programBuilder.ts";
import { readViews, type ViewOptions, type ViewPlace } from "./readViews.ts";

/** `smaps 0, pagemap 1 at 32 for 16`: what is read of whom. */
function reads(options: ViewOptions, place: ViewPlace, actors = [0, 1, 2]): string[] {
  const builder = new ProgramBuilder({ actors: 3 });
  const operations = readViews(builder, actors, options, place);
  expect(operations).toEqual(builder.operations.map((_, i) => i));
  return builder.operations.map((operation) => {
    if (operation.kind !== "read") return operation.kind;
    const { path, of, offset, bytes } = operation;
    const where = typeof offset === "number" ? ` at ${offset} for ${bytes}` : "";
    return `${path.replace("/proc/%/", "")} ${String(of)}${where}`;
  });
}

test("pagemap is read of every process, at the entries of the pages that are asked for", () => {
  const pages = { address: 0x2000_0000, count: 20 };
  expect(reads({ pages, smaps: "in-turn" }, { before: 0 })).toEqual(
    [0, 1, 2].map((actor) => `pagemap ${actor} at ${0x10_0000} for 160`),
  );
});

test("smaps and status are read of every process, behind any step", () => {
  expect(reads({ smaps: "all" }, { before: 0 }, [0, 2])).toEqual([
    "smaps 0",
    "status 0",
    "smaps 2",
    "status 2",
  ]);
});

test("in turn, smaps is read of another process at every other place", () => {
  const read = [0, 1, 2, 3, 4, 5].map((before) => reads({ smaps: "in-turn" }, { before }));
  expect(read).toEqual([[], ["smaps 0"], [], ["smaps 1"], [], ["smaps 2"]]);
});

test("and of one behind the last step, with the status of all", () => {
  const read = [30, 31].map((last) => reads({ smaps: "in-turn" }, { before: 4, last }));
  expect(read).toEqual([
    ["smaps 0", "status 0", "status 1", "status 2"],
    ["status 0", "smaps 1", "status 1", "status 2"],
  ]);
});
