import { beforeEach, describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import type { PtraceMode } from "../policy.ts";
import type { Subject } from "../subject.ts";
import { said, task } from "../testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "../userNamespace.ts";
import { commoncap } from "./commoncap.ts";
import { typeEnforcement } from "./typeEnforcement.ts";

const RULES = `
  # the compaction service
  allow manager_t app_t:file read;
  allow manager_t app_t:process { ptrace signal };
  allow manager_t self:capability { sys_nice
                                    sys_ptrace };
  allow reader_t app_t:file { read getattr };
  allow shell_t shell_t:process ptrace;
`;

function typed(type: string): Subject {
  return task({ uid: 0 }, { labels: { type } });
}

let access: AccessControl;
beforeEach(() => {
  access = new AccessControl({ policies: [commoncap(), typeEnforcement(RULES)] });
});
const reach = (caller: Subject, target: Subject, mode: PtraceMode): string =>
  said(access.ptraceAccess({ caller, target, mode }));

describe("type enforcement", () => {
  test.each<[string, string, string, string]>([
    ["manager_t", "app_t", "ok", "ok"],
    ["reader_t", "app_t", "ok", "EACCES type_enforcement/ptrace-denied"],
    [
      "app_t",
      "manager_t",
      "EACCES type_enforcement/ptrace-denied",
      "EACCES type_enforcement/ptrace-denied",
    ],
    ["shell_t", "shell_t", "EACCES type_enforcement/ptrace-denied", "ok"],
  ])(
    "%s on %s: reading is file read (%s), attaching is process ptrace (%s)",
    (a, b, read, attach) => {
      expect(reach(typed(a), typed(b), "PTRACE_MODE_READ_FSCREDS")).toBe(read);
      expect(reach(typed(a), typed(b), "PTRACE_MODE_ATTACH_REALCREDS")).toBe(attach);
    },
  );

  test("knows a task without a label by its default type", () => {
    const open = typeEnforcement("allow unlabeled_t unlabeled_t:file read;");
    const own = typeEnforcement("allow kernel_t kernel_t:file read;", { defaultType: "kernel_t" });
    for (const policy of [open, own]) {
      const machine = new AccessControl({ policies: [policy] });
      const question = {
        caller: task({ uid: 1 }),
        target: task({ uid: 1 }),
        mode: "PTRACE_MODE_READ_FSCREDS",
      } as const;
      expect(machine.ptraceAccess(question).ok).toBe(true);
    }
  });

  test("asks process ptrace of the parent for TRACEME", () => {
    expect(said(access.ptraceTraceme({ parent: typed("manager_t"), child: typed("app_t") }))).toBe(
      "ok",
    );
    expect(said(access.ptraceTraceme({ parent: typed("reader_t"), child: typed("app_t") }))).toBe(
      "EACCES type_enforcement/ptrace-denied",
    );
  });

  test("gates capabilities by the task's own type", () => {
    expect(said(access.capable(typed("manager_t"), "CAP_SYS_NICE"))).toBe("ok");
    expect(said(access.capable(typed("manager_t"), "CAP_KILL"))).toBe(
      "EACCES type_enforcement/capability-denied",
    );
    expect(said(access.capable(typed("reader_t"), "CAP_SYS_NICE"))).toBe(
      "EACCES type_enforcement/capability-denied",
    );
  });

  test("takes several permissions in braces, however they are spaced, and one without", () => {
    const rules = `allow a_t self:capability {kill  setuid
      chown }; allow a_t self:capability2 { bpf }; allow a_t self:capability fowner;`;
    const machine = new AccessControl({ policies: [typeEnforcement(rules)] });
    const may = (capability: Parameters<AccessControl["capable"]>[1]): boolean =>
      machine.capable(typed("a_t"), capability).ok;
    expect(
      (["CAP_KILL", "CAP_SETUID", "CAP_CHOWN", "CAP_BPF", "CAP_FOWNER"] as const).map(may),
    ).toEqual([true, true, true, true, true]);
    expect([may("CAP_SETGID"), may("CAP_PERFMON")]).toEqual([false, false]);
  });

  test("cannot give a capability that the task has not", () => {
    const poor = task({ uid: 1000 }, { labels: { type: "manager_t" } });
    expect(said(access.capable(poor, "CAP_SYS_NICE"))).toBe("EPERM commoncap/capability-missing");
  });

  test("has classes of their own for capabilities below the initial namespace", () => {
    const inner = new UserNamespace({ parent: initialUserNamespace, owner: 0, group: 0 });
    const rules = "allow a_t self:cap_userns sys_nice; allow a_t self:capability2 perfmon;";
    const machine = new AccessControl({ policies: [commoncap(), typeEnforcement(rules)] });
    expect(machine.capable(typed("a_t"), "CAP_SYS_NICE", inner).ok).toBe(true);
    expect(machine.capable(typed("a_t"), "CAP_SYS_NICE").ok).toBe(false);
    expect(machine.capable(typed("a_t"), "CAP_PERFMON").ok).toBe(true);
    expect(machine.capable(typed("a_t"), "CAP_PERFMON", inner).ok).toBe(false);
  });

  test("tells the two types and the permission", () => {
    const question = {
      caller: typed("x_t"),
      target: typed("y_t"),
      mode: "PTRACE_MODE_READ_FSCREDS",
    } as const;
    const answer = access.ptraceAccess(question);
    expect(answer.ok || answer.reason.compared).toEqual({
      source: "x_t",
      target: "y_t",
      permission: "file read",
    });
  });

  test.each([
    "allow a_t b_t file read",
    "permit a_t b_t:file read",
    "disallow a_t b_t:file read",
    "allow a_t b_t:file read write",
    "allow a_t b_t:file { read } write",
    "allow a_t:file read",
    "allow a_t b_t:file",
  ])("does not read %o", (rule) => {
    expect(() => typeEnforcement(rule)).toThrow(/cannot read .*write "allow a_t b_t:class perm;"/);
  });
});
