import fc from "fast-check";
import { expect, test } from "vitest";
import { cell, type Grid } from "./grid.ts";
import { gridMarkdown } from "./gridMarkdown.ts";
import { gridText, wrapped } from "./gridText.ts";

const GRID: Grid = {
  title: "Title",
  heads: ["name", "one", "two", "three"],
  fixed: 1,
  rows: [
    [cell("a"), cell("ok", "good"), cell("EINVAL", "bad"), cell("?", "open")],
    [cell("longer"), cell("1"), cell("2"), cell("3|4")],
  ],
  notes: [
    ["*", "what a star means"],
    ["", "and more"],
  ],
};

test("columns are as wide as what is in them", () => {
  expect(gridText(GRID, 80)).toBe(
    [
      ...["Title", ""],
      "name    one  two     three",
      "a       ok   EINVAL  ?",
      "longer  1    2       3|4",
      ...["", "*  what a star means", "   and more"],
    ].join("\n"),
  );
});

test("on a narrow terminal columns stand below each other, the first again", () => {
  const lines = gridText(GRID, 20).split("\n");
  expect(lines.slice(2, 9)).toEqual([
    ...["name    one  two", "a       ok   EINVAL", "longer  1    2"],
    ...["", "name    three", "a       ?", "longer  3|4"],
  ]);
});

test("no column is lost, however narrow the terminal", () => {
  for (let width = 0; width < 30; width++) {
    const text = gridText(GRID, width);
    for (const head of GRID.heads) expect(text).toContain(head);
  }
});

test("Markdown keeps bars out of the cells' way", () => {
  expect(gridMarkdown(GRID)).toBe(
    [
      ...["**Title**", "", "| name | one | two | three |", "| --- | --- | --- | --- |"],
      ...["| a | ok | EINVAL | ? |", "| longer | 1 | 2 | 3\\|4 |"],
      ...["", "- **\\*** what a star means", "- and more"],
    ].join("\n"),
  );
});

test("wrapping loses no word, and breaks only where a line is full", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 1, max: 40 }),
      (words, width) => {
        const lines = wrapped(words.join(" "), width);
        expect(lines.join(" ")).toBe(words.join(" "));
        for (const line of lines) expect(line.length <= width || !line.includes(" ")).toBe(true);
        for (const [i, line] of lines.slice(1).entries())
          expect(lines[i].length + 1 + (line.split(" ")[0] ?? "").length).toBeGreaterThan(width);
      },
    ),
  );
});
