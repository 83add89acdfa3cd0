import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callDecoded, rangeBytes } from "./decoded.ts";
import { Registers } from "./registers.ts";
import { callByNumber, enter, SYSTEM_CALLS } from "./table.ts";
import { call, decoded, said } from "./testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "./testing/pages.ts";

const PROCESS_MADVISE = SYSTEM_CALLS.get("process_madvise")!;

describe("two doors to one body", () => {
  test("a decoded vector answers as the same vector in memory", () => {
    const task = taskWithPages(8, { release: "7.3" });
    const own = must(call(task, "pidfd_open", task.pid.number, 0));
    const number = fc.oneof(
      fc.nat(9 * PAGE).map((n) => BigInt(HEAP + n)),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    );
    const length = fc.oneof(
      fc.nat(3 * PAGE).map(BigInt),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    );
    const ranges = fc.array(fc.record({ base: number, length }), { maxLength: 6 });
    const advice = fc.constantFrom(4, 20, 21, 8, 99);
    const abi = fc.constantFrom("x86-64" as const, "i386" as const);
    const { journal } = task.machine.ports;
    const at = HEAP + 7 * PAGE;
    fc.assert(
      fc.property(ranges, advice, abi, (vector, name, gate) => {
        const fromMemory = journal.attempt(() => {
          must(task.space.write(at / PAGE, rangeBytes(vector, gate)));
          const registers = new Registers(own, at, vector.length, name, 0);
          return said(enter(task, gate, 440, registers));
        });
        const fromDecoded = journal.attempt(() => {
          const args = [own, vector, vector.length, name, 0] as const;
          return said(callDecoded(task, gate, PROCESS_MADVISE, args).outcome);
        });
        expect(fromDecoded).toBe(fromMemory);
      }),
    );
  });

  test("a structure may lead to another", () => {
    const root = taskWithPages(1, { release: "7.3" });
    const bytes = new Uint8Array(88);
    bytes[72] = 1;
    const asked = (pid: number): string => {
      const leadsTo = new Uint8Array(Int32Array.of(pid).buffer);
      return String(
        said(decoded(root, "clone3", { bytes, pointers: [{ offset: 64, leadsTo }] }, 88).outcome),
      );
    };
    expect(asked(4711)).toBe("4711");
    expect(asked(4711)).toMatch(/EEXIST/);
    expect(asked(0)).toMatch(/EINVAL/);
  });

  test("a structure is written where the caller passed it, its memory left alone", () => {
    const task = taskWithPages(1, { task: { uid: 7 } });
    const { outcome, outputs } = decoded(
      task,
      "getresuid",
      new Uint8Array(4),
      new Uint8Array(4),
      HEAP,
    );
    expect([said(outcome), outputs[0]?.[0], outputs[1]?.[0], outputs[2]]).toEqual([
      0,
      7,
      7,
      undefined,
    ]);
    expect(must(task.space.read(HEAP / PAGE, 1))[0]).toBe(7);
  });

  test("one that is too small for what is written is EFAULT", () => {
    const task = taskWithPages(1);
    const { outcome } = decoded(task, "getresuid", new Uint8Array(3), new Uint8Array(4), HEAP);
    expect(said(outcome)).toBe("EFAULT syscall/fault");
  });

  test("no program's pointer leads into a structure that stands for another", () => {
    const task = taskWithPages(1);
    decoded(task, "getresuid", new Uint8Array(4), new Uint8Array(4), new Uint8Array(4));
    expect(said(call(task, "getresuid", 0xffff_ade0_0000_0000n, HEAP, HEAP))).toBe(
      "EFAULT syscall/fault",
    );
  });

  test("names of constants stand for their numbers, joined by a bar", () => {
    const task = taskWithPages(1);
    const prot = "PROT_READ|PROT_WRITE";
    const flags = "MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED";
    expect(said(decoded(task, "mmap", 0x10_0000, PAGE, prot, flags, -1, 0).outcome)).toBe(
      0x10_0000,
    );
    expect(said(decoded(task, "madvise", 0x10_0000, PAGE, "MADV_COLD").outcome)).toBe(0);
  });

  test("a 32-bit caller's numbers are cut, a 64-bit caller's are not", () => {
    const task = taskWithPages(1);
    const address = 0x1_0010_0000n;
    const map = (gate: "x86-64" | "i386"): number | string =>
      said(
        callDecoded(task, gate, SYSTEM_CALLS.get("mmap")!, [address, PAGE, 3, 0x32, -1, 0]).outcome,
      );
    expect([map("x86-64"), map("i386")]).toEqual([0x1_0010_0000, 0x10_0000]);
  });

  test("a misspelt name is misuse", () => {
    const task = taskWithPages(1);
    expect(() => decoded(task, "madvise", HEAP, PAGE, "MADV_KOLD")).toThrow(
      'expected a name such as MADV_NORMAL for advice, got "MADV_KOLD"',
    );
    expect(() => decoded(task, "munmap", "HEAP", PAGE)).toThrow(
      'expected a number for addr, got "HEAP"',
    );
  });
});

describe("the gates", () => {
  test("a call that is not modelled, or that the kernel lacks, is ENOSYS", () => {
    const task = taskWithPages(1, { release: "5.8" });
    expect(said(enter(task, "x86-64", 9999, new Registers()))).toBe("ENOSYS syscall/unknown");
    expect(said(enter(task, "x86-64", 440, new Registers()))).toBe("ENOSYS syscall/unknown");
    const without = taskWithPages(1, { settings: { adviseSyscalls: false } });
    expect(said(enter(without, "x86-64", 440, new Registers()))).toBe("ENOSYS syscall/unknown");
  });

  test.each([
    ["x86-64", 28, "madvise"],
    ["i386", 219, "madvise"],
    ["arm64", 233, "madvise"],
    ["x86-64", 56, "clone"],
    ["i386", 120, "clone"],
    ["i386", 164, "setresuid"],
    ["i386", 208, "setresuid"],
    ["i386", 221, "fcntl"],
    ["arm64", 440, "process_madvise"],
  ] as const)("%s %i is %s", (abi, number, name) => {
    expect(callByNumber(abi, number)?.name).toBe(name);
  });
});

describe("registers", () => {
  const word = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });

  test("hold 64 bits, read as C's types read them", () => {
    fc.assert(
      fc.property(word, (value) => {
        const registers = new Registers(value);
        const wide = BigInt.asUintN(64, value);
        expect(registers.big(0)).toBe(wide);
        expect(registers.int(0)).toBe(Number(BigInt.asIntN(32, value)));
        expect(registers.low(0)).toBe(Number(BigInt.asUintN(32, value)));
        expect(registers.page(0, 12)).toBe(Number(wide >> 12n));
        expect(registers.offset(0, 12)).toBe(Number(wide & 0xfffn));
        expect(registers.pagesUp(0, 12)).toBe(Number((wide + 0xfffn) >> 12n));
        expect(registers.isZero(0)).toBe(wide === 0n);
        registers.narrow();
        expect(registers.big(0)).toBe(BigInt.asUintN(32, value));
      }),
    );
  });

  test("numbers and bigints are the same, negative ones too", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(new Registers(value).big(0)).toBe(new Registers(BigInt(value)).big(0));
      }),
    );
  });
});
