import { CAP, CAPABILITY_VERSION, type CapabilityName } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  capabilityHalves,
  capabilitySet,
  isSubset,
  unite,
  type CapabilitySpec,
} from "../capabilitySet.ts";
import type { Subject } from "../subject.ts";
import { said, task } from "../testing/tasks.ts";
import { PREFERRED_CAPABILITY_VERSION, capabilityWords, capget, mayCapset } from "./capget.ts";
import { capset } from "./capset.ts";

const {
  _LINUX_CAPABILITY_VERSION_1: V1,
  _LINUX_CAPABILITY_VERSION_2: V2,
  _LINUX_CAPABILITY_VERSION_3: V3,
} = CAPABILITY_VERSION;
const access = new AccessControl();

function sets(
  effective: CapabilitySpec,
  permitted: CapabilitySpec,
  inheritable: CapabilitySpec = "none",
) {
  return {
    effective: capabilitySet(effective),
    permitted: capabilitySet(permitted),
    inheritable: capabilitySet(inheritable),
  };
}

describe("capget", () => {
  const noTask = (): undefined => undefined;
  const ask = (version: number, pid: number, hasRoom = true): string =>
    said(capget(access, task({ uid: 0 }), { version, pid, hasRoom, findTask: noTask }));

  test.each([
    [V1, 0, "ok"],
    [V2, 0, "ok"],
    [V3, 0, "ok"],
    [0, 0, "EINVAL capget/version"],
    [5, -1, "EINVAL capget/version"],
    [V3, -1, "EINVAL capget/pid-negative"],
    [V3, 99_999, "ESRCH capget/no-such-task"],
  ])("of version %i and pid %i: %s", (version, pid, verdict) => {
    expect(ask(version, pid)).toBe(verdict);
  });

  test.each([
    [V3, 0],
    [0, 0],
    [0, -1],
    [V3, -1],
  ])(
    "without room for the answer only probes, and never fails: version %i, pid %i",
    (version, pid) => {
      expect(ask(version, pid, false)).toBe("ok");
    },
  );

  test("shows anybody's capabilities to anybody", () => {
    const root = task({ uid: 0, inheritable: ["CAP_KILL"] });
    const answer = capget(access, task({ uid: 1000 }), {
      version: V3,
      pid: 7,
      hasRoom: true,
      findTask: (pid) => (pid === 7 ? root : undefined),
    });
    expect(answer).toEqual({ ok: true, value: sets("all", "all", ["CAP_KILL"]) });
  });

  test("has one word for each set in version 1, two in the others", () => {
    expect([V1, V2, V3, 0].map(capabilityWords)).toEqual([1, 2, 2, undefined]);
    expect(PREFERRED_CAPABILITY_VERSION).toBe(0x2008_0522);
  });
});

describe("capset's header", () => {
  test.each([
    [V3, 0, undefined],
    [V1, 50, undefined],
    [V3, 51, "capset/other-task"],
    [V3, -1, "capset/other-task"],
    [0, 51, "capset/version"],
  ])("of version %i and pid %i, asked by 50: %s", (version, pid, id) => {
    expect(mayCapset(access, { version, pid, ownPid: 50 })?.reason.id).toBe(id);
  });

  test("answers EINVAL for the version before EPERM for the pid", () => {
    expect(mayCapset(access, { version: 0, pid: 1, ownPid: 50 })?.code).toBe("EINVAL");
    expect(mayCapset(access, { version: V3, pid: 1, ownPid: 50 })?.code).toBe("EPERM");
  });
});

describe("capset", () => {
  const holder = { uid: 0, permitted: ["CAP_KILL", "CAP_CHOWN"], effective: "none" } as const;

  test.each<[string, ReturnType<typeof sets>, string]>([
    ["less of everything", sets(["CAP_KILL"], ["CAP_KILL"]), "ok"],
    [
      "all that is permitted effective",
      sets(["CAP_KILL", "CAP_CHOWN"], ["CAP_KILL", "CAP_CHOWN"]),
      "ok",
    ],
    ["one more permitted", sets("none", ["CAP_BPF"]), "EPERM capset/permitted-raised"],
    [
      "effective beyond the new permitted",
      sets(["CAP_CHOWN"], ["CAP_KILL"]),
      "EPERM capset/effective-beyond-permitted",
    ],
    ["inheritable what is permitted", sets("none", "none", ["CAP_KILL"]), "ok"],
    [
      "inheritable beyond",
      sets("none", "none", ["CAP_BPF"]),
      "EPERM capset/inheritable-beyond-permitted",
    ],
  ])("without CAP_SETPCAP: %s", (_, wanted, verdict) => {
    expect(said(capset(access, task(holder), wanted))).toBe(verdict);
  });

  test("with CAP_SETPCAP makes inheritable what is in the bounding set, and no more", () => {
    const rich = { ...holder, permitted: ["CAP_SETPCAP"], effective: ["CAP_SETPCAP"] } as const;
    const wanted = sets(["CAP_SETPCAP"], ["CAP_SETPCAP"], ["CAP_BPF"]);
    expect(said(capset(access, task(rich), wanted))).toBe("ok");
    const bounded = task({ ...rich, bounding: ["CAP_KILL"] });
    expect(said(capset(access, bounded, wanted))).toBe("EPERM capset/inheritable-beyond-bounding");
    const already = task({ ...rich, bounding: ["CAP_KILL"], inheritable: ["CAP_BPF"] });
    expect(said(capset(access, already, wanted))).toBe("ok");
  });

  test("does not let one make inheritable what is permitted, but no longer in the bounding set", () => {
    const one = task({ uid: 0, bounding: [], capabilities: ["CAP_KILL"] });
    expect(said(capset(access, one, sets(["CAP_KILL"], ["CAP_KILL"], ["CAP_KILL"])))).toBe(
      "EPERM capset/inheritable-beyond-bounding",
    );
  });

  test("keeps ambient what is still permitted and inheritable", () => {
    const names: CapabilityName[] = ["CAP_KILL", "CAP_CHOWN", "CAP_BPF"];
    const one = task({ uid: 5, permitted: names, inheritable: names, ambient: names });
    capset(access, one, sets("none", ["CAP_KILL", "CAP_CHOWN"], ["CAP_CHOWN", "CAP_BPF"]));
    expect(one.credentials.ambient).toEqual(capabilitySet(["CAP_CHOWN"]));
  });

  test("ignores bits above the last capability", () => {
    const one = task({ uid: 0 });
    const everything = capabilityHalves(-1, -1);
    const wanted = { effective: everything, permitted: everything, inheritable: everything };
    expect(said(capset(access, one, wanted))).toBe("ok");
    expect(one.credentials.inheritable).toEqual(ALL_CAPABILITIES);
    const old = new AccessControl({ features: { lastCapability: 37 } });
    const older = task({ uid: 0 });
    capset(old, older, wanted);
    expect(older.credentials.permitted).toEqual({ lo: 0xffff_ffff, hi: 0x3f });
  });

  test("checks in the kernel's order: inheritable, bounding, permitted, effective", () => {
    const one = task({ uid: 5 });
    const wrong = sets(["CAP_KILL"], ["CAP_CHOWN"], ["CAP_BPF"]);
    expect(said(capset(access, one, wrong))).toBe("EPERM capset/inheritable-beyond-permitted");
    expect(said(capset(access, one, { ...wrong, inheritable: NO_CAPABILITIES }))).toBe(
      "EPERM capset/permitted-raised",
    );
    const empty = sets(["CAP_KILL"], "none");
    expect(said(capset(access, one, empty))).toBe("EPERM capset/effective-beyond-permitted");
  });

  test("tells what is beyond", () => {
    const answer = capset(
      access,
      task(holder),
      sets("none", ["CAP_KILL", "CAP_BPF", "CAP_PERFMON"]),
    );
    expect(answer.ok || answer.reason.compared).toEqual({ beyond: "CAP_PERFMON, CAP_BPF" });
  });

  test("never raises the permitted set, and keeps the five sets in order", () => {
    const some = fc.subarray(Object.keys(CAP) as CapabilityName[], { maxLength: 6 });
    const start = fc.record({ permitted: some, inheritable: some, bounding: some });
    fc.assert(
      fc.property(start, fc.array(fc.tuple(some, some, some), { maxLength: 4 }), (who, calls) => {
        const one: Subject = task({ uid: 0, ...who, effective: who.permitted });
        const { permitted, inheritable, bounding } = one.credentials;
        for (const [effective, wanted, kept] of calls) {
          const before = one.credentials;
          const answer = capset(access, one, sets(effective, wanted, kept));
          if (!answer.ok) expect(one.credentials).toBe(before);
        }
        const c = one.credentials;
        expect(isSubset(c.permitted, permitted)).toBe(true);
        expect(isSubset(c.effective, c.permitted)).toBe(true);
        expect(isSubset(c.inheritable, unite(inheritable, bounding))).toBe(true);
        expect(c.bounding).toBe(bounding);
      }),
    );
  });

  test("is taken back with an attempt", () => {
    const one = task({ uid: 0 });
    const before = one.credentials;
    access.ports.journal.attempt(() => capset(access, one, sets("none", "none")));
    expect(one.credentials).toBe(before);
  });
});
