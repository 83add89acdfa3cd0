import { Kernel, must } from "@kadvise/kernel";
import { describe, expect, test } from "vitest";
import { drawAreas } from "./picture.ts";

describe("a drawing of an address space", () => {
  const kernel = new Kernel({ release: "6.12" });
  const app = kernel.spawn({ uid: 0 });
  const at = must(app.mmap({ length: 4 * 4096, prot: "rw" }));
  const mm = app.task.mm!;

  test("shows an area without pages as untouched", () => {
    expect(drawAreas(mm, 10, 1)).toEqual(["7ffff7ffb000 ·"]);
  });

  test("shows the state that most of an area's pages have", () => {
    must(app.touch(at, 3 * 4096));
    expect(drawAreas(mm, 10, 1)).toEqual(["7ffff7ffb000 █"]);
    must(app.madvise(at, 4 * 4096, "MADV_PAGEOUT"));
    expect(drawAreas(mm, 10, 1)).toEqual(["7ffff7ffb000 ░"]);
  });

  test("has a cell for each area, and rows that begin with an address", () => {
    must(app.mprotect(at + 8192n, 4096, "r"));
    expect(drawAreas(mm, 2, 2)).toEqual(["7ffff7ffb000 ░░", "7ffff7ffe000 ·"]);
  });

  test("puts several areas into a cell where there are more than cells", () => {
    expect(drawAreas(mm, 1, 1)).toHaveLength(1);
    expect(drawAreas(mm, 1, 1)[0]).toMatch(/^7ffff7ffb000 .$/);
  });
});
