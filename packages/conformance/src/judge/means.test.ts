import { expect, test } from "vitest";
import { meansOf } from "./means.ts";
import type { Counts, LogReport } from "./report.ts";

function form(
  name: string,
  exact: number,
  constrained = 0,
  undetermined = 0,
): { form: string } & Counts {
  const inScope = exact + constrained + undetermined;
  return { form: name, inScope, exact, constrained, undetermined, deviations: 0 };
}

function report(...forms: LogReport["forms"]): LogReport {
  return { ...form("", 0), file: "a", calls: 0, unread: 0, forms };
}

test("a form that a log repeats counts twenty times at most", () => {
  const means = meansOf([report(form("often", 2000), form("seldom", 0, 10, 10))]);
  expect(means).toEqual({ decided: 30 / 40, exact: 20 / 40 });
});

test("each log counts alike, one without results not at all", () => {
  const means = meansOf([
    report(form("a", 1)),
    report(form("a", 10), form("b", 0, 0, 10)),
    report(),
  ]);
  expect(means).toEqual({ decided: 0.75, exact: 0.75 });
});

test("of nothing there is no mean", () => {
  expect(meansOf([])).toBeUndefined();
  expect(meansOf([report(form("a", 0))])).toBeUndefined();
});
