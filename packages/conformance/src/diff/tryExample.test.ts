import { expect, test } from "vitest";
import { readKernel } from "../recorded/folder.ts";
import { exampleOf } from "./changeExamples.ts";
import { answersDiffer, tryOnModel } from "./tryExample.ts";

const one = { answers: ["= 0"], unmet: [] };
const other = { answers: ["= 1"], unmet: [] };

test("answers differ where both kernels ran all steps and said other things", () => {
  expect(answersDiffer(one, other)).toBe(true);
  expect(answersDiffer(one, { ...one })).toBe(false);
});

test("a step that did not go as it must proves nothing", () => {
  const failed = { ...other, unmet: ["line 1: -1 EINVAL"] };
  expect(answersDiffer(one, failed)).toBe(false);
  expect(answersDiffer(failed, one)).toBe(false);
});

const example = exampleOf({
  name: "example",
  text: "# Config: maxMapCount=6\napp  getpid() = ?\napp  madvise($vvar, 4096, MADV_COLD) = ?",
});

test("the kernel's own areas are those of the kernel that is modelled", () => {
  // Linux: vvar holds pages from 7.1 on
  expect(tryOnModel(example, "7.0").answers.at(-1)).toMatch(/EINVAL/);
  expect(tryOnModel(example, "7.1").answers.at(-1)).toBe("= 0");
});

test("a machine that was seen begins as it was seen, whatever kernel is modelled", () => {
  // The areas of 6.12: vvar holds frame numbers.
  const machine = readKernel("6.12.107");
  expect(tryOnModel(example, "7.1", machine).answers.at(-1)).toMatch(/EINVAL/);
});

test("a step that the model does not know is told", () => {
  const unknown = exampleOf({ name: "x", text: "app  raw(444, 0) = ?" });
  expect(tryOnModel(unknown, "6.12").unmet).toContain("the model does not know raw(444)");
});
