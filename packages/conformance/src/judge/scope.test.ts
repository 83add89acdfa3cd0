import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

test("calls on protection keys are judged", () => {
  const lines = [
    "1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
    ...["1 pkey_alloc(0, 0) = 1", "1 pkey_mprotect(0x7f0000000000, 4096, PROT_READ, 1) = 0"],
    ...["1 pkey_free(1) = 0", "1 pkey_free(1) = 0"],
  ];
  expect(verdicts(log(...lines)).slice(2)).toEqual([
    expect.stringMatching(/^3 pkey_alloc /),
    "4 pkey_mprotect exact",
    "5 pkey_free exact",
    "6 pkey_free deviation",
  ]);
});

test("an option is judged though strace has no word for it", () => {
  const calls = [
    "1 mmap(0x10000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x10000000",
    ...["1 prctl(0x43 /* PR_??? */, 0x1, 0, 0, 0) = 0", "1 fcntl(0, 0x1) = 0"],
    "1 prctl(0x7fff /* PR_??? */, 0, 0, 0, 0) = -1 EINVAL (Invalid argument)",
    "1 prctl(0x44 /* PR_??? */, 0, 0, 0, 0) = 1",
  ];
  expect(verdicts(log(...calls)).slice(2)).toEqual([
    ...["3 prctl undetermined", "4 fcntl undetermined", "6 prctl exact"],
  ]);
});
