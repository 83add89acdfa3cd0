import { expect, test } from "vitest";
import { spreadOf } from "./spread.ts";

test("the median and where most of it lies, whatever the order", () => {
  const figures = Array.from({ length: 101 }, (_, i) => (i * 37) % 101);
  expect(spreadOf(figures)).toEqual({ median: 50, low: 10, high: 90 });
});

test("one figure is all there is", () => {
  expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7 });
});
