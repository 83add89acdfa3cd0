import type { CapabilityName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  capabilitySet,
  type CapabilitySpec,
} from "../capabilitySet.ts";
import { credentials } from "../credentials.ts";
import { ExecState } from "../execState.ts";
import type { SecurityFeatures } from "../features.ts";
import type { Subject } from "../subject.ts";
import { said, task } from "../testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "../userNamespace.ts";
import type { FileCapabilities } from "./execCapabilities.ts";
import { execCredentials, type ExecFile } from "./execCredentials.ts";

const access = new AccessControl();
const PLAIN: ExecFile = { owner: 0, group: 0 };
const SUID_ROOT: ExecFile = { ...PLAIN, setUid: true };

function file(
  permitted: CapabilitySpec,
  inheritable: CapabilitySpec = "none",
  effective = false,
  rootId?: number,
): ExecFile {
  const sets = {
    permitted: capabilitySet(permitted),
    inheritable: capabilitySet(inheritable),
    effective,
  };
  const capabilities: FileCapabilities = rootId === undefined ? sets : { ...sets, rootId };
  return { ...PLAIN, capabilities };
}

function exec(
  one: Subject,
  program: ExecFile,
  kernel: AccessControl = access,
): boolean | "unknown" {
  const answer = execCredentials(kernel, one, program);
  if (!answer.ok) throw new Error(answer.reason.id);
  return answer.value.isSecure;
}

/** What the task is afterwards: euid and egid, permitted, effective, dumpable. */
function outcome(one: Subject): unknown[] {
  const { credentials: c } = one;
  return [c.euid, c.egid, c.permitted, c.effective, one.exec.dumpable];
}

const ALL = ALL_CAPABILITIES;
const NONE = NO_CAPABILITIES;
const NICE = capabilitySet(["CAP_SYS_NICE"]);

describe("a program", () => {
  test.each<[string, Parameters<typeof task>[0], ExecFile, unknown[]]>([
    ["plain, by a user", { uid: 1000 }, PLAIN, [1000, 1000, NONE, NONE, 1]],
    ["plain, by root", { uid: 0 }, PLAIN, [0, 0, ALL, ALL, 1]],
    ["set-uid root", { uid: 1000 }, SUID_ROOT, [0, 1000, ALL, ALL, 0]],
    [
      "set-gid of another group",
      { uid: 1000 },
      { ...PLAIN, setGid: true },
      [1000, 0, NONE, NONE, 0],
    ],
    [
      "set-uid to the caller",
      { uid: 1000 },
      { owner: 1000, group: 5, setUid: true },
      [1000, 1000, NONE, NONE, 1],
    ],
    ["unreadable", { uid: 1000 }, { ...PLAIN, isReadable: false }, [1000, 1000, NONE, NONE, 0]],
    ["with +p capabilities", { uid: 1000 }, file(["CAP_SYS_NICE"]), [1000, 1000, NICE, NONE, 0]],
    [
      "with +ep capabilities",
      { uid: 1000 },
      file(["CAP_SYS_NICE"], "none", true),
      [1000, 1000, NICE, NICE, 0],
    ],
    ["by somebody whose real uid differs", { uid: 1000, euid: 0 }, PLAIN, [0, 1000, ALL, ALL, 0]],
    ["by root with another fs uid", { uid: 0, fsuid: 1000 }, PLAIN, [0, 0, ALL, ALL, 0]],
    [
      "by a user with capabilities",
      { uid: 1000, permitted: ["CAP_SYS_NICE"] },
      PLAIN,
      [1000, 1000, NONE, NONE, 1],
    ],
    [
      "by a real root who is effectively another",
      { uid: 0, euid: 1000 },
      PLAIN,
      [1000, 0, ALL, NONE, 0],
    ],
    ["by a saved root", { uid: 1000, suid: 0 }, PLAIN, [1000, 1000, NONE, NONE, 1]],
    [
      "by a root with less, which gains",
      { uid: 0, capabilities: ["CAP_KILL"] },
      PLAIN,
      [0, 0, ALL, ALL, 0],
    ],
  ])("%s", (_, who, program, after) => {
    const one = task(who);
    exec(one, program);
    expect(outcome(one)).toEqual(after);
  });

  test("brings saved and fs ids to the effective ones", () => {
    const one = task({ uid: 1, euid: 2, suid: 3, fsuid: 4, gid: 5, egid: 6, sgid: 7, fsgid: 8 });
    exec(one, PLAIN);
    const c = one.credentials;
    expect([c.uid, c.euid, c.suid, c.fsuid]).toEqual([1, 2, 2, 2]);
    expect([c.gid, c.egid, c.sgid, c.fsgid]).toEqual([5, 6, 6, 6]);
  });

  test("gets a dumpable state of its own: a vfork's parent keeps the old one", () => {
    const parent = task({ uid: 1000 }, { exec: new ExecState(0) });
    const child = task({ uid: 1000 }, { exec: parent.exec });
    exec(child, PLAIN);
    expect(child.exec).not.toBe(parent.exec);
    expect([child.exec.dumpable, parent.exec.dumpable]).toEqual([1, 0]);
  });

  test("remembers the user namespace in which it was executed", () => {
    const inner = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });
    const one = task(
      { uid: 1000, userNamespace: inner },
      { exec: new ExecState(1, initialUserNamespace) },
    );
    exec(one, PLAIN);
    expect(one.exec.userNamespace).toBe(inner);
  });

  test("that cannot be read belongs to the nearest namespace in which its owner and group have names", () => {
    const outer = new UserNamespace({
      parent: initialUserNamespace,
      owner: 1000,
      group: 1000,
      uidMap: [{ inside: 0, kernel: 500, count: 1 }],
      gidMap: [{ inside: 0, kernel: 500, count: 1 }],
    });
    const inner = new UserNamespace({ parent: outer, owner: 500, group: 500 });
    const run = (owner: number, group: number): UserNamespace => {
      const one = task({ uid: 500, userNamespace: inner });
      exec(one, { owner, group, isReadable: false });
      return one.exec.userNamespace;
    };
    expect(run(500, 500)).toBe(outer);
    expect(run(500, 0)).toBe(initialUserNamespace);
    expect(run(0, 500)).toBe(initialUserNamespace);
  });

  test.each([0, 1, 2] as const)(
    "that is closed gets what fs.suid_dumpable says: %i",
    (suidDumpable) => {
      const kernel = new AccessControl({ settings: { suidDumpable } });
      for (const program of [SUID_ROOT, { ...PLAIN, isReadable: false }]) {
        const one = task({ uid: 1000 });
        exec(one, program, kernel);
        expect(one.exec.dumpable).toBe(suidDumpable);
      }
    },
  );

  test("clears KEEP_CAPS, locked or not, and no other securebit", () => {
    const one = task({ uid: 0, securebits: 0x7f });
    exec(one, PLAIN);
    expect(one.credentials.securebits).toBe(0x6f);
  });

  test("clears the parent-death signal where it must be distrusted", () => {
    const plain = task({ uid: 1000 });
    const privileged = task({ uid: 1000 });
    for (const one of [plain, privileged]) one.parentDeathSignal = 9;
    exec(plain, PLAIN);
    exec(privileged, SUID_ROOT);
    expect([plain.parentDeathSignal, privileged.parentDeathSignal]).toEqual([9, 0]);
  });

  test("is taken back with an attempt", () => {
    const one = task({ uid: 1000 });
    one.parentDeathSignal = 9;
    const before = [one.credentials, one.exec, one.exec.dumpable];
    access.ports.journal.attempt(() => exec(one, SUID_ROOT));
    expect([one.credentials, one.exec, one.exec.dumpable]).toEqual(before);
    expect(one.parentDeathSignal).toBe(9);
  });
});

describe("set-id bits do not count", () => {
  const program: ExecFile = { owner: 0, group: 0, setUid: true, setGid: true };

  test("under no_new_privs", () => {
    const one = task({ uid: 1000 }, { noNewPrivs: true });
    exec(one, program);
    expect(outcome(one)).toEqual([1000, 1000, NONE, NONE, 1]);
  });

  test("on a nosuid mount, and neither do file capabilities", () => {
    const one = task({ uid: 1000 });
    exec(one, { ...program, ...file("all"), ignoresPrivileges: true });
    expect(outcome(one)).toEqual([1000, 1000, NONE, NONE, 1]);
  });

  test.each([
    [[{ inside: 0, kernel: 0, count: 2000 }], [], 1000],
    [[], [{ inside: 0, kernel: 0, count: 2000 }], 1000],
    [[{ inside: 0, kernel: 0, count: 2000 }], [{ inside: 0, kernel: 0, count: 2000 }], 0],
  ])("where owner or group has no name in the caller's user namespace", (uidMap, gidMap, euid) => {
    const userNamespace = new UserNamespace({
      parent: initialUserNamespace,
      owner: 0,
      group: 0,
      uidMap,
      gidMap,
    });
    const one = task({ uid: 1000, userNamespace });
    exec(one, program);
    expect(one.credentials.euid).toBe(euid);
  });
});

describe("an unsafe exec", () => {
  const stranger = task({ uid: 1000 });
  const tracedBy = (tracer: Subject, who: Parameters<typeof task>[0]): Subject =>
    task(who, { tracer });

  test("by a tracer without CAP_SYS_PTRACE loses the new ids and capabilities", () => {
    const one = tracedBy(stranger, { uid: 1000 });
    expect(exec(one, SUID_ROOT)).toBe(true);
    expect(outcome(one)).toEqual([1000, 1000, NONE, NONE, 1]);
  });

  test("under a capable tracer is none", () => {
    const one = tracedBy(task({ uid: 0 }), { uid: 1000 });
    exec(one, SUID_ROOT);
    expect(outcome(one)).toEqual([0, 1000, ALL, ALL, 0]);
  });

  test("asks the tracer as it was when it attached", () => {
    const fallen = task({ uid: 0 });
    const one = tracedBy(fallen, { uid: 1000 });
    fallen.credentials = credentials({ uid: 1000 });
    exec(one, SUID_ROOT);
    expect(one.credentials.euid).toBe(0);
  });

  test("with a shared root directory is one too", () => {
    const one = task({ uid: 1000 });
    execCredentials(access, one, SUID_ROOT, { sharesFs: true });
    expect(one.credentials.euid).toBe(1000);
  });

  test("leaves the ids to who could have set them anyway, within the old permitted set", () => {
    const one = tracedBy(stranger, { uid: 1000, capabilities: ["CAP_SETUID"] });
    exec(one, SUID_ROOT);
    const setuid = capabilitySet(["CAP_SETUID"]);
    expect(outcome(one)).toEqual([0, 1000, setuid, setuid, 0]);
  });

  test("under no_new_privs does not leave them even then", () => {
    const one = task({ uid: 1000, capabilities: ["CAP_SETUID"] }, { noNewPrivs: true });
    exec(one, file(["CAP_KILL"], "none", true));
    expect(outcome(one)).toEqual([1000, 1000, NONE, NONE, 1]);
  });

  test("that grants nothing new is not cut", () => {
    const one = tracedBy(stranger, { uid: 1000, permitted: ["CAP_SYS_NICE"] });
    exec(one, file(["CAP_SYS_NICE"]));
    expect(one.credentials.permitted).toEqual(NICE);
  });
});

describe("file capabilities", () => {
  test("give what the file permits within the bounding set, and what both call inheritable", () => {
    const names: CapabilityName[] = ["CAP_KILL", "CAP_CHOWN"];
    const one = task({ uid: 1000, inheritable: ["CAP_BPF", "CAP_CHOWN"], bounding: ["CAP_KILL"] });
    exec(one, file(names, ["CAP_BPF", "CAP_FOWNER"]));
    expect(one.credentials.permitted).toEqual(capabilitySet(["CAP_KILL", "CAP_BPF"]));
    expect(one.credentials.inheritable).toEqual(capabilitySet(["CAP_BPF", "CAP_CHOWN"]));
  });

  test("with the effective bit are EPERM where the bounding set is too small, for root too", () => {
    for (const uid of [0, 1000]) {
      const one = task({ uid, bounding: ["CAP_KILL"] });
      const before = one.credentials;
      const answer = execCredentials(access, one, file(["CAP_KILL", "CAP_SYS_NICE"], "none", true));
      expect(said(answer)).toBe("EPERM execve/file-capabilities-incomplete");
      expect(answer.ok || answer.reason.compared).toEqual({ missing: "CAP_SYS_NICE" });
      expect(one.credentials).toBe(before);
    }
  });

  test("with the effective bit are complete where what is missing is inheritable on both sides", () => {
    const one = task({ uid: 1000, bounding: "none", inheritable: ["CAP_SYS_NICE"] });
    exec(one, file(["CAP_SYS_NICE"], ["CAP_SYS_NICE"], true));
    expect(one.credentials.effective).toEqual(NICE);
    const other = task({ uid: 1000, bounding: "none", inheritable: ["CAP_SYS_NICE"] });
    expect(said(execCredentials(access, other, file(["CAP_SYS_NICE"], "none", true)))).toBe(
      "EPERM execve/file-capabilities-incomplete",
    );
  });

  test("without it are not", () => {
    const one = task({ uid: 1000, bounding: "none" });
    expect(said(execCredentials(access, one, file(["CAP_SYS_NICE"])))).toBe("ok");
    expect(one.credentials.permitted).toEqual(NONE);
  });

  test("take the place of root's on a set-uid root program, but not for root itself", () => {
    const program = { ...file(["CAP_SYS_NICE"], "none", true), setUid: true };
    const user = task({ uid: 1000 });
    exec(user, program);
    expect(outcome(user)).toEqual([0, 1000, NICE, NICE, 0]);
    const root = task({ uid: 0 });
    exec(root, program);
    expect(root.credentials.permitted).toEqual(ALL);
  });

  test("of version 3 count where their root is root, or above it was", () => {
    const inner = (kernel: number): UserNamespace =>
      new UserNamespace({
        parent: initialUserNamespace,
        owner: 1000,
        group: 1000,
        uidMap: [{ inside: 0, kernel, count: 1 }],
      });
    const run = (userNamespace: UserNamespace, rootId?: number): boolean => {
      const one = task({ uid: 77, userNamespace });
      exec(one, file(["CAP_SYS_NICE"], "none", false, rootId));
      return one.credentials.permitted.lo !== 0;
    };
    expect(run(initialUserNamespace, 1000)).toBe(false);
    expect(run(inner(1000), 1000)).toBe(true);
    expect(run(inner(2000), 1000)).toBe(false);
    expect(run(inner(2000), 0)).toBe(true);
    expect(run(inner(2000))).toBe(true);
  });

  test("clear what is ambient, even if they are empty; a plain program keeps it", () => {
    const holder = {
      uid: 1000,
      permitted: ["CAP_KILL"],
      inheritable: ["CAP_KILL"],
      ambient: ["CAP_KILL"],
    } as const;
    const kept = task(holder);
    exec(kept, PLAIN);
    const kill = capabilitySet(["CAP_KILL"]);
    expect([
      kept.credentials.ambient,
      kept.credentials.permitted,
      kept.credentials.effective,
    ]).toEqual([kill, kill, kill]);
    const cleared = task(holder);
    exec(cleared, file("none"));
    expect([cleared.credentials.ambient, cleared.credentials.permitted]).toEqual([NONE, NONE]);
    const changedIdentity = task(holder);
    exec(changedIdentity, { owner: 5, group: 5, setUid: true });
    expect(changedIdentity.credentials.ambient).toEqual(NONE);
  });
});

describe("root's meaning", () => {
  test("is gone under SECBIT_NOROOT: only the file's capabilities count", () => {
    const one = task({ uid: 0, securebits: 1 });
    exec(one, PLAIN);
    expect(one.credentials.permitted).toEqual(NONE);
    const other = task({ uid: 0, securebits: 1 });
    exec(other, file(["CAP_SYS_NICE"], "none", true));
    expect(other.credentials.effective).toEqual(NICE);
  });

  test("is the bounding set and what is inheritable", () => {
    const one = task({ uid: 0, bounding: ["CAP_KILL"], inheritable: ["CAP_BPF"] });
    exec(one, PLAIN);
    expect(one.credentials.permitted).toEqual(capabilitySet(["CAP_KILL", "CAP_BPF"]));
  });
});

describe("AT_SECURE", () => {
  const differs = { uid: 1000, euid: 2000 };
  const member = { uid: 1000, groups: [7] };
  const group7: ExecFile = { owner: 0, group: 7, setGid: true };

  test.each<[string, Parameters<typeof task>[0], ExecFile, boolean, boolean]>([
    ["a plain program", { uid: 1000 }, PLAIN, false, false],
    ["set-uid", { uid: 1000 }, SUID_ROOT, true, true],
    ["root, plain", { uid: 0 }, PLAIN, false, false],
    ["root, with file capabilities", { uid: 0 }, file("all", "none", true), false, false],
    ["file capabilities", { uid: 1000 }, file(["CAP_KILL"]), true, true],
    ["the effective bit with nothing", { uid: 1000 }, file("none", "none", true), true, true],
    ["ids that differ already", differs, PLAIN, true, true],
    ["set-uid that leads back to the real uid", { uid: 0, euid: 1000 }, SUID_ROOT, false, true],
    ["set-gid to a group that one is in", member, group7, true, true],
  ])("%s: before 6.17 %o, since then", (_, who, program, old, now) => {
    const comparesReal = new AccessControl({ features: { execComparesEffective: false } });
    expect(exec(task(who), program, comparesReal)).toBe(old);
    expect(exec(task(who), program)).toBe(now);
  });
});

describe("what counts as another identity", () => {
  const ambient = {
    permitted: ["CAP_KILL"],
    inheritable: ["CAP_KILL"],
    ambient: ["CAP_KILL"],
  } as const;
  const keeps = (
    features: Partial<SecurityFeatures>,
    who: Parameters<typeof task>[0],
    program: ExecFile,
  ): boolean => {
    const one = task({ ...who, ...ambient });
    exec(one, program, new AccessControl({ features }));
    return one.credentials.ambient.lo !== 0;
  };

  test.each<[string, Parameters<typeof task>[0], ExecFile, boolean, boolean]>([
    ["a plain program, ids alike", { uid: 1000 }, PLAIN, true, true],
    ["a plain program, ruid and euid differ", { uid: 1000, euid: 2000 }, PLAIN, false, true],
    ["a plain program, rgid and egid differ", { uid: 1000, gid: 1, egid: 2 }, PLAIN, false, true],
    ["a plain program, egid and fsgid differ", { uid: 1000, fsgid: 3 }, PLAIN, true, false],
    ["and one is in the egid's group", { uid: 1000, fsgid: 3, groups: [1000] }, PLAIN, true, true],
    [
      "set-gid to a supplementary group",
      { uid: 1000, groups: [7] },
      { owner: 0, group: 7, setGid: true },
      false,
      true,
    ],
    [
      "set-uid to the real uid",
      { uid: 1000, euid: 2000 },
      { owner: 1000, group: 0, setUid: true },
      true,
      false,
    ],
  ])("%s: ambient capabilities stay before 6.17 %o, since then %o", (_, who, program, old, now) => {
    expect(keeps({ execComparesEffective: false }, who, program)).toBe(old);
    expect(keeps({}, who, program)).toBe(now);
  });

  test("under no_new_privs before 6.17 even took a plain program's euid away", () => {
    const run = (execComparesEffective: boolean): number => {
      const one = task({ uid: 1000, euid: 0 }, { noNewPrivs: true });
      exec(one, PLAIN, new AccessControl({ features: { execComparesEffective } }));
      return one.credentials.euid;
    };
    expect([run(false), run(true)]).toEqual([1000, 0]);
  });
});
