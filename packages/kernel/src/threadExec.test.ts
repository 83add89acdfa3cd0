import { CLONE, must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { PAGE, PROFILES, scene } from "./testing/scene.ts";

/** Linux: fs/exec.c de_thread. Sheet, cases D26. */
test.each(PROFILES)("a thread that executes becomes the process, number and all, on %s", (name) => {
  const { kernel, manager, app, other } = scene(name);
  const thread = must(app.clone(CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD));
  expect(kernel.pids).toEqual([manager.pid, app.pid, thread.pid]);
  must(thread.exec());
  expect(kernel.pids).toEqual([manager.pid, app.pid]);
  const ids = ["getpid", "gettid"].map((call) => must(app.call(call).outcome));
  expect(ids).toEqual([app.pid, app.pid]);
  expect(must(app.setresuid(-1, -1, -1))).toBe(0);
  // The pidfd that named the process names it still.
  const base = must(app.mmap({ length: PAGE }));
  expect(must(manager.processMadvise(other, [{ base, length: PAGE }], "MADV_COLD"))).toBe(PAGE);
  const child = must(app.fork());
  expect(must(child.call("getppid").outcome)).toBe(app.pid);
});
