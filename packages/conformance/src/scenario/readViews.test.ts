import { expect, test } from "vitest";
import { ProgramBuilder } from "../program/programBuilder.ts";
import { readViews, type ViewOptions } from "./readViews.ts";

/** `smaps 0, pagemap 1 at 32 for 16`: what is read of whom. */
function reads(options: ViewOptions, step: number, steps: number, actors = [0, 1, 2]): string[] {
  const builder = new ProgramBuilder({ actors: 3 });
  const operations = readViews(builder, actors, options, { step, steps });
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
  expect(reads({ pages, smaps: "one-at-end" }, 7, 100)).toEqual(
    [0, 1, 2].map((actor) => `pagemap ${actor} at ${0x10_0000} for 160`),
  );
});

test("smaps and status are read of every process, behind any step", () => {
  expect(reads({ smaps: "all" }, 0, 100, [0, 2])).toEqual([
    "smaps 0",
    "status 0",
    "smaps 2",
    "status 2",
  ]);
});

test("of one process, they are read behind the last step alone", () => {
  expect(reads({ smaps: "one-at-end" }, 98, 100)).toEqual([]);
  expect(reads({ smaps: "one-at-end" }, 99, 100)).toEqual(["smaps 1", "status 1"]);
});

test("scenarios of other lengths read another process, so that each has its turn", () => {
  const read = [30, 31, 32].map((steps) => reads({ smaps: "one-at-end" }, steps - 1, steps)[0]);
  expect(read).toEqual(["smaps 0", "smaps 1", "smaps 2"]);
});
