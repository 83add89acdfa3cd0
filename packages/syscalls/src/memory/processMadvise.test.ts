import { pageState } from "@kadvise/mm-core";
import type { Choices } from "@kadvise/ports";
import { CLONE, MADV, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, decoded, said, TestMachine, type TestTaskOptions } from "../testing/machine.ts";
import { HEAP, PAGE } from "../testing/pages.ts";

interface Pair {
  readonly caller: Task;
  readonly target: Task;
  readonly own: number;
  readonly other: number;
}

function pair(release: string, ids: TestTaskOptions = {}, choices?: Choices): Pair {
  const machine = new TestMachine({ release, ...(choices === undefined ? {} : { choices }) });
  const [caller, target] = [machine.spawn(ids), machine.spawn(ids)];
  for (const task of [caller, target]) {
    must(call(task, "mmap", HEAP, 4 * PAGE, 3, 0x32, -1, 0));
    must(task.space.write(HEAP / PAGE, new Uint8Array(4 * PAGE).fill(1)));
  }
  const [own, other] = [caller, target].map((task) =>
    must(call(caller, "pidfd_open", task.pid.number, 0)),
  );
  return { caller, target, own, other };
}

function advise(caller: Task, pidfd: number, advice: number, length = PAGE): number | string {
  const ranges = [{ base: HEAP, length }];
  return said(decoded(caller, "process_madvise", pidfd, ranges, 1, advice, 0).outcome);
}

describe("who is told what of an advice that is not allowed", () => {
  test.each([
    ["seed", PAGE, "EINVAL process_madvise/advice-not-allowed-remote"],
    [
      "6.12",
      "EINVAL process_madvise/advice-not-allowed",
      "EINVAL process_madvise/advice-not-allowed",
    ],
    ["6.13", PAGE, "EINVAL process_madvise/advice-not-allowed-remote"],
    ["7.3", PAGE, "EINVAL process_madvise/advice-not-allowed-remote"],
  ])("DONTNEED on %s: oneself %s, others %s", (release, oneself, others) => {
    const { caller, own, other } = pair(release);
    expect(advise(caller, own, MADV.MADV_DONTNEED)).toBe(oneself);
    expect(advise(caller, other, MADV.MADV_DONTNEED)).toBe(others);
  });

  test.each([
    ["7.1", "EINVAL madvise/unknown-advice", "EINVAL process_madvise/advice-not-allowed-remote"],
    ["7.2", "EINVAL process_madvise/unknown-advice", "EINVAL process_madvise/unknown-advice"],
  ])("an advice that nobody knows on %s", (release, oneself, others) => {
    const { caller, own, other } = pair(release);
    expect(advise(caller, own, 9999)).toBe(oneself);
    expect(advise(caller, other, 9999)).toBe(others);
  });
});

describe("CAP_SYS_NICE", () => {
  const user = { uid: 1000 };
  test.each([
    ["5.10.23", PAGE, PAGE],
    [
      "5.10.24",
      "EPERM process_madvise/needs-cap-sys-nice",
      "EPERM process_madvise/needs-cap-sys-nice",
    ],
    ["5.11.6", PAGE, PAGE],
    [
      "6.11",
      "EPERM process_madvise/needs-cap-sys-nice",
      "EPERM process_madvise/needs-cap-sys-nice",
    ],
    ["6.12.0", PAGE, "EPERM process_madvise/remote-needs-cap-sys-nice"],
  ])("on %s: oneself %s, others %s", (release, oneself, others) => {
    const { caller, own, other } = pair(release, user);
    expect(advise(caller, own, MADV.MADV_COLD)).toBe(oneself);
    expect(advise(caller, other, MADV.MADV_COLD)).toBe(others);
    // Nothing to do is refused all the same.
    expect(typeof advise(caller, other, MADV.MADV_COLD, 0)).toBe(typeof others);
  });

  test("is asked in the initial user namespace: a namespace's root has it not", () => {
    const { caller } = pair("6.12", user);
    const { processes } = caller.machine;
    const flags = CLONE.CLONE_NEWUSER | SIG.SIGCHLD;
    const root = processes.find(must(call(caller, "clone", flags, 0, 0, 0, 0)))!.thread!.payload;
    const child = must(call(root, "fork"));
    const pidfd = must(call(root, "pidfd_open", child, 0));
    expect(advise(root, pidfd, MADV.MADV_COLD)).toBe(
      "EPERM process_madvise/remote-needs-cap-sys-nice",
    );
  });
});

describe("which task a pidfd names", () => {
  test.each([
    ["a terminal", 0, "EBADF pidfd/other-file"],
    ["a closed number", 99, "EBADF pidfd/closed"],
    ["-1", -1, "EBADF pidfd/negative"],
    ["PIDFD_SELF, before 6.15", -10_000, "EBADF pidfd/negative"],
  ])("%s", (_what, fd, expected) => {
    const { caller } = pair("6.12");
    expect(advise(caller, fd, MADV.MADV_COLD)).toBe(expected);
  });

  test("a thread that names itself and its process by number, since 6.15", () => {
    const { caller } = pair("6.18");
    const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    const { processes } = caller.machine;
    const thread = processes.find(must(call(caller, "clone", flags, 0, 0, 0, 0)))!.thread!.payload;
    expect([advise(thread, -10_000, 20), advise(thread, -10_001, 20)]).toEqual([PAGE, PAGE]);
    // Once the leader is gone the process' own number finds nobody. Sheet, cases D22.
    call(caller, "exit", 0);
    expect([advise(thread, -10_000, 20), advise(thread, -10_001, 20)]).toEqual([
      PAGE,
      "ESRCH mm_access/no-memory",
    ]);
  });

  test("a kernel thread can be named and has no memory", () => {
    const machine = new TestMachine();
    const [caller, worker] = [machine.spawn(), machine.spawn({ isKernelThread: true })];
    const pidfd = must(call(caller, "pidfd_open", worker.pid.number, 0));
    expect(advise(caller, pidfd, MADV.MADV_COLD)).toBe("ESRCH mm_access/no-memory");
  });
});

/** A target that was just sent SIGKILL may or may not have its memory yet: that is Linux' choice. */
describe("a fatal signal at the target", () => {
  const young = (task: Task): boolean => pageState(task.space, HEAP / PAGE) === "used";

  test.each([
    ["seed", true],
    ["seed-code", true],
    ["5.10.0", false],
    ["6.12", false],
  ])("while it still lives, COLD counts on %s; is the page left alone? %s", (release, skips) => {
    const stillAlive: Choices = {
      choose: ({ id, usual }) =>
        id === "signal/target-still-alive" ? (true as unknown as typeof usual) : usual,
    };
    const { caller, target, other } = pair(release, {}, stillAlive);
    target.thread.group.dying = true;
    expect(advise(caller, other, MADV.MADV_COLD)).toBe(PAGE);
    expect(young(target)).toBe(skips);
  });

  test("usually it is gone", () => {
    const { caller, target, other } = pair("6.12");
    target.thread.group.dying = true;
    expect(advise(caller, other, MADV.MADV_COLD)).toBe("ESRCH mm_access/no-memory");
  });
});
