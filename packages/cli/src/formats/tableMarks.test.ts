import { namedKernels, type AdviceCell, type AdviceRow } from "@kadvise/conformance/table";
import { expect, test } from "vitest";
import { adviceText, markOf, rangesWhere, toneOf } from "./tableMarks.ts";

function row(words: readonly string[], answers: readonly ("ok" | "EINVAL")[]): AdviceRow {
  const kernels = namedKernels(words);
  const cells = kernels.map((kernel, i): AdviceCell => ({ kernel, answer: answers[i] ?? "ok" }));
  return { advice: "MADV_COLD", call: "self", abi: "x86-64", cells };
}

const isTaken = ({ answer }: AdviceCell): boolean => answer === "ok";

test("neighbours for which it holds are one range", () => {
  expect(rangesWhere(row(["5.8..5.9"], ["ok", "ok"]), isTaken)).toBe("5.8 to 5.9.x");
  expect(rangesWhere(row(["5.8..5.9"], ["ok", "EINVAL"]), isTaken)).toBe("5.8.x");
});

test("kernels between which others lie are two", () => {
  expect(rangesWhere(row(["5.8", "6.12"], ["ok", "ok"]), isTaken)).toBe("5.8, 6.12");
});

test("where it holds nowhere there is nothing", () => {
  expect(rangesWhere(row(["5.8..5.9"], ["EINVAL", "EINVAL"]), isTaken)).toBe("");
});

test("marks stand for capabilities, tones for answers", () => {
  expect(["CAP_SYS_NICE", "CAP_SYS_ADMIN", "CAP_KILL"].map(markOf)).toEqual(["N", "A", "CAP_KILL"]);
  expect([toneOf({ answer: "ok" }), toneOf({ answer: "?" }), toneOf({ answer: "EPERM" })]).toEqual([
    ...["good", "open", "bad"],
  ]);
  expect(adviceText(row(["5.8"], ["ok"]))).toBe("MADV_COLD");
});
