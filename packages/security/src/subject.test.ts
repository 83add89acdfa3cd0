import { expect, test } from "vitest";
import { credentials } from "./credentials.ts";
import { ExecState } from "./execState.ts";
import { subject } from "./subject.ts";

const root = credentials({ uid: 0 });

test.each([0, 1, 4_194_304])("a task may have the number %i; 0 is the idle task's", (pid) => {
  expect(subject({ pid, credentials: root }).pid).toBe(pid);
});

test.each([-1, 0.5, Number.NaN, Infinity])("no task has the number %d", (pid) => {
  expect(() => subject({ pid, credentials: root })).toThrow(
    new RangeError(`pid must be a whole number, not ${String(pid)}`),
  );
});

test("a task has memory, unless it is the kernel's own or has given it up", () => {
  const of = (options: object): unknown[] => {
    const { hasMemory, hasExited } = subject({ pid: 5, credentials: root, ...options });
    return [hasMemory, hasExited];
  };
  expect(of({})).toEqual([true, false]);
  expect(of({ isKernelThread: true })).toEqual([false, false]);
  expect(of({ hasMemory: false })).toEqual([false, true]);
});

// Linux: kernel/exit.c exit_mm, 7.0.13
test.each([
  [1, true],
  [0, false],
  [2, false],
  ["unknown", "unknown"],
] as const)("who gave its memory up at dumpable state %s was dumpable: %s", (dumpable, was) => {
  const exec = new ExecState(dumpable);
  const gone = subject({ pid: 5, credentials: root, hasMemory: false, exec });
  expect(gone.wasDumpable).toBe(was);
  expect(subject({ pid: 5, credentials: root, exec }).wasDumpable).toBe(false);
});

test("a tracer's credentials are kept as they were when it attached", () => {
  const tracer = subject({ pid: 5, credentials: root });
  const traced = subject({ pid: 6, credentials: root, tracer });
  tracer.credentials = credentials({ uid: 7 });
  expect(traced.tracerCredentials).toBe(root);
});
