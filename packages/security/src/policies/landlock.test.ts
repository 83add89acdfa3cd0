import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { forkSubject } from "../lifecycle.ts";
import type { Subject } from "../subject.ts";
import { said, task } from "../testing/tasks.ts";
import { commoncap } from "./commoncap.ts";
import { landlock } from "./landlock.ts";

function machine(features = {}): { access: AccessControl; sandbox: ReturnType<typeof landlock> } {
  const sandbox = landlock();
  return { access: new AccessControl({ policies: [commoncap(), sandbox], features }), sandbox };
}

function fork(access: AccessControl, parent: Subject, pid: number): Subject {
  const forked = forkSubject(access, parent, { pid });
  if (!forked.ok) throw new Error(forked.reason.id);
  return forked.value;
}

describe("a Landlock domain", () => {
  const reach = (access: AccessControl, caller: Subject, target: Subject): string =>
    said(access.ptraceAccess({ caller, target, mode: "PTRACE_MODE_READ_FSCREDS" }));

  test("keeps its tasks from everything outside, capabilities or not", () => {
    const { access, sandbox } = machine();
    const inside = task({ uid: 0 });
    sandbox.restrict(access, inside);
    expect(reach(access, inside, task({ uid: 0 }))).toBe("EPERM landlock/outside-domain");
    expect(reach(access, task({ uid: 0 }), inside)).toBe("ok");
  });

  test("is inherited, and a nested one is reached from the outer one, not the other way", () => {
    const { access, sandbox } = machine();
    const outer = task({ uid: 0 });
    sandbox.restrict(access, outer);
    const same = fork(access, outer, 901);
    const nested = fork(access, outer, 902);
    sandbox.restrict(access, nested);
    expect(reach(access, outer, same)).toBe("ok");
    expect(reach(access, outer, nested)).toBe("ok");
    expect(reach(access, nested, outer)).toBe("EPERM landlock/outside-domain");
    expect(reach(access, same, nested)).toBe("ok");
  });

  test("is another than its neighbour, also where one number begins with the other", () => {
    const { access, sandbox } = machine();
    const tasks = Array.from({ length: 11 }, () => task({ uid: 0 }));
    for (const one of tasks) sandbox.restrict(access, one);
    const [first, eleventh] = [tasks[0], tasks[10]];
    expect([first.labels.landlock, eleventh.labels.landlock]).toEqual(["1", "11"]);
    expect(reach(access, first, eleventh)).toBe("EPERM landlock/outside-domain");
  });

  test("holds for every mode, and for TRACEME", () => {
    const { access, sandbox } = machine();
    const inside = task({ uid: 0 });
    sandbox.restrict(access, inside);
    const question = {
      caller: inside,
      target: task({ uid: 0 }),
      mode: "PTRACE_MODE_ATTACH_REALCREDS",
    } as const;
    expect(said(access.ptraceAccess(question))).toBe("EPERM landlock/outside-domain");
    const traceme = { parent: inside, child: task({ uid: 0 }) };
    expect(said(access.ptraceTraceme(traceme))).toBe("EPERM landlock/outside-domain");
  });

  test("is told in the refusal", () => {
    const { access, sandbox } = machine();
    const inside = task({ uid: 0 });
    sandbox.restrict(access, inside);
    const answer = access.ptraceAccess({
      caller: inside,
      target: task({ uid: 0 }),
      mode: "PTRACE_MODE_READ_FSCREDS",
    });
    expect(answer.ok || answer.reason.compared).toEqual({ callerDomain: "1", targetDomain: "" });
  });
});

describe("landlock_restrict_self", () => {
  test.each([
    ["nothing", { uid: 1000 }, false, "EPERM landlock/no-new-privs-missing"],
    ["no_new_privs", { uid: 1000 }, true, "ok"],
    ["CAP_SYS_ADMIN", { uid: 1000, capabilities: ["CAP_SYS_ADMIN"] }, false, "ok"],
    [
      "CAP_SYS_PTRACE",
      { uid: 1000, capabilities: ["CAP_SYS_PTRACE"] },
      false,
      "EPERM landlock/no-new-privs-missing",
    ],
  ] as const)("with %s: %o %s", (_, who, noNewPrivs, verdict) => {
    const { access, sandbox } = machine();
    expect(said(sandbox.restrict(access, task(who, { noNewPrivs })))).toBe(verdict);
  });

  test("nests sixteen deep, and not deeper", () => {
    const { access, sandbox } = machine();
    const one = task({ uid: 0 });
    for (let i = 0; i < 16; i++) expect(sandbox.restrict(access, one).ok).toBe(true);
    expect(said(sandbox.restrict(access, one))).toBe("E2BIG landlock/too-many-layers");
  });

  test("is taken back with an attempt, number and all", () => {
    const { access, sandbox } = machine();
    const one = task({ uid: 0 });
    access.ports.journal.attempt(() => sandbox.restrict(access, one));
    expect(one.labels).toEqual({});
    expect(sandbox.state()).toEqual({ nextDomain: 1 });
  });

  test("does not exist before 5.13, and domains then mean nothing", () => {
    const { access, sandbox } = machine({ landlock: false });
    expect(said(sandbox.restrict(access, task({ uid: 0 })))).toBe("ENOSYS landlock/absent");
    const labelled = task({ uid: 1 }, { labels: { landlock: "1" } });
    const question = {
      caller: labelled,
      target: task({ uid: 1 }),
      mode: "PTRACE_MODE_READ_FSCREDS",
    } as const;
    expect(access.ptraceAccess(question).ok).toBe(true);
  });
});
