import { CLONE, must, PR, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, TestMachine } from "../testing/machine.ts";

const SHARED = CLONE.CLONE_VM | SIG.SIGCHLD;

function child(parent: Task, flags: number): Task {
  const number = must(call(parent, "clone", flags, 0, 0, 0, 0));
  return parent.machine.processes.find(number, parent.pid.namespace)!.thread!.payload;
}

/** A process whose memory another one has too, a copy of which a third has. */
function three(release: string) {
  const top = new TestMachine({ release }).spawn();
  const middle = child(top, SIG.SIGCHLD);
  return { top, middle, sharing: child(middle, SHARED), copy: child(middle, SIG.SIGCHLD) };
}

/** What became of each when the one that shares gets a signal. */
function fate(release: string, signal: number, dumpable = 1): readonly string[] {
  const { top, middle, sharing, copy } = three(release);
  call(middle, "prctl", PR.PR_SET_DUMPABLE, dumpable, 0, 0, 0);
  call(top, "kill", sharing.pid.number, signal);
  return [top, middle, copy].map(({ thread: { group } }) =>
    group.state === "alive" ? "alive" : `signal ${group.exitStatus?.signal}`,
  );
}

const NOBODY = ["alive", "alive", "alive"];

describe("a fatal signal up to 5.15", () => {
  const dumping = ["QUIT", "ILL", "TRAP", "ABRT", "FPE", "SEGV", "BUS", "SYS", "XCPU", "XFSZ"];
  test.each(dumping)("SIG%s ends who shares the memory, by the same signal", (name) => {
    const signal = SIG[`SIG${name}` as keyof typeof SIG];
    expect(fate("5.15", signal)).toEqual(["alive", `signal ${signal}`, "alive"]);
    expect(fate("5.16", signal)).toEqual(NOBODY);
  });

  test.each([SIG.SIGTERM, SIG.SIGKILL, SIG.SIGHUP, 34])(
    "%i dumps no core: nobody else",
    (signal) => {
      expect(fate("5.10", signal)).toEqual(NOBODY);
    },
  );

  test("ends nobody else where the process is not dumpable: there is no dump", () => {
    expect(fate("5.10", SIG.SIGQUIT, 0)).toEqual(NOBODY);
  });

  test("takes all along who share, threads of others included", () => {
    const { top, middle, sharing } = three("5.10");
    const thread = child(middle, CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD);
    const second = child(sharing, SHARED);
    const groups = [middle, sharing, second].map((task) => task.thread.group);
    const { thread: last } = thread;
    call(top, "kill", second.pid.number, SIG.SIGABRT);
    for (const { state } of groups) expect(state).not.toBe("alive");
    expect(last.alive).toBe(false);
  });

  test("as a child's exit signal does the same to who shares with the parent", () => {
    const { top, middle, sharing } = three("5.10");
    const last = child(sharing, SIG.SIGQUIT);
    call(last, "exit_group", 0);
    expect(middle.thread.group.exitStatus?.signal).toBe(SIG.SIGQUIT);
    expect(top.thread.group.state).toBe("alive");
  });
});
