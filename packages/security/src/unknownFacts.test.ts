import { Unknown, type Choices } from "@kadvise/ports";
import { CAP } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { execCredentials } from "./calls/execCredentials.ts";
import { getegid, geteuid, getgid, getresgid, getresuid, getuid } from "./calls/getIds.ts";
import { capget } from "./calls/capget.ts";
import { capset } from "./calls/capset.ts";
import { freshUnknownId } from "./calls/idKind.ts";
import { prctl } from "./calls/prctl.ts";
import { setfsgid, setfsuid } from "./calls/setfsuid.ts";
import { getgroups, setgroups } from "./calls/setgroups.ts";
import { setregid, setreuid } from "./calls/setreuid.ts";
import { setresgid, setresuid } from "./calls/setresuid.ts";
import { setgid, setuid } from "./calls/setuid.ts";
import { createUserNamespace } from "./calls/userNamespace.ts";
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  capabilityHalves,
  capabilitySet,
} from "./capabilitySet.ts";
import { credentials, unknownCredentials } from "./credentials.ts";
import { ExecState, readDumpable } from "./execState.ts";
import { forgetCredentials } from "./forget.ts";
import { forkSubject } from "./lifecycle.ts";
import { subject, type Subject } from "./subject.ts";
import { Oracle, contradictions } from "./testing/oracle.ts";
import { NEVER_ASKED, Scripted, said, task } from "./testing/tasks.ts";
import { idIs, permittedWithin, readCapability, readId, sameId, tellSame } from "./unknownFacts.ts";

function machine(choices: Choices): AccessControl {
  const quiet = new AccessControl();
  return new AccessControl({ ports: { ...quiet.ports, choices } });
}

function stranger(options: Parameters<typeof unknownCredentials>[0] = {}): Subject {
  return subject({
    pid: 178,
    credentials: unknownCredentials({ whose: "process 178", ...options }),
  });
}

describe("reading a fact that is known", () => {
  test("asks nobody", () => {
    const access = machine(NEVER_ASKED);
    const one = task({ uid: 1000 });
    expect(
      said(
        access.ptraceAccess({
          caller: one,
          target: task({ uid: 1000 }),
          mode: "PTRACE_MODE_READ_FSCREDS",
        }),
      ),
    ).toBe("ok");
    expect(getuid(access, one)).toEqual({ ok: true, value: 1000 });
    expect(said(setuid(access, one, 5))).toBe("EPERM setuid/not-permitted");
  });
});

describe("reading an id that is unknown", () => {
  test("asks once, and keeps the answer", () => {
    const choices = new Scripted({ "credentials/uid": 1000 });
    const access = machine(choices);
    const one = stranger();
    expect(getuid(access, one)).toEqual({ ok: true, value: 1000 });
    expect(getuid(access, one)).toEqual({ ok: true, value: 1000 });
    expect(choices.asked).toEqual(["credentials/uid"]);
    expect(choices.described).toEqual(["the uid of process 178: any id"]);
    expect(one.credentials.uid).toBe(1000);
    expect(one.credentials.euid).toBeLessThan(0);
  });

  test("settles every id that is known to be the same", () => {
    const choices = new Scripted({ "credentials/fsuid": 7 });
    const one = stranger({ sameIds: true });
    setfsuid(machine(choices), one, -1);
    const c = one.credentials;
    expect([c.uid, c.euid, c.suid, c.fsuid]).toEqual([7, 7, 7, 7]);
    expect(c.gid).toBeLessThan(0);
  });

  test("reaches whoever inherited the credentials", () => {
    const access = machine(new Scripted({ "credentials/uid": 1000 }));
    const parent = stranger();
    const child = forkSubject(access, parent, { pid: 179 });
    if (!child.ok) throw new Error("fork");
    getuid(access, child.value);
    expect(parent.credentials.uid).toBe(1000);
  });

  test("offers the returned value as the answer only where the call returns it", () => {
    const offers: boolean[] = [];
    const watching: Choices = {
      choose: (question) => {
        offers.push(question.fromResult !== undefined);
        if (question.fromResult !== undefined) return question.fromResult(4);
        return question.usual;
      },
    };
    expect(getuid(machine(watching), stranger())).toEqual({ ok: true, value: 4 });
    expect(geteuid(machine(watching), stranger())).toEqual({ ok: true, value: 4 });
    expect(getgid(machine(watching), stranger())).toEqual({ ok: true, value: 4 });
    expect(getegid(machine(watching), stranger())).toEqual({ ok: true, value: 4 });
    expect(setfsuid(machine(watching), stranger(), -1)).toEqual({ ok: true, value: 4 });
    getresuid(machine(watching), stranger());
    expect(offers).toEqual([true, true, true, true, true, false, false, false]);
  });

  test("allows any legal id and none other", () => {
    const asking: Choices = {
      choose: (question) => {
        expect([0, 1000, 4_294_967_294].every((id) => question.allows(id as never))).toBe(true);
        expect([-1, -2, 4_294_967_295, 0.5].some((id) => question.allows(id as never))).toBe(false);
        return question.usual;
      },
    };
    expect(getuid(machine(asking), stranger())).toEqual({ ok: true, value: 0 });
  });

  test("is taken back with an attempt", () => {
    const access = machine(new Scripted({ "credentials/uid": 5 }));
    const one = stranger();
    const before = { ...one.credentials };
    access.ports.journal.attempt(() => getuid(access, one));
    expect(one.credentials).toEqual(before);
  });

  test("that nobody can answer changes nothing", () => {
    const mute: Choices = {
      choose: (question) => {
        throw new Unknown(question.id, question.describe());
      },
    };
    const access = machine(mute);
    const one = stranger();
    const before = { ...one.credentials };
    expect(() => access.ports.journal.attempt(() => setuid(access, one, 5))).toThrow(Unknown);
    expect(one.credentials).toEqual(before);
  });
});

describe("asking whether an unknown id is a known one", () => {
  const ports = (choices: Choices): AccessControl["ports"] => machine(choices).ports;

  test("has two answers, and both say all that there is to say", () => {
    const yes = unknownCredentials();
    expect(idIs(ports(new Scripted({ "credentials/euid-is": true })), yes, "euid", 1000)).toBe(
      true,
    );
    expect(yes.euid).toBe(1000);
    const no = unknownCredentials();
    const choices = new Scripted({ "credentials/euid-is": false });
    expect(idIs(ports(choices), no, "euid", 1000)).toBe(false);
    expect(idIs(ports(choices), no, "euid", 1000)).toBe(false);
    expect(choices.asked).toEqual(["credentials/euid-is"]);
    expect(no.euid).toBeLessThan(0);
  });

  test("rules the id out for good", () => {
    const c = unknownCredentials();
    idIs(ports(new Scripted({ "credentials/uid-is": false })), c, "uid", 1000);
    const insisting = new Scripted({ "credentials/uid": 1000 });
    expect(() => readId(ports(insisting), c, "uid")).toThrow(RangeError);
    expect(tellSame(c, c.uid, 1000)).toBe(false);
    expect(tellSame(c, c.uid, 1001)).toBe("unknown");
    expect(tellSame(c, c.uid, c.uid)).toBe(true);
  });

  test("offers both answers to a judge", () => {
    const judge: Choices = {
      choose: (question) => {
        expect(question.alternatives).toEqual([true, false]);
        return question.usual;
      },
    };
    expect(idIs(ports(judge), unknownCredentials(), "uid", 0)).toBe(true);
    expect(idIs(ports(judge), unknownCredentials(), "uid", 5)).toBe(false);
  });

  test("compares two tasks by asking for one of them", () => {
    const a = unknownCredentials();
    const b = unknownCredentials();
    const choices = new Scripted({ "credentials/euid": 5, "credentials/fsuid-is": true });
    expect(sameId(ports(choices), a, "fsuid", b, "euid")).toBe(true);
    expect([a.fsuid, b.euid]).toEqual([5, 5]);
    expect(choices.asked).toEqual(["credentials/euid", "credentials/fsuid-is"]);
    expect(sameId(ports(NEVER_ASKED), a, "uid", a, "uid")).toBe(true);
    // Equal numbers of different tasks are different unknowns.
    const asked = new Scripted();
    sameId(ports(asked), unknownCredentials(), "uid", unknownCredentials(), "uid");
    expect(asked.asked).toEqual(["credentials/uid", "credentials/uid-is"]);
  });
});

describe("reading a capability that is open", () => {
  test("asks for that one, once", () => {
    const choices = new Scripted({ "credentials/effective/CAP_SYS_NICE": false });
    const access = machine(choices);
    const one = stranger();
    expect(said(access.capable(one, "CAP_SYS_NICE"))).toBe("EPERM commoncap/capability-missing");
    expect(access.capable(one, "CAP_SYS_NICE").ok).toBe(false);
    expect(access.capable(one, "CAP_KILL").ok).toBe(true);
    expect(access.capable(one, "CAP_KILL").ok).toBe(true);
    expect(choices.asked).toEqual([
      "credentials/effective/CAP_SYS_NICE",
      "credentials/effective/CAP_KILL",
    ]);
    expect(choices.described[0]).toBe("whether CAP_SYS_NICE is effective for process 178");
  });

  test("knows that what is effective or ambient is permitted too", () => {
    const { ports } = machine(new Scripted());
    const c = unknownCredentials();
    readCapability(ports, c, "effective", CAP.CAP_KILL);
    expect(readCapability(machine(NEVER_ASKED).ports, c, "permitted", CAP.CAP_KILL)).toBe(true);
    readCapability(ports, c, "ambient", CAP.CAP_CHOWN);
    expect(readCapability(machine(NEVER_ASKED).ports, c, "inheritable", CAP.CAP_CHOWN)).toBe(true);
  });

  test("knows that what is not permitted is not effective, nor ambient", () => {
    const never = machine(NEVER_ASKED).ports;
    const c = unknownCredentials();
    readCapability(
      machine(new Scripted({ "credentials/permitted/CAP_KILL": false })).ports,
      c,
      "permitted",
      CAP.CAP_KILL,
    );
    expect(readCapability(never, c, "effective", CAP.CAP_KILL)).toBe(false);
    expect(readCapability(never, c, "ambient", CAP.CAP_KILL)).toBe(false);
    const d = unknownCredentials();
    readCapability(
      machine(new Scripted({ "credentials/inheritable/CAP_BPF": false })).ports,
      d,
      "inheritable",
      CAP.CAP_BPF,
    );
    expect(readCapability(never, d, "ambient", CAP.CAP_BPF)).toBe(false);
  });

  test("asks for a whole set where a call shows it", () => {
    const some = capabilitySet(["CAP_KILL"]);
    const choices = new Scripted({
      "credentials/effective": NO_CAPABILITIES,
      "credentials/permitted": some,
      "credentials/inheritable": NO_CAPABILITIES,
    });
    const access = machine(choices);
    const one = stranger();
    const call = { version: 0x2008_0522, pid: 0, hasRoom: true, findTask: () => undefined };
    const expected = { effective: NO_CAPABILITIES, permitted: some, inheritable: NO_CAPABILITIES };
    expect(capget(access, one, call)).toEqual({ ok: true, value: expected });
    expect(capget(machine(NEVER_ASKED), one, call)).toEqual({ ok: true, value: expected });
    expect(choices.asked).toHaveLength(3);
    expect(
      readCapability(machine(NEVER_ASKED).ports, one.credentials, "ambient", CAP.CAP_KILL),
    ).toBe(false);
  });

  test("does not allow a set without what is known to be in it, nor with what is not", () => {
    const c = unknownCredentials();
    readCapability(machine(new Scripted()).ports, c, "permitted", CAP.CAP_KILL);
    readCapability(
      machine(new Scripted({ "credentials/permitted/CAP_BPF": false })).ports,
      c,
      "permitted",
      CAP.CAP_BPF,
    );
    const one = subject({ pid: 1, credentials: c });
    const show = (permitted: object): unknown =>
      capget(
        machine(
          new Scripted({
            "credentials/permitted": permitted,
            "credentials/effective": NO_CAPABILITIES,
          }),
        ),
        one,
        {
          version: 0x2008_0522,
          pid: 0,
          hasRoom: true,
          findTask: () => undefined,
        },
      );
    expect(() => show(NO_CAPABILITIES)).toThrow(RangeError);
    expect(() => show(ALL_CAPABILITIES)).toThrow(RangeError);
    expect(() => show(capabilitySet(["CAP_KILL"]))).not.toThrow();
  });

  test("asks whether one set is within another only where that is open, and leaves it open", () => {
    const never = machine(NEVER_ASKED).ports;
    const all = credentials({ uid: 0 });
    const nothing = credentials({ uid: 1 });
    const open = unknownCredentials();
    expect(permittedWithin(never, open, all, "effective")).toBe(true);
    expect(permittedWithin(never, nothing, open, "effective")).toBe(true);
    expect(permittedWithin(never, open, open, "permitted")).toBe(true);
    const tight = credentials({ uid: 1, permitted: ["CAP_KILL"] });
    const none = { ...open.unknown!, open: { ...open.unknown!.open, permitted: NO_CAPABILITIES } };
    expect(permittedWithin(never, tight, { ...open, unknown: none }, "permitted")).toBe(false);
    for (const answer of [true, false]) {
      const choices = new Scripted({ "credentials/permitted-within": answer });
      expect(permittedWithin(machine(choices).ports, open, nothing, "effective")).toBe(answer);
    }
    expect(open.unknown?.open.permitted).toEqual(ALL_CAPABILITIES);
  });
});

describe("what is unknown of a target", () => {
  const modes = ["PTRACE_MODE_READ_FSCREDS", "PTRACE_MODE_ATTACH_REALCREDS"] as const;

  test("is not asked for where the caller is known to have CAP_SYS_PTRACE", () => {
    const access = machine(NEVER_ASKED);
    const target = stranger();
    target.exec.dumpable = "unknown";
    const caller = task({ uid: 5, capabilities: ["CAP_SYS_PTRACE"] });
    for (const mode of modes)
      expect(said(access.ptraceAccess({ caller, target, mode }))).toBe("ok");
  });

  test("is asked for in Linux' order where it is not", () => {
    const choices = new Scripted({
      "credentials/euid-is": true,
      "credentials/suid-is": true,
      "credentials/uid-is": true,
      "credentials/egid-is": true,
      "credentials/sgid-is": true,
      "credentials/gid-is": true,
    });
    const target = stranger();
    target.exec.dumpable = "unknown";
    const question = { caller: task({ uid: 5 }), target, mode: modes[0] };
    expect(said(machine(choices).ptraceAccess(question))).toBe("ok");
    expect(choices.asked).toEqual([
      "credentials/euid-is",
      "credentials/suid-is",
      "credentials/uid-is",
      "credentials/egid-is",
      "credentials/sgid-is",
      "credentials/gid-is",
      "exec/dumpable",
      "credentials/permitted-within",
    ]);
    const no = new Scripted({ "credentials/euid-is": false });
    expect(said(machine(no).ptraceAccess({ ...question, target: stranger() }))).toBe(
      "EPERM ptrace_access/ids-differ",
    );
    expect(no.asked).toEqual(["credentials/euid-is"]);
  });

  test("and of a caller of which nothing is known: first the ids, then the capability", () => {
    const choices = new Scripted({ "credentials/fsuid-is": false });
    const target = task({ uid: 5, permitted: ["CAP_KILL"] }, { exec: new ExecState(0) });
    const question = { caller: stranger(), target, mode: modes[0] };
    expect(said(machine(choices).ptraceAccess(question))).toBe("ok");
    expect(choices.asked).toEqual([
      "credentials/fsuid-is",
      "credentials/effective/CAP_SYS_PTRACE",
      "credentials/permitted-within",
    ]);
  });
});

describe("the dumpable state that nobody stated", () => {
  test.each([
    [1, "ok"],
    [0, "EPERM ptrace_access/not-dumpable"],
    [2, "EPERM ptrace_access/not-dumpable"],
  ])("is asked for by the check that reads it: %i", (dumpable, verdict) => {
    const choices = new Scripted({ "exec/dumpable": dumpable });
    const access = machine(choices);
    const target = task({ uid: 1 }, { exec: new ExecState("unknown") });
    const question = {
      caller: task({ uid: 1 }),
      target,
      mode: "PTRACE_MODE_READ_FSCREDS",
    } as const;
    expect(said(access.ptraceAccess(question))).toBe(verdict);
    access.ptraceAccess(question);
    expect(choices.asked).toEqual(["exec/dumpable"]);
    expect(target.exec.dumpable).toBe(dumpable);
  });

  test("is what PR_GET_DUMPABLE returned", () => {
    const judge: Choices = { choose: (question) => question.fromResult?.(2) ?? question.usual };
    const one = task({ uid: 1 }, { exec: new ExecState("unknown") });
    expect(prctl(machine(judge), one, { option: 3, args: [] })).toEqual({ ok: true, value: 2 });
    expect(one.exec.dumpable).toBe(2);
    const exec = new ExecState("unknown");
    const offered: Choices = {
      choose: (question) => {
        expect(question.fromResult).toBeUndefined();
        expect(question.alternatives).toEqual([1, 0, 2]);
        expect([0, 1, 2, 3].map((value) => question.allows(value as never))).toEqual([
          true,
          true,
          true,
          false,
        ]);
        return question.usual;
      },
    };
    expect(readDumpable(machine(offered).ports, exec)).toBe(1);
  });

  test("stays unknown in a zombie, and is asked for as what it was", () => {
    const kernel = { deadTaskDumpable: "saved-bit" } as const;
    const choices = new Scripted({ "exec/was-dumpable": false });
    const quiet = new AccessControl();
    const access = new AccessControl({ features: kernel, ports: { ...quiet.ports, choices } });
    const zombie = task({ uid: 1 }, { exec: new ExecState("unknown"), hasMemory: false });
    const question = {
      caller: task({ uid: 1 }),
      target: zombie,
      mode: "PTRACE_MODE_READ_FSCREDS",
    } as const;
    access.ports.journal.attempt(() => access.ptraceAccess(question));
    expect(zombie.wasDumpable).toBe("unknown");
    expect(said(access.ptraceAccess(question))).toBe("EPERM ptrace_access/not-dumpable");
    expect(zombie.wasDumpable).toBe(false);
  });
});

describe("an effect on what is unknown", () => {
  test("leaves a gap instead of asking", () => {
    const access = machine(NEVER_ASKED);
    const one = stranger();
    expect(said(execCredentials(access, one, { owner: 0, group: 0 }) as never)).toBe("ok");
    expect(one.exec.dumpable).toBe("unknown");
    expect(one.credentials.suid).toBe(one.credentials.euid);
  });

  test("is none where fs.suid_dumpable leaves whoever changes open too", () => {
    const settings = { suidDumpable: 1 } as const;
    const ports = { ...new AccessControl().ports, choices: NEVER_ASKED };
    const one = stranger();
    execCredentials(new AccessControl({ ports, settings }), one, { owner: 0, group: 0 });
    expect(one.exec.dumpable).toBe(1);
  });

  test("is none where the gap does not matter: a plain exec of ids alike opens the process", () => {
    const access = machine(NEVER_ASKED);
    const one = subject({
      pid: 5,
      credentials: { ...unknownCredentials({ sameIds: true }), permitted: ALL_CAPABILITIES },
    });
    const { unknown } = one.credentials;
    const open = { ...unknown!.open, permitted: NO_CAPABILITIES };
    one.credentials = { ...one.credentials, unknown: { ...unknown!, open } };
    one.exec.dumpable = 0;
    execCredentials(access, one, { owner: 0, group: 0 });
    expect(one.exec.dumpable).toBe(1);
  });

  test("closes a process for certain where the identity changes for certain", () => {
    const access = machine(
      new Scripted({ "credentials/effective/CAP_SETUID": true, "credentials/euid-is": false }),
    );
    const one = stranger();
    idIs(access.ports, one.credentials, "euid", 1000);
    setresuid(access, one, -1, 1000, -1);
    expect(one.exec.dumpable).toBe(0);
    const maybe = stranger();
    setresuid(access, maybe, -1, 1000, -1);
    expect(maybe.exec.dumpable).toBe("unknown");
  });
});

describe("forgetting", () => {
  test("makes everything unknown but the namespace and securebits, and is taken back", () => {
    const access = new AccessControl();
    const one = task({ uid: 0, securebits: 1 });
    const before = one.credentials;
    access.ports.journal.attempt(() => {
      forgetCredentials(access, one);
      expect(one.credentials.uid).toBeLessThan(0);
      expect(one.credentials.securebits).toBe(1);
      expect(one.credentials.unknown?.whose).toBe(`process ${String(one.pid)}`);
      expect(one.exec.dumpable).toBe("unknown");
    });
    expect(one.credentials).toBe(before);
    expect(one.exec.dumpable).toBe(1);
  });

  test("may leave either half", () => {
    const access = new AccessControl();
    const one = task({ uid: 0 });
    forgetCredentials(access, one, { dumpable: false });
    expect([one.credentials.uid < 0, one.exec.dumpable]).toEqual([true, 1]);
    const other = task({ uid: 0 });
    forgetCredentials(access, other, { credentials: false });
    expect([other.credentials.uid, other.exec.dumpable]).toEqual([0, "unknown"]);
  });
});

describe("a task of which nothing is known", () => {
  const id = fc.constantFrom(-1, 0, 1, 2, 1000);
  const mask = fc.constantFrom(
    NO_CAPABILITIES,
    ALL_CAPABILITIES,
    capabilitySet(["CAP_SETUID", "CAP_KILL"]),
  );
  type Call = (access: AccessControl, one: Subject) => unknown;
  const program =
    (owner: number, more: object): Call =>
    (a, s) =>
      execCredentials(a, s, { owner, group: owner, ...more });
  const nice = {
    permitted: capabilityHalves(0x80_0000, 0),
    inheritable: ALL_CAPABILITIES,
    effective: false,
  };
  const call: fc.Arbitrary<Call> = fc.oneof(
    fc.tuple(id).map(
      ([u]): Call =>
        (a, s) =>
          setuid(a, s, u),
    ),
    fc.tuple(id).map(
      ([u]): Call =>
        (a, s) =>
          setgid(a, s, u),
    ),
    fc.tuple(id, id).map(
      ([r, e]): Call =>
        (a, s) =>
          setreuid(a, s, r, e),
    ),
    fc.tuple(id, id).map(
      ([r, e]): Call =>
        (a, s) =>
          setregid(a, s, r, e),
    ),
    fc.tuple(id, id, id).map(
      ([r, e, v]): Call =>
        (a, s) =>
          setresuid(a, s, r, e, v),
    ),
    fc.tuple(id, id, id).map(
      ([r, e, v]): Call =>
        (a, s) =>
          setresgid(a, s, r, e, v),
    ),
    fc.tuple(id).map(
      ([u]): Call =>
        (a, s) =>
          setfsuid(a, s, u),
    ),
    fc.tuple(id).map(
      ([u]): Call =>
        (a, s) =>
          setfsgid(a, s, u),
    ),
    fc.array(fc.nat(3), { maxLength: 2 }).map(
      (groups): Call =>
        (a, s) =>
          setgroups(a, s, groups),
    ),
    fc.tuple(mask, mask, mask).map(
      ([effective, permitted, inheritable]): Call =>
        (a, s) =>
          capset(a, s, { effective, permitted, inheritable }),
    ),
    fc
      .constantFrom<[number, number, number]>(
        [8, 1, 0],
        [4, 1, 0],
        [3, 0, 0],
        [24, 7, 0],
        [28, 4, 0],
        [28, 0, 0],
        [47, 2, 7],
        [47, 3, 7],
        [47, 1, 7],
        [23, 5, 0],
      )
      .map(
        ([option, ...args]): Call =>
          (a, s) =>
            prctl(a, s, { option, args }),
      ),
    fc.constantFrom<Call>(getuid, geteuid, getgid, getegid, getresuid, getresgid, (a, s) =>
      getgroups(a, s),
    ),
    fc.constant<Call>((a, s) => said(createUserNamespace(a, s))),
    fc.constantFrom(
      program(0, {}),
      program(0, { setUid: true }),
      program(1000, { setUid: true, setGid: true }),
      program(0, { isReadable: false }),
      program(0, { capabilities: nice }),
    ),
  );
  const peer = task({ uid: 1000, gid: 1, permitted: ["CAP_KILL"], effective: "none" });
  const modes = ["PTRACE_MODE_READ_FSCREDS", "PTRACE_MODE_ATTACH_REALCREDS"] as const;
  const reach: Call[] = modes.flatMap((mode) => [
    (a, s) => a.ptraceAccess({ caller: s, target: peer, mode }),
    (a, s) => a.ptraceAccess({ caller: peer, target: s, mode }),
    (a) => a.ptraceAccess({ caller: task({ uid: 0 }), target: peer, mode }),
  ]);
  const any = fc.oneof(call, fc.constantFrom(...reach));
  const who = fc.record({
    uid: fc.constantFrom(0, 1, 1000),
    euid: fc.constantFrom(0, 1, 1000),
    suid: fc.constantFrom(0, 1, 1000),
    gid: fc.constantFrom(0, 1),
    egid: fc.constantFrom(0, 1),
    bounding: fc.constantFrom("all" as const, "none" as const),
    groups: fc.constantFrom([], [1]),
  });

  test("that gets a new unknown id is told nothing of it that was said of another one", () => {
    const c = unknownCredentials();
    const unknown = freshUnknownId(c);
    const said = { ...c, unknown: { ...c.unknown!, notIds: [{ unknown, id: 5 }] } };
    expect(freshUnknownId(said)).toBe(unknown - 1);
    expect(tellSame(said, freshUnknownId(said), 5)).toBe("unknown");
  });

  test("answers as any task does of which it may be the image, and never becomes what that is not", () => {
    fc.assert(
      fc.property(
        who,
        fc.array(any, { maxLength: 7 }),
        fc.boolean(),
        (options, calls, noNewPrivs) => {
          const twin = subject({ pid: 9, credentials: credentials(options), noNewPrivs });
          const image = subject({
            pid: 9,
            credentials: unknownCredentials({ whose: "image" }),
            exec: new ExecState("unknown"),
            noNewPrivs,
          });
          const sighted = new AccessControl();
          const blind = machine(new Oracle(twin, peer));
          expect(contradictions(image, twin)).toEqual([]);
          for (const each of calls) {
            const seen = withoutReasons(each(blind, image));
            const truth = withoutReasons(each(sighted, twin));
            if (hasMaybe(seen)) expect(hasMaybe(truth)).toBe(false);
            else expect(seen).toEqual(truth);
            // A namespace that both made is not one: they go on in the twin's.
            if (twin.credentials.userNamespace.level !== 0) break;
            expect(contradictions(image, twin)).toEqual([]);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** A result as far as a caller sees it: reasons may name what was unknown. */
function withoutReasons(result: unknown): unknown {
  const { ok, code, value } = (result ?? {}) as { ok?: boolean; code?: string; value?: unknown };
  return typeof result === "string" ? result : { ok, code, value };
}

function hasMaybe(result: unknown): boolean {
  return JSON.stringify(result).includes('"unknown"');
}
