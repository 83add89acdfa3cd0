import { expect, test } from "vitest";
import { answersText, areasDiffer, realKernels } from "./exampleText.ts";

const one = { answers: ["= 0", "20000000-20001000 rw-p"], unmet: [] };
const two = { answers: ["= 0", "20000000-20001000 r--p"], unmet: [] };

test("areas are told where they differ", () => {
  expect(areasDiffer([one, one])).toBe(false);
  expect(areasDiffer([one, two])).toBe(true);
  expect(answersText(one, false)).toBe("0");
  expect(answersText(one, true)).toBe("0; areas 20000000-20001000 rw-p");
  expect(answersText({ answers: ["= 0"], unmet: [] }, true)).toBe("0; no areas");
});

test("a step that did not go as it must is told in place of answers", () => {
  const failed = { answers: ["= 3"], unmet: ["line 2:   pidfd_open(4)    = -1 EINVAL"] };
  expect(answersText(failed, true)).toBe("line 2: pidfd_open(4) = -1 EINVAL");
});

test("real kernels stand with the model that they answer like", () => {
  const recorded = new Map(
    ["5.10.223", "6.1.176", "6.12.107", "6.16.12", "7.3.4"].map((kernel) => [
      kernel,
      kernel.startsWith("6.1.") ? two.answers : one.answers,
    ]),
  );
  const sides = [
    ["old", one],
    ["new", two],
  ] as const;
  expect(realKernels(recorded, sides)).toBe("5.10.223, 6.12.107 to 7.3.4 as old; 6.1.176 as new");
  expect(realKernels(new Map([["5.10.223", ["= 1"]]]), sides)).toBe("5.10.223 otherwise");
  expect(realKernels(new Map(), sides)).toBe("");
});
