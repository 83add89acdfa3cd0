import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const said = (...lines: readonly string[]): readonly string[] =>
  verdicts(
    log(
      "1 capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=0}) = 0",
      ...lines,
    ),
  )
    .slice(2)
    .map((line) => line.replace(/^\d+ /, ""));

const DENIED = "-1 EPERM (Operation not permitted)";
const map = (address: string, result = address): string =>
  `1 mmap(${address}, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = ${result}`;

// 4096 is what Linux has by itself, 65536 what distributions set.
test("how low one may map is learnt from the log", () => {
  expect(said(map("0x1000"))).toEqual(["mmap undetermined"]);
  expect(said(map("0x1000", DENIED))).toEqual(["mmap undetermined"]);
  expect(said(map("0x1000"), map("0x2000", DENIED))).toEqual([
    ...["mmap undetermined", "mmap deviation"],
  ]);
  expect(said(map("0x2000", DENIED), map("0x1000"))).toEqual([
    ...["mmap undetermined", "mmap deviation"],
  ]);
  expect(said(map("0x10000", DENIED))[0]).not.toBe("mmap exact");
});
