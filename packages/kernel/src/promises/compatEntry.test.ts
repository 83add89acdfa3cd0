import { rangeBytes } from "@kadvise/syscalls";
import { must } from "@kadvise/uapi";
import { beforeEach, describe, expect, test } from "vitest";
import type { Process } from "../index.ts";
import {
  PAGE,
  PROCESS_MADVISE,
  PROFILES,
  scene,
  since,
  why,
  type Scene,
} from "../testing/scene.ts";

/** Where a 32-bit program's memory may lie, and its vector. */
const LOW = 0x2000_0000n;
const VECTOR = 0x2001_0000n;
const COLD = 20;

/** A 32-bit manager and a 64-bit app, both with four pages below 4 GiB. */
function compatScene(release: string): Scene {
  const set = scene(release);
  for (const process of [set.manager, set.app]) {
    must(process.mmap({ address: LOW, length: 4 * PAGE, flags: 0x32 }));
    must(process.mmap({ address: VECTOR, length: PAGE, flags: 0x32 }));
    must(process.touch(LOW, 4 * PAGE));
  }
  set.manager.abi = "i386";
  return set;
}

function put32(process: Process, at: bigint, ...words: readonly number[]): void {
  must(process.store(at, new Uint8Array(Uint32Array.from(words).buffer)));
}

describe.each(PROFILES)("compat entry on %s", (release) => {
  let set: Scene;
  const call = (...registers: readonly (number | bigint)[]): number | string =>
    why(set.manager.syscall(PROCESS_MADVISE, ...registers));
  /** One range as a 32-bit program lays it out: eight bytes. */
  const advise = (base: number, length: number): number | string => {
    put32(set.manager, VECTOR, base, length);
    return call(set.other, VECTOR, 1, COLD, 0);
  };
  beforeEach(() => {
    set = compatScene(release);
  });

  test("a 32-bit caller's vector has elements of eight bytes, of any target", () => {
    put32(set.manager, VECTOR, Number(LOW), PAGE, Number(LOW) + 2 * PAGE, PAGE);
    expect(call(set.other, VECTOR, 2, COLD, 0)).toBe(2 * PAGE);
    expect(call(set.own, VECTOR, 2, COLD, 0)).toBe(2 * PAGE);
  });

  test("the same bytes mean something else to a 64-bit caller", () => {
    const native = rangeBytes([{ base: LOW, length: PAGE }], "x86-64");
    must(set.manager.store(VECTOR, native));
    // base 0x20000000 and length 0: nothing to do.
    expect(call(set.other, VECTOR, 1, COLD, 0)).toBe(0);
    set.manager.abi = "x86-64";
    expect(call(set.other, VECTOR, 1, COLD, 0)).toBe(PAGE);
  });

  test("addresses are widened with zeros, never with a sign, and do not wrap at 4 GiB", () => {
    expect(advise(0x8000_0000, PAGE)).toBe("madvise/hole");
    expect(advise(0xffff_f000, 2 * PAGE)).toBe("madvise/hole");
    must(set.app.mmap({ address: 0xffff_f000n, length: 2 * PAGE, flags: 0x32 }));
    expect(advise(0xffff_f000, 2 * PAGE)).toBe(2 * PAGE);
  });

  test("lengths have 31 bits: with the upper one they are negative", () => {
    expect(advise(Number(LOW), 0x8000_0000)).toBe("iovec/negative-length");
    expect(advise(Number(LOW), 0xffff_ffff)).toBe("iovec/negative-length");
    // The longest that there is gets cut to 0x7ffff000 and then ends in a hole.
    expect(advise(Number(LOW), 0x7fff_ffff)).toBe("madvise/hole");
  });

  test("each argument is cut or widened as its type says", () => {
    put32(set.manager, VECTOR, Number(LOW), PAGE);
    const high = 1n << 32n;
    const all = [BigInt(set.other), VECTOR, 1n, BigInt(COLD), 0n].map((value) => value | high);
    expect(call(...all)).toBe(PAGE);
    expect(call(0xffff_ffff, VECTOR, 1, COLD, 0)).toBe("pidfd/negative");
    expect(call(set.other, VECTOR, 0xffff_ffff, COLD, 0)).toBe("iovec/too-many");
    expect(call(set.other, VECTOR, 1, COLD, 0x8000_0000)).toBe("process_madvise/flags");
    expect(call(set.other, VECTOR, 1, 0xffff_ffff, 0)).toMatch(/advice/);
  });

  test("an element may end with the mapping: no more than eight bytes of it are read", () => {
    const last = VECTOR + BigInt(PAGE - 8);
    put32(set.manager, last, Number(LOW), PAGE);
    expect(call(set.other, last, 1, COLD, 0)).toBe(PAGE);
    expect(call(set.other, last, 2, COLD, 0)).toBe("iovec/unreadable");
    set.manager.abi = "x86-64";
    expect(call(set.other, last, 1, COLD, 0)).toBe("iovec/unreadable");
  });

  test("a negative length beats an element behind it that cannot be read", () => {
    const last = VECTOR + BigInt(PAGE - 8);
    put32(set.manager, last, Number(LOW), 0xffff_ffff);
    expect(call(set.other, last, 2, COLD, 0)).toBe("iovec/negative-length");
  });

  test("it is the number 440 there too, and fork's child calls by the same gate", () => {
    const child = must(set.manager.fork());
    expect(child.abi).toBe("i386");
    put32(child, VECTOR, Number(LOW), PAGE);
    expect(why(child.syscall(PROCESS_MADVISE, set.other, VECTOR, 1, COLD, 0))).toBe(PAGE);
  });
});

/** A negative length before an unreadable element, for a 64-bit caller. Sheet, case V7. */
const NATIVE = since({ seed: "iovec/unreadable", "6.12": "iovec/negative-length" });

test.each(PROFILES)("where compat and native differ on %s", (release) => {
  const { manager, other } = compatScene(release);
  manager.abi = "x86-64";
  const last = VECTOR + BigInt(PAGE - 16);
  must(manager.store(last, rangeBytes([{ base: LOW, length: -1n }], "x86-64")));
  expect(why(manager.syscall(PROCESS_MADVISE, other, last, 2, COLD, 0))).toBe(NATIVE[release]);
});

/** PIDFD_SELF in 32 bits: int carries its sign over. Sheet, case K5. */
test.each([
  ["6.12", "pidfd/negative"],
  ["6.18", PAGE],
])("0xffffd8f0 is -10000 on %s: %s", (release, expected) => {
  const { manager } = compatScene(release);
  put32(manager, VECTOR, Number(LOW), PAGE);
  expect(why(manager.syscall(PROCESS_MADVISE, 0xffff_d8f0, VECTOR, 1, COLD, 0))).toBe(expected);
});
