import { expect, test } from "vitest";
import { Checker } from "./check.ts";

/** What the judge says of each line. */
function verdicts(...lines: readonly string[]): readonly string[] {
  const checker = new Checker({ kernel: "6.12", all: true });
  const log = checker.log("log");
  log.push(`${lines.map((line) => `7 ${line}`).join("\n")}\n`);
  log.end();
  return checker.finish().findings.map(({ verdict }) => verdict);
}

const MAP =
  "mmap(0x20000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x20000000";
const name = (text: string, answer: string): string =>
  `prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, 0x20000000, 8192, ${text}) = ${answer}`;
const EINVAL = "-1 EINVAL (Invalid argument)";

test("whether a kernel has names is known from the first call on", () => {
  expect(verdicts(MAP, name('"a"', "0"), name('"b"', "0"))).toEqual([
    ...["exact", "undetermined", "exact"],
  ]);
  expect(verdicts(MAP, name('"a"', EINVAL), name('"b"', EINVAL))).toEqual([
    ...["exact", "undetermined", "exact"],
  ]);
  expect(verdicts(MAP, name('"a"', "0"), name('"b"', EINVAL)).at(-1)).toBe("deviation");
});

test("a name that no kernel takes is refused by all", () => {
  expect(verdicts(MAP, name('"[a]"', EINVAL)).at(-1)).toBe("exact");
});

test("a name that the log cuts off keeps areas apart all the same", () => {
  const across = "mremap(0x20000000, 16384, 32768, MREMAP_MAYMOVE) = -1 EFAULT (Bad address)";
  expect(verdicts(MAP, name('"a name that is too long to"...', "0"), across)).toEqual([
    ...["exact", "undetermined", "exact"],
  ]);
});
