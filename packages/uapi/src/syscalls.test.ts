import { describe, expect, test } from "vitest";
import { I386_16BIT_ID_CALLS, SYSCALL_NUMBERS, type Abi } from "./syscalls.ts";
import { HEADERS } from "./testing/headers.ts";

const ABIS: readonly Abi[] = ["x86-64", "i386", "arm64"];
const calls = Object.keys(SYSCALL_NUMBERS);

/** Calls that are younger than the recorded headers. */
const NEWER = ["map_shadow_stack", "mseal"];

/** What the headers call a call: i386 has the plain names for the calls with 16-bit ids. */
function headerName(abi: Abi, call: string): string {
  if (abi === "i386" && `${call}32` in HEADERS.i386 && call !== "mmap") return `${call}32`;
  if (abi === "i386" && call === "old_mmap") return "mmap";
  if (abi === "i386" && call === "mmap") return "mmap of x86-64";
  if (abi === "i386" && call === "fallocate") return "fallocate of x86-64";
  return abi === "i386" && call === "ia32_fallocate" ? "fallocate" : call;
}

describe.each(ABIS)(`${HEADERS.headers} on %s`, (abi) => {
  test.each(calls.filter((call) => !NEWER.includes(call)))("numbers %s so", (call) => {
    expect(SYSCALL_NUMBERS[call][abi]).toBe(HEADERS[abi][headerName(abi, call)] ?? null);
  });

  test("gives no number twice", () => {
    const numbers = calls.map((call) => SYSCALL_NUMBERS[call][abi]).filter((nr) => nr !== null);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("does not know yet what came later, nor uses its number", () => {
    for (const call of NEWER) {
      expect(HEADERS[abi]).not.toHaveProperty(call);
      expect(Object.values(HEADERS[abi])).not.toContain(SYSCALL_NUMBERS[call][abi]);
    }
  });
});

test("from 424 on every architecture has the same number", () => {
  for (const call of calls) {
    const numbers = ABIS.map((abi) => SYSCALL_NUMBERS[call][abi]);
    if (numbers.some((number) => number !== null && number >= 424)) {
      expect(new Set(numbers).size).toBe(1);
    }
  }
});

test("i386's calls with 16-bit ids are those that the headers call by the plain name", () => {
  for (const [number, call] of Object.entries(I386_16BIT_ID_CALLS)) {
    expect(HEADERS.i386[call]).toBe(Number(number));
    expect(SYSCALL_NUMBERS[call].i386).toBe(HEADERS.i386[`${call}32`]);
  }
  const doubled = calls.filter((call) => `${call}32` in HEADERS.i386);
  expect(Object.values(I386_16BIT_ID_CALLS).toSorted()).toEqual(doubled.toSorted());
});
