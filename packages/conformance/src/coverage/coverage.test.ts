import { REASONS } from "@kadvise/kernel";
import { describe, expect, test } from "vitest";
import { AREA_KINDS } from "./areaKinds.ts";
import { CELLS, ERRORS } from "./catalogue.ts";
import { coverageOf, type Covered, type SeenOnKernel } from "./coverage.ts";

const NOTHING: SeenOnKernel = { model: "6.12.107", reasons: [], cells: {}, errors: {} };
const on = (model: string, more: Partial<SeenOnKernel> = {}): SeenOnKernel => ({
  ...{ ...NOTHING, model },
  ...more,
});

/** All names of a catalogue, wherever they stand. */
function names({ seen, toDo, unreachable, otherReleases }: Covered): string[] {
  return [...seen, ...toDo, ...Object.keys(unreachable), ...Object.keys(otherReleases)].sort();
}

test("before anything was seen, each reason, cell and error stands somewhere, once", () => {
  const { reasons, cells, errors } = coverageOf([NOTHING]);
  expect(names(reasons)).toEqual(Object.keys(REASONS).sort());
  expect(names(cells)).toEqual([...CELLS].sort());
  expect(names(errors)).toEqual([...ERRORS.keys()].sort());
  expect([reasons, cells, errors].flatMap(({ seen }) => seen)).toEqual([]);
});

describe("what was seen", () => {
  const seen = coverageOf([
    on("6.12.107", {
      reasons: ["madvise/hole"],
      cells: { "MADV_COLD own hole ENOMEM": 3, "MADV_COLD own locked EINVAL": 1 },
      errors: { "madvise ENOMEM": 3, "touch signal 11": 7 },
    }),
    on("5.10.223", { cells: { "MADV_COLD own locked ok": 2 } }),
  ]);

  test("is not to do", () => {
    expect(seen.reasons.seen).toEqual(["madvise/hole"]);
    expect(seen.reasons.toDo).not.toContain("madvise/hole");
    expect(seen.errors.toDo).not.toContain("madvise ENOMEM");
  });

  test("of an area counts whatever came of it", () => {
    expect(seen.cells.seen).toEqual(["MADV_COLD own hole", "MADV_COLD own locked"]);
  });

  test("and is in no catalogue, a signal, counts too", () => {
    expect(seen.errors.seen).toEqual(["madvise ENOMEM", "touch signal 11"]);
  });
});

describe("what a kernel does not have is of other releases", () => {
  test.each<["reasons" | "cells" | "errors", string, string, string]>([
    ["reasons", "process_madvise/remote-needs-cap-sys-nice", "6.11.11", "6.12.0"],
    ["reasons", "access/guard", "6.12.107", "6.13.0"],
    ["cells", "MADV_GUARD_INSTALL own private-anonymous", "6.12.107", "6.13.0"],
    ["cells", "MADV_WILLNEED remote private-anonymous", "5.14.0", "5.15.0"],
    ["cells", "MADV_COLD own guard", "6.12.107", "6.13.0"],
    ["cells", "MADV_COLD own sealed", "6.9.0", "6.10.0"],
    ["errors", "munmap EPERM", "6.9.0", "6.10.0"],
  ])("%s: %s is on %s, and to do on %s", (part, name, without, having) => {
    expect(Object.keys(coverageOf([on(without)])[part].otherReleases)).toContain(name);
    expect(coverageOf([on(having)])[part].toDo).toContain(name);
    // Of several kernels one that has it is enough.
    expect(coverageOf([on(without), on(having)])[part].toDo).toContain(name);
  });
});

test("advice that takes memory out of use is never to do", () => {
  const { cells } = coverageOf([on("7.3.4")]);
  for (const kind of AREA_KINDS)
    expect(cells.unreachable[`MADV_HWPOISON own ${kind}`]).toMatch(/memory out of use/);
});
