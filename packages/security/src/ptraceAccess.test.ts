import { Journal } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { credentials } from "./credentials.ts";
import { ExecState } from "./execState.ts";
import { exitSubject } from "./lifecycle.ts";
import { commoncap } from "./policies/commoncap.ts";
import type { PtraceMode } from "./policy.ts";
import { ladder, said, task } from "./testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "./userNamespace.ts";

const READ_FS: PtraceMode = "PTRACE_MODE_READ_FSCREDS";
const ATTACH_REAL: PtraceMode = "PTRACE_MODE_ATTACH_REALCREDS";

describe("the mode of an access", () => {
  const access = new AccessControl();
  const peer = task({ uid: 1000 });

  test.each(["PTRACE_MODE_READ", "PTRACE_MODE_ATTACH", "PTRACE_MODE_NOAUDIT"] as const)(
    "%s alone does not say whose ids count: EPERM, for root too",
    (mode) => {
      const answer = access.ptraceAccess({ caller: task({ uid: 0 }), target: peer, mode });
      expect(said(answer)).toBe("EPERM ptrace_access/mode-invalid");
    },
  );

  test("is looked at before anything else, so even a thread of one's own is refused", () => {
    const answer = access.ptraceAccess({ caller: peer, target: peer, mode: "PTRACE_MODE_READ" });
    expect(said(answer)).toBe("EPERM ptrace_access/mode-invalid");
  });

  test("that neither reads nor attaches passes by its ids", () => {
    const caller = task({ uid: 1000 });
    expect(said(access.ptraceAccess({ caller, target: peer, mode: "PTRACE_MODE_FSCREDS" }))).toBe(
      "ok",
    );
  });

  test("that no kernel knows is a TypeError", () => {
    const mode = "PTRACE_MODE_WRITE" as PtraceMode;
    expect(() => access.ptraceAccess({ caller: peer, target: task({ uid: 1 }), mode })).toThrow(
      TypeError,
    );
  });
});

describe("threads of one process", () => {
  test("reach each other whatever their ids, dumpable or capabilities", () => {
    const access = new AccessControl();
    const leader = task({ uid: 0 }, { exec: new ExecState(0) });
    const thread = task({ uid: 2000 }, { group: leader.group });
    for (const mode of [READ_FS, ATTACH_REAL]) {
      expect(said(access.ptraceAccess({ caller: thread, target: leader, mode }))).toBe("ok");
    }
  });

  test("are not even brought before the policies", () => {
    const never = {
      name: "never",
      ptraceAccess: () => ({ code: "EPERM", id: "n/o", text: "no" }) as const,
    };
    const access = new AccessControl({ policies: [never] });
    const leader = task({ uid: 5 });
    const thread = task({ uid: 5 }, { group: leader.group });
    expect(access.ptraceAccess({ caller: thread, target: leader, mode: READ_FS }).ok).toBe(true);
  });
});

describe("ids", () => {
  const access = new AccessControl();
  const same = { uid: 1000, gid: 1000 };

  test.each(["uid", "euid", "suid", "gid", "egid", "sgid"] as const)(
    "differ as soon as the target's %s does",
    (field) => {
      const target = task({ ...same, fsuid: 1000, fsgid: 1000, [field]: 1001 });
      // Setting uid moves those that follow it; put them back.
      target.credentials = Object.freeze({ ...credentials(same), [field]: 1001 });
      for (const mode of [READ_FS, ATTACH_REAL]) {
        const answer = access.ptraceAccess({ caller: task(same), target, mode });
        expect(said(answer)).toBe("EPERM ptrace_access/ids-differ");
      }
    },
  );

  test.each(["fsuid", "fsgid"] as const)("do not differ by the target's %s", (field) => {
    const target = task({ ...same, [field]: 1001 });
    expect(access.ptraceAccess({ caller: task(same), target, mode: READ_FS }).ok).toBe(true);
  });

  test("of groups: supplementary ones stand for nothing", () => {
    const caller = task({ uid: 1000, gid: 5, groups: [1000] });
    const answer = access.ptraceAccess({ caller, target: task(same), mode: READ_FS });
    expect(said(answer)).toBe("EPERM ptrace_access/ids-differ");
  });

  test.each([
    [{ uid: 2000, fsuid: 1000, gid: 1000 }, "ok", "EPERM ptrace_access/ids-differ"],
    [{ uid: 1000, fsuid: 2000, gid: 1000 }, "EPERM ptrace_access/ids-differ", "ok"],
    [{ uid: 1000, gid: 2000, fsgid: 1000 }, "ok", "EPERM ptrace_access/ids-differ"],
    [
      { uid: 2000, euid: 1000, fsuid: 2000, gid: 1000 },
      "EPERM ptrace_access/ids-differ",
      "EPERM ptrace_access/ids-differ",
    ],
  ])(
    "of the caller %o: fs ids where the mode says so, else real ones, never effective ones",
    (who, fs, real) => {
      const caller = task(who);
      const target = task(same);
      expect(said(access.ptraceAccess({ caller, target, mode: READ_FS }))).toBe(fs);
      expect(said(access.ptraceAccess({ caller, target, mode: ATTACH_REAL }))).toBe(real);
    },
  );

  test("are told in the refusal, beside the capability that would have helped", () => {
    const caller = task({ uid: 1, gid: 2 });
    const target = task({ uid: 3, gid: 4 });
    const answer = access.ptraceAccess({ caller, target, mode: READ_FS });
    if (answer.ok) throw new Error("refused on Linux");
    expect(answer.errno).toBe(1);
    expect(answer.reason.compared).toEqual({
      caller: "fsuid 1, fsgid 2",
      target: "uid 3, euid 3, suid 3, gid 4, egid 4, sgid 4",
    });
    expect(answer.because?.reason.id).toBe("commoncap/capability-missing");
    expect(answer.because?.reason.compared).toMatchObject({ capability: "CAP_SYS_PTRACE" });
    expect(Object.isFrozen(answer)).toBe(true);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });
});

describe("the dumpable state", () => {
  const same = { uid: 1000 };

  test.each([
    [0, "EPERM ptrace_access/not-dumpable"],
    [1, "ok"],
    [2, "EPERM ptrace_access/not-dumpable"],
  ] as const)("%i: %s", (dumpable, verdict) => {
    const access = new AccessControl();
    const target = task(same, { exec: new ExecState(dumpable) });
    expect(said(access.ptraceAccess({ caller: task(same), target, mode: READ_FS }))).toBe(verdict);
  });

  test("is no obstacle to CAP_SYS_PTRACE in the namespace of the exec, which unshare does not move", () => {
    const inner = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });
    const inside = { uid: 1000, userNamespace: inner, capabilities: "all" } as const;
    const caller = task(inside);
    const access = new AccessControl();
    const executedOutside = task(inside, { exec: new ExecState(0, initialUserNamespace) });
    const executedInside = task(inside, { exec: new ExecState(0, inner) });
    const outside = access.ptraceAccess({ caller, target: executedOutside, mode: READ_FS });
    expect(said(outside)).toBe("EPERM ptrace_access/not-dumpable");
    expect(said(access.ptraceAccess({ caller, target: executedInside, mode: READ_FS }))).toBe("ok");
  });

  test("is shared by whoever shares the memory", () => {
    const shared = new ExecState(1);
    const target = task(same, { exec: shared });
    const sharer = task(same, { exec: shared });
    sharer.exec.dumpable = 0;
    const access = new AccessControl();
    const answer = access.ptraceAccess({ caller: task(same), target, mode: READ_FS });
    expect(said(answer)).toBe("EPERM ptrace_access/not-dumpable");
  });
});

describe("the dead and kernel threads", () => {
  const peer = { uid: 1000 };

  test.each([
    ["skip", 0, "ok"],
    ["skip", 1, "ok"],
    ["saved-bit", 0, "EPERM ptrace_access/not-dumpable"],
    ["saved-bit", 1, "ok"],
    ["saved-bit", 2, "EPERM ptrace_access/not-dumpable"],
    ["exec-state", 0, "EPERM ptrace_access/not-dumpable"],
    ["exec-state", 1, "ok"],
  ] as const)(
    "where the kernel says %s, a zombie that was %i is: %s",
    (deadTaskDumpable, dumpable, verdict) => {
      const access = new AccessControl({ features: { deadTaskDumpable } });
      const zombie = task(peer, { exec: new ExecState(dumpable) });
      exitSubject(access, zombie);
      expect(
        said(access.ptraceAccess({ caller: task(peer), target: zombie, mode: ATTACH_REAL })),
      ).toBe(verdict);
    },
  );

  test.each([
    ["skip", "ok"],
    ["saved-bit", "EPERM ptrace_access/not-dumpable"],
    ["exec-state", "ok"],
  ] as const)(
    "where the kernel says %s, an idle root and a kernel thread: %s",
    (deadTaskDumpable, verdict) => {
      const access = new AccessControl({ features: { deadTaskDumpable } });
      const caller = task({ uid: 0, permitted: "all", effective: "none" });
      const target = task({ uid: 0 }, { isKernelThread: true });
      expect(said(access.ptraceAccess({ caller, target, mode: ATTACH_REAL }))).toBe(verdict);
    },
  );

  test("with a saved bit: a zombie's namespace is lost, and the initial one asked instead", () => {
    const inner = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });
    const zombie = task({ uid: 1000, userNamespace: inner }, { exec: new ExecState(0, inner) });
    const owner = task(peer);
    for (const [deadTaskDumpable, verdict] of [
      ["saved-bit", "EPERM ptrace_access/not-dumpable"],
      ["exec-state", "ok"],
    ] as const) {
      const access = new AccessControl({ features: { deadTaskDumpable } });
      exitSubject(access, zombie);
      expect(said(access.ptraceAccess({ caller: owner, target: zombie, mode: READ_FS }))).toBe(
        verdict,
      );
    }
  });

  test("a sharer of the memory who lives on closes a zombie only where the state outlives the memory", () => {
    for (const [deadTaskDumpable, verdict] of [
      ["saved-bit", "ok"],
      ["exec-state", "EPERM ptrace_access/not-dumpable"],
    ] as const) {
      const access = new AccessControl({ features: { deadTaskDumpable } });
      const shared = new ExecState(1);
      const zombie = task(peer, { exec: shared });
      exitSubject(access, zombie);
      shared.dumpable = 0;
      expect(said(access.ptraceAccess({ caller: task(peer), target: zombie, mode: READ_FS }))).toBe(
        verdict,
      );
    }
  });
});

describe("the order of the checks", () => {
  test("is mode, ids, dumpable, policies", () => {
    const access = new AccessControl();
    const question = { caller: task({ uid: 1 }), target: task({ uid: 1 }), mode: READ_FS } as const;
    expect(ladder(access, () => access.ptraceAccess(question))).toEqual([
      "+ ptrace_access/mode-invalid",
      "+ ptrace_access/ids-differ",
      "+ ptrace_access/not-dumpable",
      "+ commoncap/ptrace-permitted-not-subset",
    ]);
  });

  test("ends with the first refusal", () => {
    const access = new AccessControl();
    const target = task({ uid: 2 }, { exec: new ExecState(0) });
    const question = { caller: task({ uid: 1 }), target, mode: READ_FS } as const;
    expect(ladder(access, () => access.ptraceAccess(question))).toEqual([
      "+ ptrace_access/mode-invalid",
      "- commoncap/capability-missing",
      "- ptrace_access/ids-differ",
    ]);
  });

  test("asks for CAP_SYS_PTRACE up to three times, each time in the namespace that counts", () => {
    const inner = new UserNamespace({ parent: initialUserNamespace, owner: 9, group: 9 });
    const asked: number[] = [];
    const spy = {
      name: "spy",
      capable: ({ userNamespace }: { userNamespace: UserNamespace }) => {
        asked.push(userNamespace.level);
      },
    };
    const access = new AccessControl({ policies: [commoncap(), spy] });
    const target = task(
      { uid: 5, userNamespace: inner },
      { exec: new ExecState(0, initialUserNamespace) },
    );
    const question = { caller: task({ uid: 0 }), target, mode: READ_FS } as const;
    expect(access.ptraceAccess(question).ok).toBe(true);
    expect(asked).toEqual([1, 0, 1]);
  });
});

describe("the work of access checks", () => {
  test("is counted, and an attempt takes its count back", () => {
    const journal = new Journal();
    const plain = new AccessControl();
    const access = new AccessControl({ ports: { ...plain.ports, journal } });
    const question = { caller: task({ uid: 1 }), target: task({ uid: 1 }), mode: READ_FS } as const;
    access.ptraceAccess(question);
    journal.attempt(() => access.ptraceAccess(question));
    access.ptraceAccess({ ...question, caller: task({ uid: 2 }) });
    expect(access.accessChecks).toBe(2);
  });
});
