import { rangeBytes } from "@kadvise/syscalls";
import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { PAGE, PROCESS_MADVISE, PROFILES, scene, since, why } from "../testing/scene.ts";

const BITS = Array.from({ length: 32 }, (_, bit) => 2 ** bit);

describe.each(PROFILES)("unsigned flags, non-zero refused, on %s", (release) => {
  test("each of the 32 bits, and all of them, are refused; 0 is not", () => {
    const { manager, heap, other } = scene(release);
    const advise = (flags: number): number | string =>
      why(manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD", flags));
    expect(new Set([...BITS, 0xffff_ffff, -1].map(advise))).toEqual(
      new Set(["process_madvise/flags"]),
    );
    expect(advise(0)).toBe(PAGE);
  });

  test("the refusal says what was passed, unsigned", () => {
    const { manager, heap, other } = scene(release);
    const ranges = [{ base: heap, length: PAGE }];
    const refused = manager.processMadvise(other, ranges, "MADV_COLD", -2);
    expect(refused).toMatchObject({
      ok: false,
      code: "EINVAL",
      errno: 22,
      reason: { compared: { flags: 0xffff_fffe } },
    });
  });

  test("flags are an unsigned int: the upper half of the register is nobody's business", () => {
    const { manager, heap, other } = scene(release);
    const vector = must(manager.mmap({ length: PAGE }));
    must(manager.store(vector, rangeBytes([{ base: heap, length: PAGE }], "x86-64")));
    const call = (flags: bigint): number | string =>
      why(manager.syscall(PROCESS_MADVISE, other, vector, 1, 20, flags));
    expect(call(1n << 32n)).toBe(PAGE);
    expect(call(0xffff_ffff_0000_0000n)).toBe(PAGE);
    expect(call((1n << 32n) | 1n)).toBe("process_madvise/flags");
    manager.abi = "i386";
    expect(why(manager.syscall(PROCESS_MADVISE, other, vector, 0, 20, 1n << 32n))).toBe(0);
    expect(why(manager.syscall(PROCESS_MADVISE, other, vector, 0, 20, 0x8000_0000n))).toBe(
      "process_madvise/flags",
    );
  });
});

/** Sheet 2.1 and F1: the proposal read the vector first; the merged call looks at flags first. */
const FIRST = since({ seed: "iovec/unreadable", "5.10.0": "process_madvise/flags" });

test.each(PROFILES)("which of a bad vector and bad flags is told on %s", (release) => {
  const { manager } = scene(release);
  expect(why(manager.call("process_madvise", -1, 8, 1, 20, 1).outcome)).toBe(FIRST[release]);
  // The pidfd comes behind both, on every release.
  expect(why(manager.call("process_madvise", -1, 0, 0, 20, 1).outcome)).toBe(
    "process_madvise/flags",
  );
});
