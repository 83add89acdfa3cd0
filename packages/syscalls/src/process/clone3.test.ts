import { CLONE, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, type TestTaskOptions } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

/** struct clone_args by 64-bit words. */
const FIELDS = [
  "flags",
  "pidfd",
  "childTid",
  "parentTid",
  "exitSignal",
  "stack",
  "stackSize",
  "tls",
  "setTid",
  "setTidSize",
  "cgroup",
  "beyond",
] as const;
type Args = { readonly [field in (typeof FIELDS)[number]]?: bigint | number };

function clone3(task: Task, args: Args, size: number | bigint = 88): number | string {
  const words = BigUint64Array.from(FIELDS, (field) =>
    BigInt.asUintN(64, BigInt(args[field] ?? 0)),
  );
  must(task.space.write(HEAP / PAGE, new Uint8Array(words.buffer)));
  return said(call(task, "clone3", HEAP, size));
}

const start = (task: TestTaskOptions = {}, release = "6.12"): Task =>
  taskWithPages(2, { release, task });
const kind = (answer: number | string): string => (typeof answer === "number" ? "pid" : answer);

describe("the size of the structure", () => {
  test.each([
    [0, "EINVAL clone3/size-too-small"],
    [63, "EINVAL clone3/size-too-small"],
    [64, "pid"],
    [88, "pid"],
    [96, "pid"],
    [4096, "pid"],
    [4097, "E2BIG clone3/size-too-large"],
    [2n ** 63n, "E2BIG clone3/size-too-large"],
  ])("%s bytes: %s", (size, expected) => {
    expect(kind(clone3(start(), { exitSignal: SIG.SIGCHLD }, size))).toBe(expected);
  });

  test("what the kernel does not know of it must be zero", () => {
    expect(clone3(start(), { beyond: 1 }, 96)).toBe("E2BIG clone3/size-too-large");
    expect(kind(clone3(start(), { beyond: 1 }, 88))).toBe("pid");
  });

  test("it must be readable to its end", () => {
    expect(said(call(start(), "clone3", HEAP + 2 * PAGE - 64, 88))).toBe("EFAULT syscall/fault");
    expect(said(call(start(), "clone3", 0, 64))).toBe("EFAULT syscall/fault");
    // Its size is looked at first.
    expect(said(call(start(), "clone3", 0, 63))).toBe("EINVAL clone3/size-too-small");
  });
});

describe("what clone3 does not take", () => {
  test.each<[string, Args]>([
    ["an exit signal's bits in flags", { flags: SIG.SIGCHLD }],
    ["CLONE_DETACHED", { flags: CLONE.CLONE_DETACHED }],
    ["flags that nobody knows", { flags: 1n << 40n }],
    ["an exit signal above 64", { exitSignal: 65 }],
    ["an exit signal for a thread", { flags: 0x1_0900, exitSignal: 17 }],
    ["an exit signal for a sibling", { flags: CLONE.CLONE_PARENT, exitSignal: 17 }],
    ["a stack without a size", { stack: HEAP }],
    ["a size without a stack", { stackSize: PAGE }],
    ["a stack beyond the user half", { stack: 0x7fff_ffff_f000, stackSize: PAGE }],
    ["numbers without a count", { setTid: HEAP }],
    ["a count without numbers", { setTidSize: 1 }],
    ["more numbers than namespaces can be", { setTid: HEAP, setTidSize: 33 }],
    ["CLONE_CLEAR_SIGHAND with CLONE_SIGHAND", { flags: 0x1_0000_0900n }],
  ])("%s", (_what, args) => {
    expect(clone3(start(), args)).toBe("EINVAL clone3/arguments");
  });

  test("a descriptor that is no cgroup", () => {
    expect(clone3(start(), { flags: 0x2_0000_0000n, cgroup: 0 })).toBe("EBADF clone3/cgroup");
    expect(clone3(start(), { flags: 0x2_0000_0000n, cgroup: -1 })).toBe("EINVAL clone3/arguments");
  });

  test("one place for descriptor and number", () => {
    const flags = CLONE.CLONE_PIDFD | CLONE.CLONE_PARENT_SETTID;
    const at = HEAP + PAGE;
    expect(clone3(start(), { flags, pidfd: at, parentTid: at })).toBe(
      "EINVAL clone/pidfd-and-parent-tid",
    );
    expect(kind(clone3(start(), { flags, pidfd: at, parentTid: at + 8 }))).toBe("pid");
  });
});

describe("a number of one's own choice", () => {
  const ask = (task: Task, number: number, count = 1): number | string => {
    must(task.space.write(HEAP / PAGE + 1, new Uint8Array(Int32Array.of(number, 1).buffer)));
    return clone3(task, { setTid: HEAP + PAGE, setTidSize: count });
  };

  test("is given to whoever may ask", () => {
    expect(ask(start(), 4321)).toBe(4321);
    const restorer = start({ uid: 1000, capabilities: ["CAP_CHECKPOINT_RESTORE"] });
    expect(ask(restorer, 4321)).toBe(4321);
    expect(ask(start({ uid: 1000 }), 4321)).toBe("EPERM clone/set-tid-not-permitted");
  });

  test("must be a number that a process can have, and free", () => {
    const task = start();
    expect(ask(task, 0)).toBe("EINVAL clone/set-tid");
    expect(ask(task, 32_768)).toBe("EINVAL clone/set-tid");
    expect(ask(task, 4321, 2)).toBe("EINVAL clone/set-tid");
    expect(ask(task, task.pid.number)).toBe("EEXIST clone/set-tid-in-use");
    // Numbers are judged before the caller is.
    expect(ask(start({ uid: 1000 }), 0)).toBe("EINVAL clone/set-tid");
    expect(ask(start({ uid: 1000 }), 100)).toBe("EPERM clone/set-tid-not-permitted");
  });
});

describe("the flags of 7.1", () => {
  const AUTOREAP = 1n << 34n;
  const NNP = 1n << 35n;
  const AUTOKILL = 1n << 36n;
  const PIDFD = BigInt(CLONE.CLONE_PIDFD);
  const THREAD = 0x1_0900n;
  const args = (flags: bigint): Args => ({ flags, pidfd: HEAP + PAGE });

  test("are unknown before", () => {
    for (const flag of [AUTOREAP, NNP, AUTOKILL]) {
      expect(clone3(start({}, "7.0"), args(flag))).toBe("EINVAL clone3/arguments");
    }
  });

  test.each([
    ["AUTOREAP alone", AUTOREAP, "pid"],
    ["AUTOREAP for a thread", AUTOREAP | THREAD, "EINVAL clone/flags-conflict"],
    ["NNP for a thread", NNP | THREAD, "EINVAL clone/flags-conflict"],
    ["AUTOKILL without a pidfd", AUTOKILL | AUTOREAP, "EINVAL clone/flags-conflict"],
    ["AUTOKILL without AUTOREAP", AUTOKILL | PIDFD, "EINVAL clone/flags-conflict"],
    ["AUTOKILL with both", AUTOKILL | AUTOREAP | PIDFD, "pid"],
  ])("%s", (_what, flags, expected) => {
    expect(kind(clone3(start({}, "7.1"), args(flags)))).toBe(expected);
  });

  test("AUTOKILL needs CAP_SYS_ADMIN, or that the child cannot gain privileges", () => {
    const flags = AUTOKILL | AUTOREAP | PIDFD;
    const user = { uid: 1000 };
    expect(clone3(start(user, "7.1"), args(flags))).toBe("EPERM clone/autokill-not-permitted");
    expect(kind(clone3(start(user, "7.1"), args(flags | NNP)))).toBe("pid");
  });
});
