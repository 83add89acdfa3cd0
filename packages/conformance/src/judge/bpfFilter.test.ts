import { describe, expect, test } from "vitest";
import { parseFilter, runFilter } from "./bpfFilter.ts";

/** As strace 6.1 prints a filter: 440 is EACCES, 434 ENOSYS, all else is allowed. */
const SHOWN =
  "PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=6, filter=[BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0), " +
  "BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x1b8, 0, 0x1), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0xd), " +
  "BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x1b2, 0, 0x1), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x26), " +
  "BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW)]}";

function run(lines: readonly string[], words: readonly (number | undefined)[] = []): unknown {
  const filter = parseFilter(`{len=${lines.length}, filter=[${lines.join(", ")}]}`);
  return filter === undefined ? "not read" : runFilter(filter, (word) => words[word]);
}
const ret = "BPF_STMT(BPF_RET|BPF_A, 0)";
const load = (value: number): string => `BPF_STMT(BPF_LD|BPF_IMM, ${value})`;

test.each([
  [440, 0x0005_000d],
  [434, 0x0005_0026],
  [0, 0x7fff_0000],
])("the call %i gets %i", (number, action) => {
  expect(runFilter(parseFilter(SHOWN)!, (word) => [number][word])).toBe(action);
});

test.each([
  ["left out", "{len=6, filter=0x7ffe12345678}"],
  ["cut off", SHOWN.replace(/, BPF_STMT\(BPF_RET\|BPF_K, SECCOMP_RET_ALLOW\)/, ", ...")],
  ["of words that nobody knows", SHOWN.replace("SECCOMP_RET_ALLOW", "SECCOMP_RET_NEWER")],
])("a filter that is %s is not read", (_, text) => {
  expect(parseFilter(text)).toBeUndefined();
});

test("what looks at a word that is not known tells nothing", () => {
  expect(run(["BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x10)", ret], [0, 1])).toBeUndefined();
  expect(run(["BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x10)", ret], [0, 0, 0, 0, 77])).toBe(77);
});

describe("an operation on the accumulator", () => {
  test.each([
    ["ADD", 0xffff_ffff, 2, 1],
    ["SUB", 1, 2, 0xffff_ffff],
    ["MUL", 0x1_0001, 0x1_0001, 0x2_0001],
    ["DIV", 7, 2, 3],
    ["AND", 0xf000_00ff, 0x8000_000f, 0x8000_000f],
    ["OR", 0xf000_0000, 1, 0xf000_0001],
    ["XOR", 0xffff_ffff, 1, 0xffff_fffe],
    ["LSH", 0x8000_0001, 1, 2],
    ["RSH", 0x8000_0000, 31, 1],
    ["NEG", 1, 0, 0xffff_ffff],
  ])("%s of %i and %i is %i", (name, a, k, result) => {
    expect(run([load(a), `BPF_STMT(BPF_ALU|BPF_K|BPF_${name}, ${k})`, ret])).toBe(result);
    const byRegister = [
      ...[load(k), "BPF_STMT(BPF_MISC|BPF_TAX, 0)", load(a)],
      ...[`BPF_STMT(BPF_ALU|BPF_X|BPF_${name}, 0)`, ret],
    ];
    expect(run(byRegister)).toBe(result);
  });
});

describe("a jump", () => {
  test.each([
    ["JEQ", 5, [false, true, false]],
    ["JGT", 5, [false, false, true]],
    ["JGE", 5, [false, true, true]],
    ["JSET", 4, [true, true, true]],
    ["JSET", 3, [false, true, true]],
  ])("%s %i is taken or not", (name, k, expected) => {
    const taken = [4, 5, 6].map((a) =>
      run([
        ...[load(a), `BPF_JUMP(BPF_JMP|BPF_K|BPF_${name}, ${k}, 0x1, 0)`],
        ...["BPF_STMT(BPF_RET|BPF_K, 0)", "BPF_STMT(BPF_RET|BPF_K, 1)"],
      ]),
    );
    expect(taken).toEqual(expected.map(Number));
  });

  test("JA goes as far as it says", () => {
    const [no, yes] = [0, 1].map((k) => `BPF_STMT(BPF_RET|BPF_K, ${k})`);
    expect(run(["BPF_STMT(BPF_JMP|BPF_JA, 0x1)", no, yes])).toBe(1);
  });
});

test("memory and the index register keep what is put there", () => {
  const lines = [
    ...[load(9), "BPF_STMT(BPF_ST, 3)", load(0), "BPF_STMT(BPF_LDX|BPF_MEM, 3)"],
    ...["BPF_STMT(BPF_STX, 4)", "BPF_STMT(BPF_LD|BPF_MEM, 4)", ret],
  ];
  expect(run(lines)).toBe(9);
  expect(run(["BPF_STMT(BPF_LDX|BPF_IMM, 8)", "BPF_STMT(BPF_MISC|BPF_TXA, 0)", ret])).toBe(8);
  expect(run(["BPF_STMT(BPF_LD|BPF_W|BPF_LEN, 0)", ret])).toBe(64);
});
