import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { ExecState } from "./execState.ts";
import { exitSubject } from "./lifecycle.ts";
import { commoncap } from "./policies/commoncap.ts";
import { yama } from "./policies/yama.ts";
import type { Policy, PtraceMode } from "./policy.ts";
import { task } from "./testing/tasks.ts";
import { smallestTurns } from "./turns.ts";
import { UserNamespace, initialUserNamespace } from "./userNamespace.ts";

const read: PtraceMode = "PTRACE_MODE_READ_FSCREDS";
const attach: PtraceMode = "PTRACE_MODE_ATTACH_REALCREDS";

function turns(
  access: AccessControl,
  caller: ReturnType<typeof task>,
  target: ReturnType<typeof task>,
  mode = read,
): string[] {
  return smallestTurns(access, { caller, target, mode }).map((set) =>
    set.map(({ id }) => id).join(" + "),
  );
}

describe("the smallest changes that turn a refusal", () => {
  const access = new AccessControl();

  test("of differing ids are those ids, or CAP_SYS_PTRACE", () => {
    expect(turns(access, task({ uid: 1 }), task({ uid: 2 }))).toEqual([
      "caller/ids",
      "caller/cap-sys-ptrace",
    ]);
  });

  test("are about the ids that the mode takes", () => {
    const text = (mode: PtraceMode): string =>
      smallestTurns(access, { caller: task({ uid: 1 }), target: task({ uid: 2 }), mode })[0][0]
        .text;
    expect(text(read)).toBe("the caller's fsuid is 2 and its fsgid 2");
    expect(text(attach)).toBe("the caller's uid is 2 and its gid 2");
  });

  test("of a closed target are its dumpable state, or CAP_SYS_PTRACE", () => {
    const target = task({ uid: 1 }, { exec: new ExecState(0) });
    expect(turns(access, task({ uid: 1 }), target)).toEqual([
      "caller/cap-sys-ptrace",
      "target/dumpable",
    ]);
  });

  test("of permitted capabilities are having them, or their being given up", () => {
    const target = task({ uid: 1, permitted: ["CAP_KILL"] });
    const found = smallestTurns(access, { caller: task({ uid: 1 }), target, mode: read });
    expect(found.map((set) => set.map(({ text }) => text))).toEqual([
      ["the caller has CAP_SYS_PTRACE, effective and permitted"],
      ["the caller has what the target is permitted: CAP_KILL"],
      ["the target gives up what the caller has not: CAP_KILL"],
    ]);
  });

  test("may be two at once, and none of two that one of them does alone", () => {
    const target = task({ uid: 2, permitted: ["CAP_KILL"] }, { exec: new ExecState(0) });
    const found = turns(access, task({ uid: 1 }), target);
    expect(found).toContain("caller/cap-sys-ptrace");
    expect(found).toContain("caller/ids + caller/capabilities + target/dumpable");
    expect(found).toContain("caller/ids + target/dumpable + target/capabilities");
    expect(found.filter((set) => set.includes("caller/cap-sys-ptrace"))).toEqual([
      "caller/cap-sys-ptrace",
    ]);
  });

  test("may be a policy that leaves the stack", () => {
    const machine = new AccessControl({ policies: [commoncap(), yama({ scope: 3 })] });
    expect(turns(machine, task({ uid: 1 }), task({ uid: 1 }), attach)).toEqual(["policy/yama"]);
  });

  test("may be the caller's user namespace", () => {
    const inner = new UserNamespace({ parent: initialUserNamespace, owner: 9, group: 9 });
    const caller = task({ uid: 1, userNamespace: inner });
    expect(turns(access, caller, task({ uid: 1 }))).toContain("caller/user-namespace");
  });

  test("of a dead target are about what it was", () => {
    const machine = new AccessControl({ features: { deadTaskDumpable: "saved-bit" } });
    const zombie = task({ uid: 1 }, { exec: new ExecState(0) });
    exitSubject(machine, zombie);
    expect(turns(machine, task({ uid: 1 }), zombie)).toContain("target/dumpable");
  });

  test("are none where the answer is yes, and none where nothing helps", () => {
    expect(turns(access, task({ uid: 1 }), task({ uid: 1 }))).toEqual([]);
    const no = (name: string): Policy => ({
      name,
      ptraceAccess: () => ({ code: "EPERM", id: `${name}/no`, text: "no" }),
    });
    const machine = new AccessControl({ policies: [no("a"), no("b"), no("c"), no("d")] });
    expect(turns(machine, task({ uid: 1 }), task({ uid: 1 }))).toEqual([]);
  });

  test("are found on copies: the tasks, the policies and the count of checks stay", () => {
    const policy = yama({ scope: 1 });
    const machine = new AccessControl({ policies: [commoncap(), policy] });
    const caller = task({ uid: 1 });
    const target = task({ uid: 2 });
    const before = [caller.credentials, target.credentials, target.exec.dumpable];
    turns(machine, caller, target, attach);
    expect([caller.credentials, target.credentials, target.exec.dumpable]).toEqual(before);
    expect([machine.accessChecks, machine.policies.length]).toEqual([0, 2]);
  });

  test("keep a kinship that a policy asks for", () => {
    const machine = new AccessControl({ policies: [commoncap(), yama({ scope: 1 })] });
    const caller = task({ uid: 1 });
    const child = task({ uid: 1 }, { parent: caller, exec: new ExecState(0) });
    expect(turns(machine, caller, child, attach)).toContain("target/dumpable");
  });
});
