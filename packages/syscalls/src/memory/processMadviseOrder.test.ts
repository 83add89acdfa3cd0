import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, said, TestMachine } from "../testing/machine.ts";
import { exitTask } from "../process/exit.ts";
import type { Task } from "../task.ts";

/** Everything that can be wrong with a call at once. */
type Fault =
  | "flags"
  | "too-many"
  | "unreadable"
  | "negative"
  | "closed"
  | "reaped"
  | "advice"
  | "zombie"
  | "denied"
  | "nice"
  | "hole";

/** How each fault is told; the words differ between releases, the errno does not. */
const ERRNO: { readonly [fault in Fault]: string } = {
  flags: "EINVAL process_madvise/flags",
  "too-many": "EINVAL iovec/too-many",
  unreadable: "EFAULT iovec/unreadable",
  negative: "EINVAL iovec/negative-length",
  closed: "EBADF pidfd/closed",
  reaped: "ESRCH pidfd/reaped",
  advice: "EINVAL process_madvise/advice-not-allowed",
  zombie: "ESRCH mm_access/no-memory",
  denied: "EACCES mm_access/denied",
  nice: "EPERM process_madvise/",
  hole: "ENOMEM madvise/hole",
};

const VECTOR: readonly Fault[] = ["too-many", "unreadable", "negative"];
const TARGET: readonly Fault[] = ["closed", "reaped"];
const SEED: readonly Fault[] = [
  ...VECTOR,
  "flags",
  ...TARGET,
  "advice",
  "zombie",
  "denied",
  "hole",
];
const MERGED: readonly Fault[] = [
  ...["flags" as const, ...VECTOR, ...TARGET],
  ...(["advice", "zombie", "denied", "nice", "hole"] as const),
];
const ACCESS_FIRST: readonly Fault[] = [
  ...["flags" as const, ...VECTOR, ...TARGET],
  ...(["zombie", "denied", "advice", "nice", "hole"] as const),
];

/** The first fault of this list speaks. Sheet madvise.md 2.1. */
const ORDER: { readonly [release: string]: readonly Fault[] } = {
  seed: SEED,
  "seed-code": SEED,
  "5.10.0": MERGED.filter((fault) => fault !== "nice"),
  "5.10": MERGED,
  "5.15": MERGED,
  "6.1": MERGED,
  "6.12": MERGED,
  "6.13": ACCESS_FIRST,
  "6.18": ACCESS_FIRST,
  "7.3": ACCESS_FIRST,
};

/** Faults that cannot meet: there is one descriptor, one vector length, one target. */
const APART: readonly (readonly [Fault, Fault])[] = [
  ["closed", "reaped"],
  ["closed", "zombie"],
  ["closed", "denied"],
  ["reaped", "zombie"],
  ["unreadable", "negative"],
  ["unreadable", "hole"],
  ["too-many", "hole"],
  ["negative", "hole"],
  ["zombie", "hole"],
];
const meet = (a: Fault, b: Fault): boolean =>
  !APART.some(([one, two]) => (a === one && b === two) || (a === two && b === one));

const HEAP = 0x2000_0000;
const VEC = 0x2001_0000;

function answer(release: string, faults: readonly Fault[]): string {
  const has = (fault: Fault): boolean => faults.includes(fault);
  const machine = new TestMachine({ release });
  const nice = has("nice") ? [] : (["CAP_SYS_NICE"] as const);
  const caller = machine.spawn({ uid: 1000, capabilities: nice });
  const ids = has("denied") ? 2000 : 1000;
  const target = machine.spawn({ uid: ids, parent: caller });
  for (const task of [caller, target]) {
    must(call(task, "mmap", HEAP, 0x1000, 3, 0x32, -1, 0));
    must(call(task, "mmap", VEC, 0x1000, 3, 0x32, -1, 0));
  }
  const base = has("hole") ? HEAP + 0x1000 : HEAP;
  put(caller, BigInt(base), has("negative") ? -1n : 0x1000n);
  const pidfd = must(call(caller, "pidfd_open", target.pid.number, 0));
  if (has("zombie") || has("reaped")) {
    exitTask(target, { code: 0, signal: 0, coreDumped: false });
  }
  if (has("reaped")) must(call(caller, "wait4", target.pid.number, 0, 0, 0));
  return String(
    said(
      call(
        caller,
        "process_madvise",
        has("closed") ? 999 : pidfd,
        has("unreadable") ? 8 : VEC,
        has("too-many") ? 1025 : 1,
        has("advice") ? 4 : 20,
        has("flags") ? 1 : 0,
      ),
    ),
  );
}

function put(task: Task, ...values: readonly bigint[]): void {
  const bytes = new Uint8Array(BigInt64Array.from(values).buffer);
  must(task.space.write(VEC / 0x1000, bytes));
}

describe.each(Object.entries(ORDER))("process_madvise's checks on %s", (release, order) => {
  test("each fault alone is told as itself, and a call without any succeeds", () => {
    expect(answer(release, [])).toBe(String(0x1000));
    for (const fault of order) {
      expect([fault, answer(release, [fault])]).toEqual([
        fault,
        expect.stringContaining(ERRNO[fault]),
      ]);
    }
  });

  const pairs = order.flatMap((first, i) =>
    order.slice(i + 1).map((then) => [first, then] as const),
  );

  test.each(pairs.filter(([first, then]) => meet(first, then)))(
    "%s is told before %s",
    (first, then) => {
      expect(answer(release, [first, then])).toContain(ERRNO[first]);
    },
  );

  test("everything wrong at once is told as the first of all", () => {
    const all = order.filter(
      (fault) => fault !== "hole" && fault !== "closed" && fault !== "zombie",
    );
    expect(answer(release, all)).toContain(ERRNO[order[0]]);
  });
});

test.each(["seed", "5.10.0"])("%s does not know the fault of a missing CAP_SYS_NICE", (release) => {
  expect(answer(release, ["nice"])).toBe(String(0x1000));
});
