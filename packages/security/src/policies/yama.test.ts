import { PR } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { prctl } from "../calls/prctl.ts";
import { ptraceAttach } from "../calls/ptraceAttach.ts";
import { forkSubject, releaseSubject } from "../lifecycle.ts";
import type { PtraceMode } from "../policy.ts";
import type { Subject } from "../subject.ts";
import { ladder, said, task } from "../testing/tasks.ts";
import { commoncap } from "./commoncap.ts";
import { yama, type YamaPolicy, type YamaScope } from "./yama.ts";

const ATTACH: PtraceMode = "PTRACE_MODE_ATTACH_REALCREDS";
const user = { uid: 1000 };

function machine(scope: YamaScope): { access: AccessControl; policy: YamaPolicy } {
  const policy = yama({ scope });
  return { access: new AccessControl({ policies: [commoncap(), policy] }), policy };
}

function setPtracer(
  access: AccessControl,
  by: Subject,
  value: number | bigint,
  named?: Subject,
): string {
  const findTask = (pid: number): Subject | undefined => (pid === named?.pid ? named : undefined);
  return said(prctl(access, by, { option: PR.PR_SET_PTRACER, args: [value], findTask }));
}

describe("Yama", () => {
  const capable = { uid: 1000, capabilities: ["CAP_SYS_PTRACE"] } as const;

  test.each<[YamaScope, string, string, string]>([
    [0, "ok", "ok", "ok"],
    [1, "EPERM yama/restricted", "ok", "ok"],
    [2, "EPERM yama/admin-only", "EPERM yama/admin-only", "ok"],
    [3, "EPERM yama/no-attach", "EPERM yama/no-attach", "EPERM yama/no-attach"],
  ])(
    "at scope %i: a stranger %s, a parent %s, CAP_SYS_PTRACE %s",
    (scope, stranger, parent, admin) => {
      const { access } = machine(scope);
      const caller = task(user);
      expect(said(access.ptraceAccess({ caller, target: task(user), mode: ATTACH }))).toBe(
        stranger,
      );
      expect(
        said(access.ptraceAccess({ caller, target: task(user, { parent: caller }), mode: ATTACH })),
      ).toBe(parent);
      expect(
        said(access.ptraceAccess({ caller: task(capable), target: task(user), mode: ATTACH })),
      ).toBe(admin);
    },
  );

  test.each(["PTRACE_MODE_READ_FSCREDS", "PTRACE_MODE_READ_REALCREDS"] as const)(
    "has no business with %s at any scope",
    (mode) => {
      for (const scope of [0, 1, 2, 3] as const) {
        const { access } = machine(scope);
        expect(said(access.ptraceAccess({ caller: task(user), target: task(user), mode }))).toBe(
          "ok",
        );
      }
    },
  );

  test("minds PTRACE_MODE_ATTACH_FSCREDS: the proposal's process_madvise asked that", () => {
    const { access } = machine(1);
    const mode = "PTRACE_MODE_ATTACH_FSCREDS";
    expect(said(access.ptraceAccess({ caller: task(user), target: task(user), mode }))).toBe(
      "EPERM yama/restricted",
    );
  });

  test("takes a scope from 0 to 3, and 1 if none is said", () => {
    expect(yama().state().scope).toBe(1);
    expect(() => yama({ scope: 4 as YamaScope })).toThrow(RangeError);
  });

  test("comes after the rules of the access check: ids that differ are refused by them", () => {
    const { access } = machine(3);
    const question = { caller: task({ uid: 2 }), target: task(user), mode: ATTACH };
    expect(said(access.ptraceAccess(question))).toBe("EPERM ptrace_access/ids-differ");
  });

  test("tells passing and refusing by the same id", () => {
    const { access } = machine(1);
    const caller = task(user);
    const own = { caller, target: task(user, { parent: caller }), mode: ATTACH };
    expect(ladder(access, () => access.ptraceAccess(own)).at(-1)).toBe("+ yama/restricted");
    const others = { caller, target: task(user), mode: ATTACH };
    expect(ladder(access, () => access.ptraceAccess(others)).at(-1)).toBe("- yama/restricted");
  });
});

describe("Yama's ancestors at scope 1", () => {
  test("are real parents, at any distance, by any thread of theirs", () => {
    const { access } = machine(1);
    const grandparent = task(user);
    const thread = task(user, { group: grandparent.group });
    const parent = task(user, { parent: thread });
    const child = task(user, { parent });
    expect(said(access.ptraceAccess({ caller: grandparent, target: child, mode: ATTACH }))).toBe(
      "ok",
    );
    expect(said(access.ptraceAccess({ caller: thread, target: child, mode: ATTACH }))).toBe("ok");
    expect(said(access.ptraceAccess({ caller: child, target: grandparent, mode: ATTACH }))).toBe(
      "EPERM yama/restricted",
    );
  });

  test("include the process that traces the target already", () => {
    const { access } = machine(1);
    const tracer = task(user);
    const helper = task(user, { group: tracer.group });
    const target = task(user, { tracer });
    expect(said(access.ptraceAccess({ caller: helper, target, mode: ATTACH }))).toBe("ok");
    expect(said(access.ptraceAccess({ caller: task(user), target, mode: ATTACH }))).toBe(
      "EPERM yama/restricted",
    );
  });
});

describe("PR_SET_PTRACER", () => {
  test.each([-1, 0xffff_ffff, 0x1_ffff_ffffn, 0xffff_ffff_ffff_ffffn])("%s: anybody", (value) => {
    const { access } = machine(1);
    const target = task(user);
    expect(setPtracer(access, target, value)).toBe("ok");
    expect(said(access.ptraceAccess({ caller: task(user), target, mode: ATTACH }))).toBe("ok");
  });

  test("names one process and its descendants", () => {
    const { access } = machine(1);
    const target = task(user);
    const debuggerTask = task(user);
    expect(setPtracer(access, target, debuggerTask.pid, debuggerTask)).toBe("ok");
    const helper = task(user, { parent: debuggerTask });
    for (const caller of [debuggerTask, helper]) {
      expect(said(access.ptraceAccess({ caller, target, mode: ATTACH }))).toBe("ok");
    }
    const stranger = { caller: task(user), target, mode: ATTACH };
    expect(said(access.ptraceAccess(stranger))).toBe("EPERM yama/restricted");
  });

  test("holds for the whole process of the caller, is replaced by the next and deleted by 0", () => {
    const { access } = machine(1);
    const leader = task(user);
    const thread = task(user, { group: leader.group });
    const caller = task(user);
    const verdict = (): string =>
      said(access.ptraceAccess({ caller, target: leader, mode: ATTACH }));
    setPtracer(access, thread, -1);
    expect(verdict()).toBe("ok");
    const other = task(user);
    setPtracer(access, leader, other.pid, other);
    expect(verdict()).toBe("EPERM yama/restricted");
    setPtracer(access, leader, -1);
    expect(setPtracer(access, leader, 0)).toBe("ok");
    expect(verdict()).toBe("EPERM yama/restricted");
  });

  test.each([99_999, -2, 0x1_0000_0000n])("%s, which names no process, is EINVAL", (value) => {
    const { access } = machine(1);
    expect(setPtracer(access, task(user), value)).toBe("EINVAL yama/ptracer-unknown");
  });

  test("looks at the low 32 bits of the pid", () => {
    const { access } = machine(1);
    const named = task(user);
    expect(setPtracer(access, task(user), 0x1_0000_0000n + BigInt(named.pid), named)).toBe("ok");
  });

  test("is EINVAL on a kernel without Yama", () => {
    expect(setPtracer(new AccessControl(), task(user), 0)).toBe("EINVAL prctl/option-unknown");
  });

  test("does not help at scope 2, nor where the ids differ", () => {
    const strict = machine(2);
    const target = task(user);
    setPtracer(strict.access, target, -1);
    const question = { caller: task(user), target, mode: ATTACH };
    expect(said(strict.access.ptraceAccess(question))).toBe("EPERM yama/admin-only");
    const { access } = machine(1);
    setPtracer(access, target, -1);
    const other = { ...question, caller: task({ uid: 2000 }) };
    expect(said(access.ptraceAccess(other))).toBe("EPERM ptrace_access/ids-differ");
  });

  test("is not inherited by a fork", () => {
    const { access } = machine(1);
    const target = task(user);
    setPtracer(access, target, -1);
    const forked = forkSubject(access, target, { pid: 900 });
    if (!forked.ok) throw new Error("fork");
    const question = { caller: task(user), target: forked.value, mode: ATTACH };
    expect(said(access.ptraceAccess(question))).toBe("EPERM yama/restricted");
  });

  test("ends with either process, so that a number used again inherits nothing", () => {
    const { access, policy } = machine(1);
    const target = task(user);
    const tracer = task(user);
    setPtracer(access, target, tracer.pid, tracer);
    releaseSubject(access, tracer);
    expect(policy.state().tracers).toEqual({});
    setPtracer(access, target, -1);
    releaseSubject(access, target);
    expect(policy.state().tracers).toEqual({});
  });

  test("is taken back with an attempt", () => {
    const { access, policy } = machine(1);
    const target = task(user);
    setPtracer(access, target, -1);
    const before = structuredClone(policy.state());
    access.ports.journal.attempt(() => setPtracer(access, target, 0));
    expect(policy.state()).toEqual(before);
  });
});

describe("PTRACE_TRACEME under Yama", () => {
  test.each<[YamaScope, boolean, string]>([
    [0, false, "ok"],
    [1, false, "ok"],
    [2, false, "EPERM yama/traceme-admin-only"],
    [2, true, "ok"],
    [3, false, "EPERM yama/traceme-no-attach"],
    [3, true, "EPERM yama/traceme-no-attach"],
  ])("at scope %i, parent with CAP_SYS_PTRACE %s: %s", (scope, isCapable, verdict) => {
    const { access } = machine(scope);
    const parent = task(isCapable ? { uid: 1000, capabilities: ["CAP_SYS_PTRACE"] } : user);
    expect(said(access.ptraceTraceme({ parent, child: task(user, { parent }) }))).toBe(verdict);
  });

  test("and PTRACE_ATTACH by a stranger is refused with Yama's reason beneath", () => {
    const { access } = machine(1);
    const answer = ptraceAttach(access, task(user), task(user));
    expect(said(answer)).toBe("EPERM ptrace_attach/no-access");
    expect(answer.ok || answer.because?.reason.id).toBe("yama/restricted");
  });
});
