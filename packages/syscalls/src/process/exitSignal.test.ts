import { CLONE, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";

function child(parent: Task, flags: number): Task {
  const number = must(call(parent, "clone", flags, 0, 0, 0, 0));
  return parent.machine.processes.find(number, parent.pid.namespace)!.thread!.payload;
}

/** A grandparent, a parent, and a child whose end sends the parent a signal. */
function family(exitSignal: number) {
  const top = new TestMachine().spawn();
  const parent = child(top, SIG.SIGCHLD);
  return { top, parent, last: child(parent, exitSignal) };
}

describe("the exit signal of a child", () => {
  test.each([SIG.SIGUSR1, SIG.SIGKILL, 34])(
    "%i ends the parent, and is what ended it",
    (signal) => {
      const { top, parent, last } = family(signal);
      const { group } = parent.thread;
      call(last, "exit_group", 0);
      expect([group.state, group.exitStatus]).toEqual([
        "zombie",
        { code: 0, signal, coreDumped: false },
      ]);
      expect(said(call(top, "wait4", -1, 0, 0, 0))).toBe(group.pid.number);
    },
  );

  test.each([0, SIG.SIGCHLD, SIG.SIGURG, 99])("%i leaves it alone", (signal) => {
    const { parent, last } = family(signal);
    call(last, "exit_group", 0);
    expect(parent.thread.group.state).toBe("alive");
  });

  test("is sent once, by the last thread", () => {
    const { parent, last } = family(SIG.SIGUSR1);
    const thread = child(last, CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD);
    const { group } = parent.thread;
    call(last, "exit", 0);
    expect(group.state).toBe("alive");
    call(thread, "exit", 0);
    expect(group.state).toBe("zombie");
  });

  test("goes up as far as it ends somebody", () => {
    const top = new TestMachine().spawn();
    const upper = child(top, SIG.SIGUSR2);
    const parent = child(upper, SIG.SIGUSR1);
    const [above, group] = [top.thread.group, upper.thread.group];
    const last = child(parent, SIG.SIGUSR1);
    call(last, "exit_group", 0);
    expect([group.exitStatus?.signal, above.state]).toEqual([SIG.SIGUSR1, "reaped"]);
  });

  test("is SIGCHLD once the child has executed a program, or was handed on", () => {
    const executed = family(SIG.SIGUSR1);
    call(executed.last, "execve", 0, 0, 0);
    call(executed.last, "exit_group", 0);
    expect(executed.parent.thread.group.state).toBe("alive");
    const orphaned = family(SIG.SIGUSR1);
    orphaned.top.thread.group.isSubreaper = true;
    call(orphaned.parent, "exit_group", 0);
    call(orphaned.last, "exit_group", 0);
    expect(orphaned.top.thread.group.state).toBe("alive");
  });

  test("does nothing to the first process of a pid namespace", () => {
    const init = child(new TestMachine().spawn(), CLONE.CLONE_NEWPID | SIG.SIGCHLD);
    call(child(init, SIG.SIGUSR1), "exit_group", 0);
    expect(init.thread.group.state).toBe("alive");
  });
});
