import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { ExecState } from "./execState.ts";
import { commoncap } from "./policies/commoncap.ts";
import { yama } from "./policies/yama.ts";
import { smallestChanges, type RefusedAction } from "./smallestChanges.ts";
import { subject } from "./subject.ts";
import { credentials } from "./credentials.ts";
import { task } from "./testing/tasks.ts";

const access = new AccessControl();

function ids(action: Partial<RefusedAction> & Pick<RefusedAction, "caller" | "target">): string[] {
  const { caller, target } = action;
  const question = { caller, target, mode: "PTRACE_MODE_READ_FSCREDS" } as const;
  const found = smallestChanges({
    access,
    usesFsIds: true,
    isAllowed: () => (action.access ?? access).ptraceAccess(question).ok,
    ...action,
  });
  return found.map((set) => set.map(({ id }) => id).join(" + "));
}

describe("the smallest changes of an action", () => {
  test("may be several capabilities, each by its name", () => {
    const caller = task({ uid: 1 });
    const isAllowed = (): boolean =>
      access.capable(caller, "CAP_SYS_NICE").ok && access.capable(caller, "CAP_KILL").ok;
    const capabilities = ["CAP_KILL", "CAP_SYS_NICE", "CAP_SYS_PTRACE"] as const;
    expect(ids({ caller, target: task({ uid: 1 }), capabilities, isAllowed })).toEqual([
      "caller/cap-kill + caller/cap-sys-nice",
    ]);
  });

  test("are the fs ids or the real ones, as the action takes them", () => {
    const caller = task({ uid: 5 });
    const target = task({ uid: 7 });
    const seen: number[][] = [];
    for (const usesFsIds of [true, false]) {
      const isAllowed = (): boolean => {
        const { uid, fsuid } = caller.credentials;
        if (uid === 7 || fsuid === 7) seen.push([uid, fsuid]);
        return uid === 7 || fsuid === 7;
      };
      expect(ids({ caller, target, usesFsIds, isAllowed })).toEqual(["caller/ids"]);
    }
    expect([seen[0], seen.at(-1)]).toEqual([
      [5, 7],
      [7, 5],
    ]);
  });

  test("want no set of capabilities where one of them does", () => {
    const caller = task({ uid: 1 });
    const target = task({ uid: 1, permitted: ["CAP_KILL", "CAP_SYS_PTRACE"] });
    expect(ids({ caller, target })).toEqual(["caller/cap-sys-ptrace", "target/capabilities"]);
    const other = task({ uid: 1, permitted: ["CAP_KILL", "CAP_CHOWN"] });
    expect(ids({ caller, target: other })).toEqual([
      "caller/cap-sys-ptrace",
      "caller/capabilities",
      "target/capabilities",
    ]);
  });

  test("never leave commoncap out, nor change a kernel thread", () => {
    const thread = subject({ pid: 2, credentials: credentials({ uid: 0 }), isKernelThread: true });
    const found = ids({ caller: task({ uid: 1 }), target: thread });
    expect(found).toEqual(["caller/cap-sys-ptrace"]);
    const machine = new AccessControl({ policies: [commoncap(), yama({ scope: 3 })] });
    const [caller, target] = [task({ uid: 1 }), task({ uid: 1 })];
    const question = { caller, target, mode: "PTRACE_MODE_ATTACH_REALCREDS" } as const;
    const isAllowed = (): boolean => machine.ptraceAccess(question).ok;
    expect(ids({ access: machine, caller, target, isAllowed })).toEqual(["policy/yama"]);
  });

  test("may be the asker's own: it is told all that was chosen", () => {
    const caller = task({ uid: 1 });
    const target = task({ uid: 1 }, { exec: new ExecState(0) });
    const isAllowed = (chosen: ReadonlySet<string>): boolean =>
      chosen.has("advice") && target.exec.dumpable === 1;
    const further = [
      { id: "advice", text: "the advice is another" },
      { id: "pidfd", text: "the pidfd is another" },
    ];
    expect(ids({ caller, target, further, isAllowed })).toEqual(["target/dumpable + advice"]);
  });

  test("leave everything as it was", () => {
    const machine = new AccessControl({ policies: [commoncap(), yama({ scope: 1 })] });
    const caller = task({ uid: 1 });
    const target = task({ uid: 2, permitted: ["CAP_KILL"] }, { exec: new ExecState(0) });
    const before = [caller.credentials, target.credentials, target.exec, target.wasDumpable];
    const { policies } = machine;
    ids({ access: machine, caller, target });
    expect([caller.credentials, target.credentials, target.exec, target.wasDumpable]).toEqual(
      before,
    );
    expect(caller.credentials).toBe(before[0]);
    expect(machine.policies).toBe(policies);
  });
});
