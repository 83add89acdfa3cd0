import { readFileSync } from "node:fs";
import { CHANGES } from "@kadvise/releases";
import { expect, test } from "vitest";
import { answersText, factsTable, pairsAround, scenariosOf } from "./factsTable.ts";
import { readFacts, readKernel, readNotAsked, readVersions } from "./folder.ts";

const VERSIONS = ["5.10.223", "6.1.176", "6.12.107", "6.16.12"];
const change = (id: string): (typeof CHANGES)[number] => CHANGES.find((one) => one.id === id)!;
const fact = (record: string): { name: string; text: string } => ({
  name: "question",
  text: `# What?\n# Change: pidfd-self\napp  getpid() = ?\n\n${record}`,
});

test("docs/facts.md is what the scenarios hold", () => {
  const table = factsTable({
    facts: readFacts(),
    kernels: readVersions().map((version) => readKernel(version)!),
    notAsked: readNotAsked(),
  });
  const path = new URL("../../../../docs/facts.md", import.meta.url);
  expect(readFileSync(path, "utf8")).toBe(table);
});

test.each([
  ["# On 5.10.223, 6.1.176:\n#   = 0\n", "0"],
  [
    "# On 5.10.223, 6.1.176, 6.12.107:\n#   = -1 EINVAL (Invalid argument)\n# On 6.16.12:\n#   = 4096\n",
    "5.10.223 to 6.12.107: EINVAL<br>6.16.12: 4096",
  ],
  [
    "# On 5.10.223, 6.12.107:\n#   = 0 (61 62)\n# On 6.1.176:\n#   SIGSEGV (code 1)\n",
    "5.10.223, 6.12.107: 61 62<br>6.1.176: SIGSEGV (code 1)",
  ],
])("answers are told by spans of kernels: %j", (record, told) => {
  expect(answersText(fact(record), VERSIONS)).toBe(told);
});

test("areas are told where they alone differ", () => {
  const one = "# On 5.10.223:\n#   = 0\n#   20000000-20001000 rw-p\n";
  const other = "# On 6.1.176:\n#   = 0\n#   20000000-20002000 rw-p\n";
  const third = "# On 6.1.176:\n#   = 1\n#   20000000-20002000 rw-p\n";
  expect(answersText(fact(one + other), VERSIONS)).toContain("0, 20000000-20002000 rw-p");
  expect(answersText(fact(one + third), VERSIONS)).toBe("5.10.223: 0<br>6.1.176: 1");
});

test("many answers are told by what they are about", () => {
  const advice = ["NORMAL", "FREE", "COLD", "PAGEOUT", "REMOVE", "DONTFORK", "DOFORK", "MERGEABLE"];
  const steps = advice.map((name) => `app  madvise(0x20000000, 4096, MADV_${name}) = ?\n`).join("");
  const answers = advice.map((_, i) =>
    i === 4 ? "#   = -1 EINVAL (Invalid argument)\n" : "#   = 0\n",
  );
  const text = `# What?\n${steps}app  getpid() = ?\n\n# On 5.10.223:\n${answers.join("")}#   = 7\n`;
  expect(answersText({ name: "question", text }, VERSIONS)).toBe(
    "0: NORMAL FREE COLD PAGEOUT DONTFORK DOFORK MERGEABLE; EINVAL: REMOVE; 7: getpid",
  );
});

test("a scenario belongs to the changes that it names", () => {
  expect(scenariosOf(change("pidfd-self"), [fact("")])).toHaveLength(1);
  expect(scenariosOf(change("pidfd-thread"), [fact("")])).toEqual([]);
});

test("kernels stand around a change where one has it, and it makes a difference there", () => {
  expect(pairsAround(change("pidfd-self"), VERSIONS)).toEqual([["6.12.107", "6.16.12"]]);
  expect(pairsAround(change("close-range"), VERSIONS)).toEqual([]);
  // 6.1 had the limit before it became a sign, and 6.12.107 has it again.
  expect(pairsAround(change("access-ok-sign-bit"), VERSIONS)).toEqual([]);
});
