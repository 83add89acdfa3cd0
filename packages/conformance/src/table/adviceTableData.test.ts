import { ADVICE_TABLE, adviceAnswer } from "@kadvise/releases";
import { expect, test } from "vitest";
import { adviceTableData, adviceTableSource } from "./adviceTableData.ts";

test("the table in @kadvise/releases is what the models answer now", { timeout: 60_000 }, () => {
  // Otherwise: node scripts/table.mjs record
  expect(adviceTableData()).toEqual(ADVICE_TABLE);
});

test("the source of the table is one that holds it", () => {
  const source = adviceTableSource(ADVICE_TABLE.slice(0, 3));
  const literal = /= (\[.*\]);\s*$/s.exec(source)?.[1] ?? "";
  const json = literal.replace(/\b(\w+): /g, '"$1": ').replace(/,(\s*[\]}])/g, "$1");
  expect(JSON.parse(json)).toEqual(ADVICE_TABLE.slice(0, 3));
});

test("a kernel without KSM answers otherwise, where it would take the advice", () => {
  const { without } = adviceAnswer("6.13", "MADV_MERGEABLE", "self");
  expect(without).toEqual({ adviseSyscalls: "ENOSYS", ksm: "EINVAL" });
  expect(adviceAnswer("6.12", "MADV_MERGEABLE", "self").without).toEqual({
    adviseSyscalls: "ENOSYS",
  });
});
