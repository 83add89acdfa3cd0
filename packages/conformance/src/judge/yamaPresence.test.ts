import { expect, test } from "vitest";
import { Checker } from "./check.ts";
import { judgeText, log, verdicts } from "./testing/judgeText.ts";

const NOBODY = "1 prctl(PR_SET_PTRACER, 0)";
const ANYBODY = "1 prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)";
const INVALID = "-1 EINVAL (Invalid argument)";

test.each([
  [[`${NOBODY} = 0`], ["undetermined"]],
  [[`${NOBODY} = ${INVALID}`], ["undetermined"]],
  [
    [`${NOBODY} = 0`, `${ANYBODY} = 0`],
    ["undetermined", "exact"],
  ],
  [
    [`${NOBODY} = 0`, `${ANYBODY} = ${INVALID}`],
    ["undetermined", "deviation"],
  ],
  [
    [`${ANYBODY} = ${INVALID}`, `${NOBODY} = ${INVALID}`],
    ["undetermined", "exact"],
  ],
  [
    [`${ANYBODY} = ${INVALID}`, `${NOBODY} = 0`],
    ["undetermined", "deviation"],
  ],
  [[`${NOBODY} = -1 EPERM (Operation not permitted)`], ["deviation"]],
])("whether Yama is there the first call tells: %j is %j", (lines, expected) => {
  expect(verdicts(log(...lines)).slice(1)).toEqual(
    expected.map((verdict, i) => `${i + 2} prctl ${verdict}`),
  );
});

test("a process that is not there is refused with the same error, and tells nothing", () => {
  const lines = [`1 prctl(PR_SET_PTRACER, 4242) = ${INVALID}`, `${NOBODY} = 0`, `${ANYBODY} = 0`];
  expect(verdicts(log(...lines)).slice(1)).toEqual([
    ...["2 prctl undetermined", "3 prctl undetermined", "4 prctl exact"],
  ]);
});

test.each([
  [null, "deviation", "exact"],
  [1, "exact", "deviation"],
] as const)("with ptraceScope=%s it is known: 0 is a(n) %s", (ptraceScope, success, refusal) => {
  const settings = { ptraceScope };
  expect(verdicts(log(`${NOBODY} = 0`), { settings }).at(-1)).toBe(`2 prctl ${success}`);
  expect(verdicts(log(`${NOBODY} = ${INVALID}`), { settings }).at(-1)).toBe(`2 prctl ${refusal}`);
});

test("a stack of policies that somebody named is taken as it is", () => {
  const checker = new Checker({ kernel: "6.12.107", all: true, policies: () => [] });
  const reader = checker.log("log");
  reader.push(log(`${NOBODY} = ${INVALID}`));
  reader.end();
  expect(checker.finish().findings.at(-1)?.verdict).toBe("exact");
});

test("the first of them says which setting would tell", () => {
  expect(judgeText(log(`${NOBODY} = 0`)).undeterminedNeeds).toHaveProperty("setting/ptraceScope");
});
