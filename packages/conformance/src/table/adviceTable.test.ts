import { profile } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { adviceSpans } from "./adviceSpans.ts";
import { adviceTable, ALL_ADVICE, shortText, type AdviceRow } from "./adviceTable.ts";
import type { AdviceCall } from "./askAdvice.ts";
import { namedKernels, type TableKernel } from "./tableKernels.ts";

function row(words: readonly string[], advice: "MADV_COLD" | "MADV_DONTNEED", call: AdviceCall) {
  const [only] = adviceTable({ kernels: namedKernels(words), advice: [advice], calls: [call] });
  return only;
}

function spans(of: AdviceRow): readonly string[] {
  return adviceSpans([of]).map(({ from, to, cells }) => `${from} ${to} ${shortText(cells[0])}`);
}

test("a row falls into stretches that say the same", () => {
  expect(spans(row(["all"], "MADV_COLD", "remote"))).toEqual([
    "5.8.0 5.9 ENOSYS",
    "5.10.0 5.10.23 ok",
    "5.10.24 5.10 ok with CAP_SYS_NICE",
    "5.11.0 5.11.6 ok",
    "5.11.7 7.3 ok with CAP_SYS_NICE",
  ]);
});

test("a refusal for another reason begins another stretch", () => {
  const remote = row(["all"], "MADV_DONTNEED", "remote");
  expect(spans(remote)).toEqual(["5.8.0 5.9 ENOSYS", "5.10.0 6.12 EINVAL", "6.13.0 7.3 EINVAL"]);
  const ids = adviceSpans([remote]).map(({ cells }) => cells[0].reason?.id);
  expect(new Set(ids).size).toBe(3);
});

test("rows that are shown together fall where any of them does", () => {
  const rows = adviceTable({ kernels: namedKernels(["6.1..6.16"]), advice: ["MADV_COLD"] });
  const found = adviceSpans(rows);
  expect(found.map(({ from, cells }) => [from, ...cells.map(shortText)])).toEqual([
    ["6.1.0", "ok", "ok with CAP_SYS_NICE", "ok with CAP_SYS_NICE"],
    ["6.12.0", "ok", "ok", "ok with CAP_SYS_NICE"],
  ]);
});

test("kernels that were named one by one stay apart, even if they say the same", () => {
  expect(spans(row(["6.12", "7.3"], "MADV_COLD", "self"))).toEqual(["6.12 6.12 ok", "7.3 7.3 ok"]);
});

test("a stretch tells which real kernels it was held against", () => {
  const found = adviceSpans([row(["5.10.20..6.1"], "MADV_COLD", "remote")]);
  expect(found.map(({ from, checked, asked }) => [from, checked, asked.join(" ")])).toEqual([
    ["5.10.20", "none", ""],
    ["5.10.24", "some", "5.10.223"],
    ["5.11.0", "none", ""],
    ["5.11.7", "some", "6.1.170 6.1.176 6.1.192"],
  ]);
});

describe("where it is open whether a kernel has a change", () => {
  const usual = profile("5.11.6");
  const newer = profile("5.11.7");
  const kernel: TableKernel = {
    ...{ from: "5.11.6", to: "5.11.6", asked: [], follows: false },
    usual: { ...usual, bracketed: ["process-madvise-read-and-nice"] },
    others: [newer],
  };

  test("the answer is ?, with what it may be and the change", () => {
    const rows = adviceTable({ kernels: [kernel], advice: ["MADV_COLD"] });
    const [own, , remote] = rows.map(({ cells }) => cells[0]);
    expect(own.answer).toBe("ok");
    expect(remote).toMatchObject({
      answer: "?",
      open: {
        answers: ["ok", "ok with CAP_SYS_NICE"],
        changes: ["process-madvise-read-and-nice"],
      },
    });
    expect(shortText(remote)).toBe("?");
  });

  test("it is known all the same where the change makes no difference", () => {
    const rows = adviceTable({ kernels: [kernel], advice: ["MADV_DONTNEED"] });
    expect(rows.map(({ cells }) => cells[0].answer)).toEqual(["ok", "EINVAL", "EINVAL"]);
  });
});

test("every advice is asked of every kernel, in the order of the numbers", () => {
  const kernels = namedKernels(["5.10", "6.12", "seed"]);
  const rows = adviceTable({ kernels, calls: ["madvise"] });
  expect(rows.map(({ advice }) => advice)).toEqual(ALL_ADVICE);
  expect(ALL_ADVICE.slice(-3)).toEqual([
    "MADV_SOFT_OFFLINE",
    "MADV_GUARD_INSTALL",
    "MADV_GUARD_REMOVE",
  ]);
  for (const { cells } of rows) expect(cells.map(({ kernel }) => kernel)).toEqual(kernels);
});
