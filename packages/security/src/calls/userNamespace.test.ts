import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { ALL_CAPABILITIES, NO_CAPABILITIES, capabilitiesUpTo } from "../capabilitySet.ts";
import { said, task } from "../testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "../userNamespace.ts";
import { cloneIntoUserNamespace, createUserNamespace, joinUserNamespace } from "./userNamespace.ts";

const access = new AccessControl();
const ofUser = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });

describe("unshare(CLONE_NEWUSER)", () => {
  test("gives a namespace below one's own, owned by one's effective ids", () => {
    const one = task({ uid: 1, euid: 1000, gid: 2, egid: 2000 });
    const made = createUserNamespace(access, one);
    if (!made.ok) throw new Error(made.reason.id);
    expect(made.value.parent).toBe(initialUserNamespace);
    expect([made.value.level, made.value.owner, made.value.group]).toEqual([1, 1000, 2000]);
    expect(one.credentials.userNamespace).toBe(made.value);
    expect(one.credentials.uid).toBe(1);
  });

  test("gives every capability there, nothing inheritable or ambient, and a full bounding set", () => {
    const one = task({ uid: 5, inheritable: "all", ambient: "all", bounding: "none" });
    createUserNamespace(access, one);
    const c = one.credentials;
    expect([c.permitted, c.effective, c.bounding]).toEqual([
      ALL_CAPABILITIES,
      ALL_CAPABILITIES,
      ALL_CAPABILITIES,
    ]);
    expect([c.inheritable, c.ambient]).toEqual([NO_CAPABILITIES, NO_CAPABILITIES]);
    expect(said(access.capable(one, "CAP_SYS_NICE"))).toBe("EPERM commoncap/namespace-not-below");
    expect(access.capable(one, "CAP_SYS_NICE", c.userNamespace).ok).toBe(true);
  });

  test("knows as many capabilities as the kernel does", () => {
    const one = task({ uid: 5 });
    createUserNamespace(new AccessControl({ features: { lastCapability: 37 } }), one);
    expect(one.credentials.permitted).toEqual(capabilitiesUpTo(37));
  });

  test.each([
    [true, 0x700],
    [false, 0],
  ])(
    "clears securebits, keeping those that restrict exec where the kernel does: %s",
    (keeps, bits) => {
      const machine = new AccessControl({ features: { namespaceKeepsExecSecurebits: keeps } });
      const one = task({ uid: 0, securebits: 0x755 });
      createUserNamespace(machine, one);
      expect(one.credentials.securebits).toBe(bits);
    },
  );

  test("nests 33 deep, and is ENOSPC then", () => {
    const one = task({ uid: 0 });
    let namespace = initialUserNamespace;
    const identity = [{ inside: 0, kernel: 0, count: 1 }];
    for (let i = 0; i < 33; i++) {
      const made = createUserNamespace(access, one);
      if (!made.ok) throw new Error(`level ${String(i)}`);
      namespace = made.value;
      namespace.uidMap = identity;
      namespace.gidMap = identity;
    }
    expect(namespace.level).toBe(33);
    expect(said(createUserNamespace(access, one))).toBe("ENOSPC user_namespace/too-deep");
  });

  test("is EPERM in a chroot, and while one's effective ids have no name", () => {
    const jailed = task({ uid: 0 });
    jailed.isChrooted = true;
    expect(said(createUserNamespace(access, jailed))).toBe("EPERM user_namespace/chrooted");
    const one = task({ uid: 1000 });
    createUserNamespace(access, one);
    expect(said(createUserNamespace(access, one))).toBe("EPERM user_namespace/ids-unmapped");
    one.credentials.userNamespace.uidMap = [{ inside: 0, kernel: 1000, count: 1 }];
    expect(said(createUserNamespace(access, one))).toBe("EPERM user_namespace/ids-unmapped");
    one.credentials.userNamespace.gidMap = [{ inside: 0, kernel: 1000, count: 1 }];
    expect(said(createUserNamespace(access, one))).toBe("ok");
  });

  test("remembers whether its creator could have set file capabilities", () => {
    const made = [task({ uid: 0 }), task({ uid: 1000 })].map((one) =>
      createUserNamespace(access, one),
    );
    expect(made.map((answer) => answer.ok && answer.value.creatorHadSetfcap)).toEqual([
      true,
      false,
    ]);
  });

  test("is taken back with an attempt", () => {
    const one = task({ uid: 0 });
    const before = one.credentials;
    access.ports.journal.attempt(() => createUserNamespace(access, one));
    expect(one.credentials).toBe(before);
  });
});

describe("clone(CLONE_NEWUSER)", () => {
  test("moves the child alone, and never closes it", () => {
    const creator = task({ uid: 1000 });
    const child = task({ uid: 1000 });
    const made = cloneIntoUserNamespace(access, creator, child);
    expect(made.ok && child.credentials.userNamespace === made.value).toBe(true);
    expect(creator.credentials.userNamespace).toBe(initialUserNamespace);
    expect(child.exec.dumpable).toBe(1);
  });
});

describe("setns into a user namespace", () => {
  const join = (...args: Parameters<typeof joinUserNamespace>): string =>
    said(joinUserNamespace(...args));

  test("takes CAP_SYS_ADMIN there: its owner outside has it, others have not", () => {
    expect(join(access, task({ uid: 1000 }), ofUser)).toBe("ok");
    expect(join(access, task({ uid: 2000 }), ofUser)).toBe("EPERM setns/not-permitted");
    expect(join(access, task({ uid: 2000, capabilities: ["CAP_SYS_ADMIN"] }), ofUser)).toBe("ok");
  });

  test("gives what a new one gives", () => {
    const one = task({ uid: 1000, securebits: 1 });
    join(access, one, ofUser);
    expect(one.credentials.userNamespace).toBe(ofUser);
    expect(one.credentials.effective).toEqual(ALL_CAPABILITIES);
    expect(one.credentials.securebits).toBe(0);
  });

  test("is EINVAL where one is already, with several threads, and with a shared root; then EPERM", () => {
    const stranger = task({ uid: 2000 });
    const own = stranger.credentials.userNamespace;
    expect(join(access, stranger, own, { hasSeveralThreads: true })).toBe(
      "EINVAL setns/same-user-namespace",
    );
    expect(join(access, stranger, ofUser, { hasSeveralThreads: true, sharesFs: true })).toBe(
      "EINVAL setns/several-threads",
    );
    expect(join(access, stranger, ofUser, { sharesFs: true })).toBe("EINVAL setns/shares-root");
    expect(join(access, stranger, ofUser)).toBe("EPERM setns/not-permitted");
  });

  test("does not lead back out", () => {
    const one = task({ uid: 1000 });
    join(access, one, ofUser);
    expect(join(access, one, initialUserNamespace)).toBe("EPERM setns/not-permitted");
  });
});
