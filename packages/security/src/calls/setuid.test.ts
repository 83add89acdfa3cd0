import { SECUREBITS } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { ALL_CAPABILITIES, NO_CAPABILITIES, capabilitySet, isSubset } from "../capabilitySet.ts";
import { credentials } from "../credentials.ts";
import type { Subject } from "../subject.ts";
import { ladder, said, task } from "../testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "../userNamespace.ts";
import { setfsgid, setfsuid } from "./setfsuid.ts";
import { setregid, setreuid } from "./setreuid.ts";
import { setresgid, setresuid } from "./setresuid.ts";
import { setgid, setuid } from "./setuid.ts";

const uids = ({ credentials: c }: Subject): number[] => [c.uid, c.euid, c.suid, c.fsuid];
const gids = ({ credentials: c }: Subject): number[] => [c.gid, c.egid, c.sgid, c.fsgid];
const mixed = { uid: 1, euid: 2, suid: 3, fsuid: 4 };
const privileged = { ...mixed, capabilities: ["CAP_SETUID", "CAP_SETGID"] } as const;
const access = new AccessControl();

describe("setuid", () => {
  test("with CAP_SETUID sets all four", () => {
    const one = task(privileged);
    expect(setuid(access, one, 9)).toEqual({ ok: true, value: 0 });
    expect(uids(one)).toEqual([9, 9, 9, 9]);
  });

  test.each([
    [1, "ok", [1, 1, 3, 1]],
    [3, "ok", [1, 3, 3, 3]],
    [2, "EPERM setuid/not-permitted", [1, 2, 3, 4]],
    [4, "EPERM setuid/not-permitted", [1, 2, 3, 4]],
    [9, "EPERM setuid/not-permitted", [1, 2, 3, 4]],
  ])("without it takes the real or the saved uid: %i %s", (uid, verdict, after) => {
    const one = task(mixed);
    expect(said(setuid(access, one, uid))).toBe(verdict);
    expect(uids(one)).toEqual(after);
  });

  test.each([-1, 0xffff_ffff])("of %i is EINVAL, for root too", (uid) => {
    expect(said(setuid(access, task({ uid: 0 }), uid))).toBe("EINVAL setuid/invalid-id");
  });

  // Linux: kernel/sys.c __sys_setuid
  test("asks for the capability first, and once", () => {
    for (const [uid, id] of [
      [0, 5],
      [0, 0],
    ]) {
      expect(ladder(access, () => setuid(access, task({ uid }), id))).toEqual([
        "+ setuid/invalid-id",
        "+ commoncap/capability-missing",
        "+ setuid/not-permitted",
      ]);
    }
  });

  test("takes the low 32 bits of its register", () => {
    const one = task({ uid: 0 });
    setuid(access, one, 0x1_0000_0005);
    expect(uids(one)).toEqual([5, 5, 5, 5]);
  });

  test("tells what the task could have taken, and the capability it lacks", () => {
    const answer = setuid(access, task(mixed), 9);
    expect(answer.ok || answer.reason.compared).toEqual({ id: 9, own: "uid 1, suid 3" });
    expect(answer.ok || answer.because?.reason.compared).toMatchObject({
      capability: "CAP_SETUID",
    });
  });

  test("asks for the capability first, and needs it not where the id is the task's own", () => {
    expect(ladder(access, () => setuid(access, task(mixed), 3))).toEqual([
      "+ setuid/invalid-id",
      "- commoncap/capability-missing",
      "+ setuid/not-permitted",
    ]);
  });
});

describe("setgid", () => {
  test("is setuid for groups, with CAP_SETGID", () => {
    const one = task({ uid: 0, gid: 0, permitted: ["CAP_SETGID"], effective: ["CAP_SETGID"] });
    expect(said(setgid(access, one, 9))).toBe("ok");
    expect(gids(one)).toEqual([9, 9, 9, 9]);
    expect(uids(one)).toEqual([0, 0, 0, 0]);
    const other = task({ uid: 5, gid: 1, egid: 2, sgid: 3 });
    expect(said(setgid(access, other, 2))).toBe("EPERM setgid/not-permitted");
    expect(said(setgid(access, other, 3))).toBe("ok");
    expect(gids(other)).toEqual([1, 3, 3, 3]);
    expect(said(setgid(access, other, -1))).toBe("EINVAL setgid/invalid-id");
  });

  test("wants CAP_SETGID, not CAP_SETUID", () => {
    const one = task({ uid: 5, capabilities: ["CAP_SETUID"] });
    expect(said(setgid(access, one, 9))).toBe("EPERM setgid/not-permitted");
  });

  test("leaves capabilities alone: leaving group 0 is no leaving of root", () => {
    const one = task({ uid: 0 });
    setgid(access, one, 1000);
    expect(one.credentials.effective).toEqual(ALL_CAPABILITIES);
  });
});

describe("setreuid", () => {
  test.each([
    [-1, -1, "ok", [1, 2, 3, 2]],
    [1, -1, "ok", [1, 2, 2, 2]],
    [2, -1, "ok", [2, 2, 2, 2]],
    [3, -1, "EPERM setreuid/not-permitted", [1, 2, 3, 4]],
    [-1, 1, "ok", [1, 1, 3, 1]],
    [-1, 2, "ok", [1, 2, 2, 2]],
    [-1, 3, "ok", [1, 3, 3, 3]],
    [-1, 4, "EPERM setreuid/not-permitted", [1, 2, 3, 4]],
    [2, 1, "ok", [2, 1, 1, 1]],
    [2, 9, "EPERM setreuid/not-permitted", [1, 2, 3, 4]],
  ])("(%i, %i) of ruid 1, euid 2, suid 3, fsuid 4: %s", (uid, euid, verdict, after) => {
    const one = task(mixed);
    expect(said(setreuid(access, one, uid, euid))).toBe(verdict);
    expect(uids(one)).toEqual(after);
  });

  test("with CAP_SETUID takes any", () => {
    const one = task(privileged);
    setreuid(access, one, 8, 9);
    expect(uids(one)).toEqual([8, 9, 9, 9]);
  });

  test("has setregid for groups", () => {
    const one = task({ uid: 5, gid: 1, egid: 2, sgid: 3, fsgid: 4 });
    expect(said(setregid(access, one, -1, -1))).toBe("ok");
    expect(gids(one)).toEqual([1, 2, 3, 2]);
    expect(said(setregid(access, one, 9, -1))).toBe("EPERM setregid/not-permitted");
    expect(said(setregid(access, task({ uid: 0 }), 9, 8))).toBe("ok");
  });
});

describe("setresuid", () => {
  test.each([
    [-1, -1, 1, "ok", [1, 2, 1, 2]],
    [3, 1, 2, "ok", [3, 1, 2, 1]],
    [-1, 4, -1, "EPERM setresuid/not-permitted", [1, 2, 3, 4]],
    [9, -1, -1, "EPERM setresuid/not-permitted", [1, 2, 3, 4]],
    [-1, -1, 9, "EPERM setresuid/not-permitted", [1, 2, 3, 4]],
    [-1, 2, -1, "ok", [1, 2, 3, 2]],
  ])("(%i, %i, %i) of ruid 1, euid 2, suid 3, fsuid 4: %s", (uid, euid, suid, verdict, after) => {
    const one = task(mixed);
    expect(said(setresuid(access, one, uid, euid, suid))).toBe(verdict);
    expect(uids(one)).toEqual(after);
  });

  test.each([
    [true, [1, 2, 3, 4]],
    [false, [1, 2, 3, 2]],
  ])(
    "(-1, -1, -1) keeps the fs uid where the kernel notices that nothing changes: %s",
    (setresNoOp, after) => {
      const kernel = new AccessControl({ features: { setresNoOp } });
      const one = task(mixed);
      expect(said(setresuid(kernel, one, -1, -1, -1))).toBe("ok");
      expect(uids(one)).toEqual(after);
      const named = task(mixed);
      expect(said(setresuid(kernel, named, 1, -1, 3))).toBe("ok");
      expect(uids(named)).toEqual(after);
    },
  );

  test("has setresgid for groups", () => {
    const one = task({ uid: 5, gid: 1, egid: 2, sgid: 3 });
    expect(said(setresgid(access, one, 3, 1, 2))).toBe("ok");
    expect(gids(one)).toEqual([3, 1, 2, 1]);
    expect(said(setresgid(access, one, 9, -1, -1))).toBe("EPERM setresgid/not-permitted");
  });
});

describe("setfsuid", () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [9, 4],
    [-1, 4],
  ])("of %i returns the old one, and leaves %i", (uid, after) => {
    const one = task(mixed);
    expect(setfsuid(access, one, uid)).toEqual({ ok: true, value: 4 });
    expect(uids(one)).toEqual([1, 2, 3, after]);
  });

  test("with CAP_SETUID takes any", () => {
    const one = task(privileged);
    expect(setfsuid(access, one, 9)).toEqual({ ok: true, value: 4 });
    expect(one.credentials.fsuid).toBe(9);
  });

  test("has setfsgid for groups", () => {
    const one = task({ uid: 5, gid: 1, egid: 2, sgid: 3 });
    expect(setfsgid(access, one, 3)).toEqual({ ok: true, value: 2 });
    expect(setfsgid(access, one, 9)).toEqual({ ok: true, value: 3 });
    expect(gids(one)).toEqual([1, 2, 3, 3]);
  });

  test("takes the capabilities that concern files from root, and no others", () => {
    const one = task({ uid: 0 });
    setfsuid(access, one, 1000);
    expect(one.credentials.effective).toEqual({ lo: 0xf7ff_fde0, hi: 0x1fe });
    expect(one.credentials.permitted).toEqual(ALL_CAPABILITIES);
    setfsuid(access, one, 0);
    expect(one.credentials.effective).toEqual(ALL_CAPABILITIES);
  });

  test("gives back only what is permitted", () => {
    const one = task({
      uid: 1000,
      suid: 0,
      permitted: ["CAP_CHOWN", "CAP_KILL"],
      effective: "none",
    });
    setfsuid(access, one, 0);
    expect(one.credentials.effective).toEqual(capabilitySet(["CAP_CHOWN"]));
  });
});

describe("who stops being root", () => {
  const keep = SECUREBITS.SECBIT_KEEP_CAPS;
  const noFixup = SECUREBITS.SECBIT_NO_SETUID_FIXUP;
  const some = { inheritable: "all", ambient: "all" } as const;

  test.each([
    ["loses everything", 0, NO_CAPABILITIES, NO_CAPABILITIES, NO_CAPABILITIES],
    [
      "keeps what is permitted under KEEP_CAPS",
      keep,
      ALL_CAPABILITIES,
      NO_CAPABILITIES,
      NO_CAPABILITIES,
    ],
    [
      "keeps all under NO_SETUID_FIXUP",
      noFixup,
      ALL_CAPABILITIES,
      ALL_CAPABILITIES,
      ALL_CAPABILITIES,
    ],
  ])("%s", (_, securebits, permitted, effective, ambient) => {
    const one = task({ uid: 0, securebits, ...some });
    setresuid(access, one, 1000, 1000, 1000);
    expect(one.credentials.permitted).toEqual(permitted);
    expect(one.credentials.effective).toEqual(effective);
    expect(one.credentials.ambient).toEqual(ambient);
    expect(one.credentials.inheritable).toEqual(ALL_CAPABILITIES);
  });

  test.each([
    ["the real", -1, 1000],
    ["the saved", 1000, -1],
  ])(
    "keeps what is permitted as long as %s uid is root, but has nothing effective",
    (_, uid, suid) => {
      const one = task({ uid: 0, ...some });
      setresuid(access, one, uid, 1000, suid);
      expect(one.credentials.permitted).toEqual(ALL_CAPABILITIES);
      expect(one.credentials.effective).toEqual(NO_CAPABILITIES);
      expect(one.credentials.ambient).toEqual(ALL_CAPABILITIES);
    },
  );

  test("loses nothing while the effective uid is root", () => {
    const one = task({ uid: 0 });
    setresuid(access, one, 1000, -1, 1000);
    expect(one.credentials.effective).toEqual(ALL_CAPABILITIES);
  });

  test("has effective again what is permitted, as soon as the effective uid is root again", () => {
    const one = task({ uid: 0 });
    setresuid(access, one, -1, 1000, -1);
    setresuid(access, one, -1, 0, -1);
    expect(one.credentials.effective).toEqual(ALL_CAPABILITIES);
    const poor = task({ uid: 1000, suid: 0, permitted: ["CAP_KILL"], effective: "none" });
    setresuid(access, poor, -1, 0, -1);
    expect(poor.credentials.effective).toEqual(capabilitySet(["CAP_KILL"]));
  });

  test("was never root, so nothing is lost either", () => {
    const one = task({
      uid: 1000,
      capabilities: ["CAP_SETUID"],
      inheritable: "all",
      ambient: "all",
    });
    setresuid(access, one, 5, 5, 5);
    expect(one.credentials.permitted).toEqual(capabilitySet(["CAP_SETUID"]));
    expect(one.credentials.ambient).toEqual(ALL_CAPABILITIES);
  });

  test("is who the user namespace calls root", () => {
    const uidMap = [{ inside: 0, kernel: 1000, count: 10 }];
    const userNamespace = new UserNamespace({
      parent: initialUserNamespace,
      owner: 1000,
      group: 1000,
      uidMap,
    });
    const one = task({ uid: 1000, userNamespace });
    expect(one.credentials.effective).toEqual(ALL_CAPABILITIES);
    setresuid(access, one, 5, 5, 5);
    expect(uids(one)).toEqual([1005, 1005, 1005, 1005]);
    expect(one.credentials.permitted).toEqual(NO_CAPABILITIES);
  });
});

describe("ids in a user namespace", () => {
  const userNamespace = new UserNamespace({
    parent: initialUserNamespace,
    owner: 1000,
    group: 1000,
    uidMap: [{ inside: 0, kernel: 100_000, count: 5 }],
    gidMap: [{ inside: 0, kernel: 200_000, count: 5 }],
  });
  const inside = { uid: 100_000, gid: 200_000, userNamespace, capabilities: "all" } as const;

  test("are translated, and those without a meaning are EINVAL", () => {
    const one = task(inside);
    expect(said(setresuid(access, one, 1, 2, 3))).toBe("ok");
    expect(uids(one)).toEqual([100_001, 100_002, 100_003, 100_002]);
    expect(said(setresuid(access, one, -1, -1, 5))).toBe("EINVAL setresuid/invalid-id");
    expect(said(setreuid(access, one, 1000, -1))).toBe("EINVAL setreuid/invalid-id");
    expect(said(setuid(access, one, 65_534))).toBe("EINVAL setuid/invalid-id");
    const other = task(inside);
    expect(said(setgid(access, other, 4))).toBe("ok");
    expect(gids(other)).toEqual([200_004, 200_004, 200_004, 200_004]);
  });

  test("that mean nothing are left by setfsuid, which shows the old one as the namespace names it", () => {
    const one = task(inside);
    expect(setfsuid(access, one, 7)).toEqual({ ok: true, value: 0 });
    expect(one.credentials.fsuid).toBe(100_000);
    expect(setfsuid(access, one, 3)).toEqual({ ok: true, value: 0 });
    expect(setfsuid(access, one, -1)).toEqual({ ok: true, value: 3 });
  });

  test("take CAP_SETUID of that namespace, not of the initial one", () => {
    const outsider = task({ ...inside, capabilities: "none" });
    expect(said(setresuid(access, outsider, 3, 3, 3))).toBe("EPERM setresuid/not-permitted");
  });
});

describe("every call that sets ids", () => {
  const id = fc.constantFrom(-1, 0, 1, 2, 3);
  const call = fc.oneof(
    fc.tuple(fc.constant(setuid), id),
    fc.tuple(fc.constant(setgid), id),
    fc.tuple(fc.constant(setfsuid), id),
    fc.tuple(fc.constant(setfsgid), id),
    fc.tuple(fc.constant(setreuid), id, id),
    fc.tuple(fc.constant(setregid), id, id),
    fc.tuple(fc.constant(setresuid), id, id, id),
    fc.tuple(fc.constant(setresgid), id, id, id),
  );
  const run = (one: Subject, [set, ...args]: readonly [unknown, ...number[]]) =>
    (set as typeof setresuid)(access, one, ...(args as [number, number, number]));
  const start = fc.record({ uid: fc.nat(3), euid: fc.nat(3), suid: fc.nat(3), gid: fc.nat(3) });

  test("leaves nothing behind in an attempt, refused or not", () => {
    fc.assert(
      fc.property(start, fc.array(call, { maxLength: 6 }), (who, calls) => {
        const one = task(who);
        const before = { credentials: one.credentials, dumpable: one.exec.dumpable };
        access.ports.journal.attempt(() => {
          for (const each of calls) run(one, each);
        });
        expect(one.credentials).toBe(before.credentials);
        expect(one.exec.dumpable).toBe(before.dumpable);
      }),
    );
  });

  test("changes nothing at all when it refuses", () => {
    fc.assert(
      fc.property(start, call, (who, each) => {
        const one = task(who);
        const before = one.credentials;
        if (!run(one, each).ok) expect(one.credentials).toBe(before);
      }),
    );
  });

  test("without capabilities invents no id", () => {
    fc.assert(
      fc.property(start, fc.array(call, { maxLength: 8 }), (who, calls) => {
        const one = task({ ...who, capabilities: "none" });
        const known = new Set([...uids(one)]);
        for (const each of calls) run(one, each);
        for (const uid of uids(one)) expect(known.has(uid)).toBe(true);
      }),
    );
  });

  test("never adds a permitted capability, and keeps the effective ones within them", () => {
    fc.assert(
      fc.property(start, fc.array(call, { maxLength: 8 }), (who, calls) => {
        const one = task(who);
        const { permitted } = one.credentials;
        for (const each of calls) run(one, each);
        expect(isSubset(one.credentials.permitted, permitted)).toBe(true);
        expect(isSubset(one.credentials.effective, one.credentials.permitted)).toBe(true);
      }),
    );
  });
});

test("credentials made by hand and by calls are the same", () => {
  const one = task({ uid: 0 });
  setresgid(access, one, 5, 5, 5);
  setuid(access, one, 5);
  expect(one.credentials).toEqual(credentials({ uid: 5 }));
});
