import { CLONE, PR, type AdviceName } from "@kadvise/uapi";
import fc from "fast-check";
import type { Kernel, KernelSnapshot, Process } from "../index.ts";
import { PAGE } from "./scene.ts";

const FIXED = 0x32;
/** Where the programs do what they do. */
export const BASE = 0x1000_0000;
export const PAGES = 24;

/** One call of a random program: by which process, about which, and a few numbers. */
export interface Step {
  readonly by: number;
  readonly about: number;
  readonly call: (typeof CALLS)[number];
  readonly page: number;
  readonly count: number;
  readonly advice: AdviceName;
}

const CALLS = [
  "mmap",
  "munmap",
  "mprotect",
  "mlock",
  "munlock",
  "madvise",
  "process_madvise",
  "store",
  "load",
  "pidfd_open",
  "close",
  "dup",
  "fork",
  "thread",
  "exec",
  "exit",
  "wait",
  "setresuid",
  "dumpable",
  "brk",
  "kill",
] as const;

const ADVICE: readonly AdviceName[] = [
  "MADV_COLD",
  "MADV_PAGEOUT",
  "MADV_WILLNEED",
  "MADV_DONTNEED",
  "MADV_FREE",
  "MADV_RANDOM",
  "MADV_MERGEABLE",
  "MADV_DONTFORK",
  "MADV_WIPEONFORK",
];

const step: fc.Arbitrary<Step> = fc.record({
  by: fc.nat(5),
  about: fc.nat(5),
  call: fc.constantFrom(...CALLS),
  page: fc.nat(PAGES - 1),
  count: fc.integer({ min: 1, max: 6 }),
  advice: fc.constantFrom(...ADVICE),
});

/** Programs of many processes: whatever they do is a legal call, refused or not. */
export const programs: fc.Arbitrary<readonly Step[]> = fc.array(step, { maxLength: 40 });

/** Runs a program; the answers, as values that can be compared. */
export function run(kernel: Kernel, steps: readonly Step[]): readonly unknown[] {
  if (kernel.pids.length === 0) {
    const first = kernel.spawn({ name: "first" });
    kernel.spawn({ name: "second", uid: 1000, parent: first });
  }
  return steps.map((one) => {
    const alive = kernel.pids
      .map((pid) => kernel.find(pid))
      .filter((found) => found?.task.thread.alive === true);
    const by = alive[one.by % alive.length];
    const about = alive[one.about % alive.length];
    // The last one stays, so that there is always somebody to call.
    if (by === undefined || about === undefined) return "nobody";
    return answer(by, about, one, alive.length);
  });
}

function answer(by: Process, about: Process, one: Step, alive: number): unknown {
  const address = BASE + one.page * PAGE;
  const length = one.count * PAGE;
  switch (one.call) {
    case "mmap":
      return by.mmap({ address, length, flags: FIXED });
    case "munmap":
      return by.munmap(address, length);
    case "mprotect":
      return by.mprotect(address, length, one.count % 2 === 0 ? "r" : "rw");
    case "mlock":
      return by.mlock(address, length);
    case "munlock":
      return by.munlock(address, length);
    case "madvise":
      return by.madvise(address, length, one.advice);
    case "process_madvise":
      return by.processMadvise(3 + (one.page % 4), [{ base: address, length }], one.advice);
    case "store":
      return by.store(address, `page ${one.page}`);
    case "load":
      return by.load(address, one.count);
    case "pidfd_open":
      return by.pidfdOpen(about.pid);
    case "close":
      return by.close(one.count);
    case "dup":
      return by.call("dup", one.count).outcome;
    case "fork":
      return alive < 8 && pid(by.fork());
    case "thread":
      return alive < 8 && pid(by.clone(CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD));
    case "exec":
      return by.exec();
    case "exit":
      return alive > 2 && by.exit(one.count);
    case "wait":
      return by.wait(-1, 1);
    case "setresuid":
      return by.setresuid(one.page % 2 === 0 ? 1000 : -1, one.count > 3 ? 2000 : -1, -1);
    case "dumpable":
      return by.prctl(PR.PR_SET_DUMPABLE, one.count % 2);
    case "brk":
      return by.brk(0x5555_5555_9000n + BigInt(length));
    case "kill":
      return alive > 2 && by.call("kill", about.pid, one.count > 4 ? 9 : 0).outcome;
  }
}

function pid(result: ReturnType<Process["fork"]>): unknown {
  return result.ok ? result.value.pid : result;
}

/** All of a kernel's state as one text, order and spare room included. */
export function digest(kernel: Kernel): string {
  return textOf(kernel.snapshot());
}

/** A snapshot as JSON, with what JSON lacks written out. */
export function textOf(snapshot: KernelSnapshot): string {
  return JSON.stringify(snapshot, (_key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (ArrayBuffer.isView(value)) return `cells ${(value as Uint8Array).join(" ")}`;
    return Number.isNaN(value) || value === Infinity ? String(value) : value;
  });
}
