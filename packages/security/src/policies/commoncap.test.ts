import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import type { Subject } from "../subject.ts";
import type { CredentialOptions } from "../credentials.ts";
import { ladder, said, task } from "../testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "../userNamespace.ts";

const access = new AccessControl();
const child = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });
const grandchild = new UserNamespace({ parent: child, owner: 1000, group: 1000 });
const sibling = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });

describe("a capability", () => {
  test.each<[string, CredentialOptions, UserNamespace, string]>([
    ["effective in the task's own namespace", { uid: 0 }, initialUserNamespace, "ok"],
    [
      "permitted only",
      { uid: 1, permitted: ["CAP_SYS_NICE"] },
      initialUserNamespace,
      "EPERM commoncap/capability-missing",
    ],
    [
      "of root that gave it up",
      { uid: 0, effective: "none" },
      initialUserNamespace,
      "EPERM commoncap/capability-missing",
    ],
    ["asked in a namespace below", { uid: 0 }, child, "ok"],
    ["asked two namespaces below", { uid: 0 }, grandchild, "ok"],
    // The walk upwards ends in the task's own namespace, where its empty set decides.
    [
      "of nobody in particular, asked below",
      { uid: 2000 },
      child,
      "EPERM commoncap/capability-missing",
    ],
    [
      "of a namespace's owner, asked from its parent, without any effective one",
      { uid: 1000 },
      child,
      "ok",
    ],
    [
      "of somebody who owns a namespace further below, whose parent another made",
      { uid: 2000 },
      new UserNamespace({ parent: child, owner: 2000, group: 2000 }),
      "EPERM commoncap/capability-missing",
    ],
    ["of that owner, asked further below", { uid: 1000 }, grandchild, "ok"],
    [
      "of somebody whose real uid alone is the owner's",
      { uid: 1000, euid: 2000 },
      child,
      "EPERM commoncap/capability-missing",
    ],
    ["of somebody who is the owner effectively", { uid: 2000, euid: 1000 }, child, "ok"],
    [
      "of a root inside, asked above",
      { uid: 0, userNamespace: child, capabilities: "all" },
      initialUserNamespace,
      "EPERM commoncap/namespace-not-below",
    ],
    [
      "of a root inside, asked in a sibling",
      { uid: 1000, userNamespace: child, capabilities: "all" },
      sibling,
      "EPERM commoncap/namespace-not-below",
    ],
    [
      "of a root inside, asked in its own namespace",
      { uid: 1000, userNamespace: child, capabilities: "all" },
      child,
      "ok",
    ],
    [
      "of the owner of a namespace above the one asked about",
      { uid: 1000 },
      new UserNamespace({ parent: child, owner: 5, group: 5 }),
      "ok",
    ],
  ])("%s", (_, who, namespace, verdict) => {
    const answer = access.capable(task(who), "CAP_SYS_NICE", namespace);
    expect(said(answer)).toBe(verdict);
  });

  test("is asked in the initial namespace if none is named", () => {
    const root = task({ uid: 1000, userNamespace: child, capabilities: "all" });
    expect(said(access.capable(root, "CAP_SYS_NICE"))).toBe("EPERM commoncap/namespace-not-below");
  });

  test("may be asked of other credentials than the task's present ones", () => {
    const once = task({ uid: 0 });
    const then = once.credentials;
    once.credentials = task({ uid: 1000 }).credentials;
    expect(access.capable(once, "CAP_KILL").ok).toBe(false);
    expect(access.capable(once, "CAP_KILL", initialUserNamespace, then).ok).toBe(true);
  });

  test("that is missing is named with what was effective", () => {
    const answer = access.capable(task({ uid: 1, capabilities: ["CAP_KILL"] }), "CAP_PERFMON");
    expect(answer.ok || answer.reason.compared).toEqual({
      capability: "CAP_PERFMON",
      effective: "0000000000000020",
    });
  });
});

describe("commoncap and the access check", () => {
  const read = "PTRACE_MODE_READ_FSCREDS";
  const attach = "PTRACE_MODE_ATTACH_REALCREDS";

  test.each([
    ["nothing to nothing", {}, {}, "ok", "ok"],
    ["one that the caller has not", {}, { permitted: ["CAP_CHOWN"] }, "no", "no"],
    [
      "one that it has effective",
      { capabilities: ["CAP_CHOWN"] },
      { permitted: ["CAP_CHOWN"] },
      "ok",
      "ok",
    ],
    [
      "one that it has permitted only",
      { permitted: ["CAP_CHOWN"] },
      { permitted: ["CAP_CHOWN"] },
      "no",
      "ok",
    ],
    [
      "one of two",
      { capabilities: ["CAP_CHOWN"] },
      { permitted: ["CAP_CHOWN", "CAP_BPF"] },
      "no",
      "no",
    ],
    [
      "more than the target",
      { capabilities: ["CAP_CHOWN", "CAP_BPF"] },
      { permitted: ["CAP_BPF"] },
      "ok",
      "ok",
    ],
    [
      "CAP_SYS_PTRACE instead",
      { capabilities: ["CAP_SYS_PTRACE"] },
      { permitted: "all" },
      "ok",
      "ok",
    ],
    [
      "CAP_SYS_PTRACE permitted only",
      { permitted: ["CAP_SYS_PTRACE"] },
      { permitted: "all" },
      "no",
      "no",
    ],
  ] as const)("compares what the target is permitted: %s", (_, own, theirs, fs, real) => {
    const caller = task({ uid: 1000, ...own });
    const target = task({ uid: 1000, ...theirs });
    const verdict = { ok: "ok", no: "EPERM commoncap/ptrace-permitted-not-subset" };
    expect(said(access.ptraceAccess({ caller, target, mode: read }))).toBe(verdict[fs]);
    expect(said(access.ptraceAccess({ caller, target, mode: attach }))).toBe(verdict[real]);
  });

  test("names the capabilities that are missing", () => {
    const caller = task({ uid: 1000, capabilities: ["CAP_CHOWN"] });
    const target = task({ uid: 1000, permitted: ["CAP_CHOWN", "CAP_BPF", "CAP_KILL"] });
    const answer = access.ptraceAccess({ caller, target, mode: read });
    expect(answer.ok || answer.reason.compared).toEqual({
      missing: "CAP_KILL, CAP_BPF",
      callerSet: "effective",
    });
  });

  test("wants the same namespace, or CAP_SYS_PTRACE in the target's", () => {
    const inside = { uid: 1000, userNamespace: child } as const;
    const cases = [
      [
        task({ uid: 2000, gid: 1000, fsuid: 1000 }),
        task(inside),
        "EPERM commoncap/ptrace-permitted-not-subset",
      ],
      [task({ uid: 1000 }), task(inside), "ok"],
      [task(inside), task({ uid: 1000 }), "EPERM commoncap/ptrace-permitted-not-subset"],
      [
        task({ uid: 1000, userNamespace: sibling }),
        task(inside),
        "EPERM commoncap/ptrace-permitted-not-subset",
      ],
    ] as const;
    for (const [caller, target, verdict] of cases) {
      const answer = access.ptraceAccess({ caller, target, mode: read });
      expect(said(answer)).toBe(verdict);
      if (!answer.ok)
        expect(answer.reason.compared).toMatchObject({ missing: "another user namespace" });
    }
  });

  test("lets a parent trace a child that asks only if it is permitted as much", () => {
    const parent = task({ uid: 1000 });
    const traceme = (asking: Subject): string =>
      said(access.ptraceTraceme({ parent, child: asking }));
    expect(traceme(task({ uid: 1000 }))).toBe("ok");
    expect(traceme(task({ uid: 0 }))).toBe("EPERM commoncap/traceme-permitted-not-subset");
    const root = task({ uid: 0 });
    expect(
      said(access.ptraceTraceme({ parent: root, child: task({ uid: 1000, permitted: "all" }) })),
    ).toBe("ok");
  });

  test("reports by what it let somebody pass", () => {
    const { checks } = access.ports.checks.collect(() =>
      access.ptraceAccess({
        caller: task({ uid: 0 }),
        target: task({ uid: 5, permitted: "all" }),
        mode: read,
      }),
    );
    expect(checks.at(-1)).toMatchObject({ passed: true, compared: { by: "capabilities" } });
    const rungs = ladder(access, () =>
      access.ptraceAccess({
        caller: task({ uid: 5, capabilities: ["CAP_SYS_PTRACE"] }),
        target: task({ uid: 5, permitted: ["CAP_KILL"] }),
        mode: read,
      }),
    );
    expect(rungs.slice(-2)).toEqual([
      "+ commoncap/capability-missing",
      "+ commoncap/ptrace-permitted-not-subset",
    ]);
  });
});
