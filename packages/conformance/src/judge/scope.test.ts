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
