import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const NO_MEMORY = "-1 ENOMEM (Cannot allocate memory)";
const limit = (name: string, kibibytes: number): string =>
  `1 prlimit64(0, ${name}, {rlim_cur=${kibibytes}*1024, rlim_max=${kibibytes}*1024}, NULL) = 0`;
const map = (result: string): string =>
  `1 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${result}`;
const WHOLE_KIBIBYTES = 4 * 1024 * 1024;

// A log does not show how large the program is that execve mapped.
test.each(["RLIMIT_AS", "RLIMIT_DATA"])(
  "whether one page more is within %s, nobody knows of a program that was there before",
  (name) => {
    const said = (result: string): string | undefined =>
      verdicts(log(limit(name, 1024), map(result))).at(-1);
    expect([said("0x7f0000000000"), said(NO_MEMORY)]).toEqual([
      "3 mmap undetermined",
      "3 mmap undetermined",
    ]);
  },
);

test("what is known alone may be too much already", () => {
  const large =
    "1 mmap(0x7f0000000000, 2097152, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000";
  const said = (result: string): string | undefined =>
    verdicts(log(large, limit("RLIMIT_AS", 1024), map(result))).at(-1);
  expect(said(NO_MEMORY)).toBe("4 mmap constrained");
  expect(said("0x7f0000400000")).toBe("4 mmap deviation");
});

test("no program is larger than gigabytes", () => {
  const said = verdicts(log(limit("RLIMIT_AS", WHOLE_KIBIBYTES), map(NO_MEMORY))).at(-1);
  expect(said).toBe("3 mmap deviation");
});

test("to lock all that is there, its size must be known", () => {
  const said = verdicts(
    log(
      limit("RLIMIT_MEMLOCK", 64),
      "1 setresuid(1000, 1000, 1000) = 0",
      `1 mlockall(MCL_CURRENT) = ${NO_MEMORY}`,
    ),
  ).at(-1);
  expect(said).toBe("4 mlockall undetermined");
});
