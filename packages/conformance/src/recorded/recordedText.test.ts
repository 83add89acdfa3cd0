import fc from "fast-check";
import { expect, test } from "vitest";
import {
  answersByKernel,
  byVersion,
  readRecorded,
  withoutRecord,
  withRecord,
} from "./recordedText.ts";

const STEPS = "# A question.\n# Sheet: F1\napp  getpid() = ?\n";

test("kernels that answered alike stand together, in the order of their versions", () => {
  const answers = new Map([
    ["6.12.107", ["= 1"]],
    ["6.1.176", ["= -1 EINVAL (Invalid argument)"]],
    ["5.10.223", ["= 1"]],
  ]);
  expect(withRecord(STEPS, answers)).toBe(
    `${STEPS}\n# On 5.10.223, 6.12.107:\n#   = 1\n# On 6.1.176:\n#   = -1 EINVAL (Invalid argument)\n`,
  );
});

test("a heading may name the build of one kernel", () => {
  const text = `# On 6.18.44 (6.18.44-fc-v595, #1 SMP PREEMPT_DYNAMIC @0):\n#   = 0\n#   20000000-20002000 ---p\n${STEPS}`;
  expect(readRecorded(text)).toEqual([
    { kernels: ["6.18.44"], seen: ["= 0", "20000000-20002000 ---p"] },
  ]);
});

test("a comment that merely begins alike is none", () => {
  const text = "# On the other hand:\n#   nothing\n# One kernel:\n# Only 6.12:\n";
  expect(readRecorded(text)).toEqual([]);
  expect(withoutRecord(`${text}${STEPS}`)).toBe(`${text}${STEPS}`);
});

test("what is written is read, and written again it is the same", () => {
  const version = fc.tuple(fc.nat(9), fc.nat(30), fc.nat(300)).map((parts) => parts.join("."));
  const line = fc.constantFrom("= 0", "= 4096", "= -1 EPERM (Operation not permitted)", "is gone");
  const answers = fc.uniqueArray(
    fc.tuple(version, fc.array(line, { minLength: 1, maxLength: 3 })),
    {
      selector: ([name]) => name,
    },
  );
  fc.assert(
    fc.property(answers, (pairs) => {
      const text = withRecord(STEPS, new Map(pairs));
      expect(new Map(answersByKernel(text))).toEqual(new Map(pairs));
      expect(withRecord(text, answersByKernel(text))).toBe(text);
      expect(withoutRecord(text)).toBe(STEPS);
    }),
  );
});

test.each([
  ["5.10.223", "6.1.2", -1],
  ["6.12.9", "6.12.107", -1],
  ["7.3.4", "7.3.4", 0],
  ["6.16.12", "6.2.1", 1],
])("%s and %s are in the order of their numbers", (a, b, order) => {
  expect(Math.sign(byVersion(a, b))).toBe(order);
  expect(Math.sign(byVersion(b, a))).toBe(0 - order);
});
