import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";

const START = '7 execve("/bin/a", ["a"], 0x7ffd00000000 /* 3 vars */) = 0';
const MAP =
  "7 mmap(0x7f0000000000, 4194304, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f0000000000";

function verdicts(calls: readonly string[], kernel = "6.18.44"): readonly string[] {
  const checker = new Checker({ kernel, all: true, settings: { thp: true } });
  const log = checker.log("log");
  log.push(`${[START, MAP, ...calls.map((call) => `7 ${call}`)].join("\n")}\n`);
  log.end();
  return checker
    .finish()
    .findings.slice(2)
    .map(({ observed, verdict }) => `${/^(-1 )?\w+/.exec(observed)?.[0] ?? ""} ${verdict}`);
}

const COLLAPSE = "madvise(0x7f0000000000, 2097152, MADV_COLLAPSE)";
const BUSY = `${COLLAPSE} = -1 EAGAIN (Resource temporarily unavailable)`;

describe("MADV_COLLAPSE of a recorded program", () => {
  // Linux 6.18.44: a page that vmsplice holds is EAGAIN, and 0 once the pipe was read.
  test.each([
    ["EAGAIN", "Resource temporarily unavailable"],
    ["EBUSY", "Device or resource busy"],
    ["ENOMEM", "Cannot allocate memory"],
    ["EINVAL", "Invalid argument"],
  ])("may fail with %s for what a log does not show", (errno, text) => {
    expect(verdicts([`${COLLAPSE} = -1 ${errno} (${text})`])).toEqual([`-1 ${errno} undetermined`]);
  });

  test("may fail now and succeed when tried again, and the other way round", () => {
    expect(verdicts([BUSY, `${COLLAPSE} = 0`, BUSY])).toEqual([
      ...["-1 EAGAIN undetermined", "0 undetermined", "-1 EAGAIN undetermined"],
    ]);
  });

  test("is taken to meet no obstacle in locked pages, unless the log says so", () => {
    const locked = ["mlock(0x7f0000000000, 2097152) = 0"];
    expect(verdicts([...locked, `${COLLAPSE} = 0`]).at(-1)).toBe("0 constrained");
    expect(verdicts([...locked, BUSY]).at(-1)).toBe("-1 EAGAIN undetermined");
  });

  const AGAIN = "EAGAIN (Resource temporarily unavailable)";

  test.each([
    ["EPERM (Operation not permitted)", "6.18.44", COLLAPSE],
    [AGAIN, "6.0", COLLAPSE],
    [AGAIN, "6.18.44", "madvise(0x7f0000000000, 2097152, MADV_COLD)"],
    [AGAIN, "6.18.44", "madvise(0x7f0000000001, 2097152, MADV_COLLAPSE)"],
  ])("never fails for that with %s on %s: %s", (errno, kernel, call) => {
    expect(verdicts([`${call} = -1 ${errno}`], kernel)[0]).toMatch(/deviation$/);
  });
});
