import { IPC, IPC_64, IPC_CALL, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said, TestMachine } from "../testing/machine.ts";
import { PAGE } from "../testing/pages.ts";

const A = 0x2000_0000;
const BUFFER = 0x2100_0000;
const { IPC_INFO, SHM_INFO, SHM_STAT, SHM_STAT_ANY } = IPC;

function process(): Task {
  const task = new TestMachine().spawn();
  must(call(task, "mmap", BUFFER, PAGE, 3, 0x32, -1, 0));
  return task;
}
const make = (task: Task, bytes: number, mode = 0o600): number =>
  must(call(task, "shmget", 0, bytes, mode));
const control = (task: Task, id: number, command: number, at = BUFFER): number | string =>
  said(call(task, "shmctl", id, command, at));
function words(task: Task, count: number, width: 4 | 8 = 8): readonly string[] {
  const { buffer } = must(task.space.read(BUFFER / PAGE, count * width, 0));
  const view = new DataView(buffer);
  return Array.from({ length: count }, (_, i) =>
    String(width === 8 ? view.getBigUint64(i * width, true) : view.getUint32(i * width, true)),
  );
}

// packages/conformance/facts/shm-of-all.scenario has what twelve kernels answered.
describe("the highest place", () => {
  test.each([IPC_INFO, SHM_INFO])("is what command %i answers, 0 where none is", (command) => {
    const task = process();
    expect(control(task, 0, command)).toBe(0);
    const ids = [make(task, 1), make(task, 1), make(task, 1)];
    expect(control(task, 4711, command)).toBe(2);
    must(call(task, "shmctl", ids[2], IPC.IPC_RMID, 0));
    expect(control(task, 0, command)).toBe(1);
    expect(control(task, -1, command)).toBe("EINVAL shmctl/negative");
    expect(control(task, 0, command, 8)).toBe("EFAULT syscall/fault");
  });

  test("is no number: places go round", () => {
    const task = process();
    make(task, 1);
    for (let i = 1; i < 64; i++) must(call(task, "shmctl", make(task, 1), IPC.IPC_RMID, 0));
    expect([make(task, 1), control(task, 0, SHM_INFO)]).toEqual([32_769, 1]);
    expect([control(task, 1, SHM_STAT), control(task, 0, SHM_STAT)]).toEqual([32_769, 0]);
  });
});

describe("what all segments come to", () => {
  test("is how many, their pages, and those that are in memory", () => {
    const task = process();
    make(task, 5000);
    const id = make(task, 3 * PAGE);
    must(call(task, "shmat", id, A, 0));
    must(task.space.touch(A / PAGE + 1, "write", task.actor));
    must(call(task, "shmctl", id, IPC.IPC_RMID, 0));
    control(task, 0, SHM_INFO);
    expect(words(task, 6)).toEqual(["2", "5", "1", "0", "0", "0"]);
    must(call(task, "shmdt", A));
    control(task, 0, SHM_INFO);
    expect(words(task, 6)).toEqual(["1", "2", "0", "0", "0", "0"]);
  });

  test("may be as the kernel begins, and for 32 bits as much of that as fits", () => {
    const task = process();
    const most = "18446744073692774399";
    control(task, 0, IPC_INFO);
    expect(words(task, 5)).toEqual([most, "1", "4096", "4096", most]);
    must(call32(task, "shmctl", 0, IPC_INFO, BUFFER));
    expect(words(task, 5, 4)).toEqual(["2147483647", "1", "4096", "4096", "4278190079"]);
  });
});

describe("a segment by its place", () => {
  test("answers its number and tells as IPC_STAT does", () => {
    const task = process();
    const id = [make(task, 4096), make(task, 8192, 0o640)][1];
    must(call(task, "shmctl", id, IPC.IPC_STAT, BUFFER));
    const told = words(task, 14);
    expect(control(task, id + 32_768, SHM_STAT)).toBe(id);
    expect(words(task, 14)).toEqual(told);
  });

  test.each([
    ["none there, before a bad pointer", 1, SHM_STAT, 8, "EINVAL shm/no-segment"],
    ["none there, for anybody", 1, SHM_STAT_ANY, BUFFER, "EINVAL shm/no-segment"],
    ["a bad pointer", 0, SHM_STAT, 8, "EFAULT syscall/fault"],
    ["a bad pointer of anybody", 0, SHM_STAT_ANY, 8, "EFAULT syscall/fault"],
  ])("is refused where there is %s", (_, place, command, at, answer) => {
    const task = process();
    make(task, 1);
    expect(control(task, place, command, at)).toBe(answer);
  });

  test("asks for its mode, but not for any", () => {
    const task = process();
    make(task, 4096, 0);
    must(call(task, "setresuid", 1000, 1000, 1000));
    expect(control(task, 0, SHM_STAT)).toBe("EACCES shm/denied");
    expect(control(task, 0, SHM_STAT_ANY)).toBe(0);
  });
});

test("i386's ipc asks so too, in the newer structures", () => {
  const task = process();
  make(task, 4096);
  const ask = (command: number): number | string =>
    said(call32(task, "ipc", IPC_CALL.SHMCTL, 0, command, 0, BUFFER, 0));
  expect(ask(SHM_INFO | IPC_64)).toBe(0);
  expect(words(task, 2, 4)).toEqual(["1", "1"]);
  expect(ask(SHM_INFO)).toBe("EINVAL shmctl/not-modelled");
});
