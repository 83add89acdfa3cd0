import { Inode, OpenFile } from "@kadvise/files";
import { must, O, POLL, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { exitProcess } from "../process/exit.ts";
import type { Task } from "../task.ts";
import { call, call32, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM, POLLHUP, POLLNVAL } = POLL;

/** Polls descriptors with what they are asked; returns the count and what each was told. */
function poll(task: Task, asked: readonly (readonly [number, number])[], timeout = 0) {
  const bytes = new Uint8Array(asked.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, [fd, events]] of asked.entries()) {
    view.setInt32(i * 8, fd, true);
    view.setUint16(i * 8 + 4, events, true);
    view.setUint16(i * 8 + 6, 0x5555, true);
  }
  must(task.space.write(HEAP / PAGE, bytes));
  const answer = said(call(task, "poll", HEAP, asked.length, timeout));
  const told = must(task.space.read(HEAP / PAGE, bytes.length));
  const shown = new DataView(told.buffer, told.byteOffset);
  return { answer, told: asked.map((_, i) => shown.getUint16(i * 8 + 6, true)) };
}

function child(task: Task): { readonly child: Task; readonly pidfd: number } {
  const number = must(call(task, "clone", SIG.SIGCHLD, 0, 0, 0, 0));
  const made = task.machine.processes.find(number)!.thread!.payload;
  return { child: made, pidfd: must(call(task, "pidfd_open", number, 0)) };
}

describe("poll", () => {
  test("tells of a pidfd what was asked for, and of a hang-up always", () => {
    const task = taskWithPages(1);
    const { child: made, pidfd } = child(task);
    const asked = [
      [pidfd, POLLIN],
      [pidfd, 0],
      [pidfd, POLLRDNORM | POLLOUT],
    ] as const;
    expect(poll(task, asked)).toEqual({ answer: 0, told: [0, 0, 0] });
    exitProcess(made, { code: 0, signal: 0, coreDumped: false });
    expect(poll(task, asked)).toEqual({ answer: 2, told: [POLLIN, 0, POLLRDNORM] });
    call(task, "wait4", -1, 0, 0, 0);
    const gone = [POLLIN | POLLHUP, POLLHUP, POLLRDNORM | POLLHUP];
    expect(poll(task, asked)).toEqual({ answer: 3, told: gone });
  });

  test("passes negative descriptors over, and tells of closed ones and of O_PATH", () => {
    const task = taskWithPages(1);
    const file = new OpenFile(new Inode(), { flags: O.O_PATH, path: "/etc" });
    const path = must(task.files.open(file, false, 1024));
    const asked = [-1, -10_000, 77, path].map((fd) => [fd, POLLIN] as const);
    expect(poll(task, asked)).toEqual({ answer: 2, told: [0, 0, POLLNVAL, POLLNVAL] });
  });

  test("other files can always be read and written", () => {
    const all = 0xffff;
    const told = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
    expect(poll(taskWithPages(1), [[0, all]])).toEqual({ answer: 1, told: [told] });
  });

  test("sleeps where nothing is ready and no time was given, and gives up at its end", () => {
    const task = taskWithPages(1);
    const { pidfd } = child(task);
    expect(poll(task, [[pidfd, POLLIN]], -1).answer).toBe(
      "ERESTART_RESTARTBLOCK syscall/interrupted-with-rest",
    );
    expect(poll(task, [[pidfd, POLLIN]], 50).answer).toBe(0);
    expect(poll(task, [[77, POLLIN]], -1).answer).toBe(1);
  });

  test("asks for the limit, then reads, then writes", () => {
    const task = taskWithPages(2);
    call(task, "mprotect", HEAP + PAGE, PAGE, 1);
    expect(said(call(task, "poll", 8, 1025, 0))).toBe("EINVAL poll/too-many");
    expect(said(call(task, "poll", 8, 1024, 0))).toBe("EFAULT syscall/fault");
    expect(said(call(task, "poll", HEAP + PAGE, 1, 0))).toBe("EFAULT syscall/fault");
    expect(said(call(task, "poll", 8, 2 ** 32, 0))).toBe(0);
  });

  test("is the same by the 32-bit gate", () => {
    const task = taskWithPages(1);
    must(task.space.write(HEAP / PAGE, Uint8Array.of(77, 0, 0, 0, 1, 0, 0, 0)));
    expect(said(call32(task, "poll", HEAP, 1, 0))).toBe(1);
  });
});
