import { pageState } from "@kadvise/mm-core";
import type { Choices } from "@kadvise/ports";
import { CLONE, MADV, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { neverReturns, type Outcome } from "../call.ts";
import type { Task } from "../task.ts";
import { call, decoded, said, TestMachine } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const RANGES = [0, 1, 2].map((i) => ({ base: HEAP + i * PAGE, length: PAGE }));

/** A signal of this kind comes when it is asked for the `n`-th time. */
function signal(id: "signal/pending" | "signal/fatal", n: number): Choices & { asked: number } {
  return {
    asked: 0,
    choose(question) {
      if (question.id !== id) return question.usual;
      this.asked++;
      return (this.asked === n) as unknown as typeof question.usual;
    },
  };
}

function written(release: string, choices: Choices): Task {
  const task = taskWithPages(3, { release, choices });
  must(task.space.write(HEAP / PAGE, new Uint8Array(3 * PAGE).fill(1)));
  return task;
}

function adviseAll(caller: Task, pid: number, advice: number): Outcome {
  const pidfd = must(call(caller, "pidfd_open", pid, 0));
  return decoded(caller, "process_madvise", pidfd, RANGES, RANGES.length, advice, 0).outcome;
}

const AGAIN = "ERESTARTSYS madvise/interrupted";

/** Linux 6.18.44: packages/conformance/choices/signal.strace. */
describe("a signal in the midst of MADV_UNMERGEABLE", () => {
  test.each([
    [1, AGAIN],
    [2, PAGE],
    [3, 2 * PAGE],
    [4, 3 * PAGE],
  ])("that is there at range %i of three: %s", (n, expected) => {
    const caller = written("6.18", signal("signal/pending", n));
    must(call(caller, "madvise", HEAP, 3 * PAGE, MADV.MADV_MERGEABLE));
    must(call(caller, "mprotect", HEAP + PAGE, PAGE, 1));
    expect(said(adviseAll(caller, caller.pid.number, MADV.MADV_UNMERGEABLE))).toBe(expected);
  });

  test("before 5.18 what was done before is told by nobody", () => {
    const caller = written("seed-code", signal("signal/pending", 2));
    must(call(caller, "madvise", HEAP, 3 * PAGE, MADV.MADV_MERGEABLE));
    expect(said(adviseAll(caller, caller.pid.number, MADV.MADV_UNMERGEABLE))).toBe(AGAIN);
  });

  test("leaves the area mergeable; called again, it is done", () => {
    const caller = written("6.18", signal("signal/pending", 1));
    must(call(caller, "madvise", HEAP, 3 * PAGE, MADV.MADV_MERGEABLE));
    const unmerge = (): Outcome => call(caller, "madvise", HEAP, 3 * PAGE, MADV.MADV_UNMERGEABLE);
    const isMergeable = (): boolean => /VmFlags:.* mg/.test(caller.space.smaps());
    expect([said(unmerge()), isMergeable()]).toEqual([AGAIN, true]);
    expect([said(unmerge()), isMergeable()]).toEqual([0, false]);
  });

  test("is not looked for where nothing is mergeable, or nothing was ever written", () => {
    const choices = signal("signal/pending", 1);
    const unmerge = (task: Task): number | string =>
      said(call(task, "madvise", HEAP, PAGE, MADV.MADV_UNMERGEABLE));
    expect(unmerge(written("6.18", choices))).toBe(0);
    const untouched = taskWithPages(1, { release: "6.18", choices });
    must(call(untouched, "madvise", HEAP, PAGE, MADV.MADV_MERGEABLE));
    expect(unmerge(untouched)).toBe(0);
    expect(choices.asked).toBe(0);
  });
});

/** Linux 6.18.44: packages/conformance/choices/killed.strace. */
describe("a signal that kills the caller between two ranges", () => {
  const young = (task: Task): readonly boolean[] =>
    RANGES.map(({ base }) => pageState(task.space, base / PAGE) === "used");
  /** A caller that shares its memory with who outlives it. */
  const pair = (release: string, n: number): readonly [Task, Task] => {
    const target = written(release, signal("signal/fatal", n));
    const flags = CLONE.CLONE_VM | SIG.SIGCHLD;
    const child = must(call(target, "clone", flags, 0, 0, 0, 0));
    return [target.machine.processes.find(child)!.thread!.payload, target];
  };

  test.each([
    [1, [true, true, true]],
    [2, [false, true, true]],
    [3, [false, false, true]],
    [4, [false, false, false]],
  ])("COLD stops before range %i", (n, used) => {
    const [caller, target] = pair("6.18", n);
    adviseAll(caller, target.pid.number, MADV.MADV_COLD);
    expect(young(target)).toEqual(used);
  });

  test("is never told: the caller ends by it, and nobody else", () => {
    const [caller, target] = pair("6.18", 2);
    const { group } = caller.thread;
    expect(neverReturns(adviseAll(caller, target.pid.number, MADV.MADV_COLD))).toBe(true);
    expect([group.state, target.thread.group.state]).toEqual(["zombie", "alive"]);
    expect(call(target, "wait4", caller.pid.number, 0, 0, 0)).toMatchObject({ ok: true });
  });

  test("does not stop what drops pages, which waits for nobody", () => {
    const [caller, target] = pair("6.18", 2);
    adviseAll(caller, target.pid.number, MADV.MADV_DONTNEED);
    expect(young(target)).toEqual([false, false, false]);
  });

  test("MADV_POPULATE_WRITE brings in no further page", () => {
    const [caller, target] = pair("6.18", 3);
    must(call(target, "madvise", HEAP, 3 * PAGE, MADV.MADV_DONTNEED));
    adviseAll(caller, target.pid.number, MADV.MADV_POPULATE_WRITE);
    expect(young(target)).toEqual([true, true, false]);
  });

  test.each([
    ["6.14", 1, 0],
    ["6.14", 2, 1],
    ["6.15", 1, 0],
    ["6.15", 2, 3],
  ])("on %s, before range %i, %i areas are advised: 6.15 keeps its lock", (release, n, areas) => {
    const [caller, target] = pair(release, n);
    must(call(target, "mprotect", HEAP + PAGE, PAGE, 1));
    adviseAll(caller, target.pid.number, MADV.MADV_DONTFORK);
    expect(target.space.smaps().match(/VmFlags:.* dc/g) ?? []).toHaveLength(areas);
  });
});

test("on a quiet machine no signal comes", () => {
  const caller = new TestMachine({ release: "6.18" }).spawn();
  must(call(caller, "mmap", HEAP, 3 * PAGE, 3, 0x32, -1, 0));
  must(call(caller, "madvise", HEAP, 3 * PAGE, MADV.MADV_MERGEABLE));
  must(caller.space.write(HEAP / PAGE, new Uint8Array(PAGE).fill(1)));
  expect(said(adviseAll(caller, caller.pid.number, MADV.MADV_UNMERGEABLE))).toBe(3 * PAGE);
});
