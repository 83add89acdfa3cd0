import { PR } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { capabilitySet, hasCapability } from "../capabilitySet.ts";
import { ExecState } from "../execState.ts";
import type { Subject } from "../subject.ts";
import { said, task } from "../testing/tasks.ts";
import { getParentDeathSignal, prctl } from "./prctl.ts";

const access = new AccessControl();
const BIG = 1n << 32n;

function run(one: Subject, option: number, ...args: (number | bigint)[]): string {
  const answer = prctl(access, one, { option, args });
  return answer?.ok === true ? String(answer.value) : said(answer);
}

describe("PR_SET_DUMPABLE", () => {
  test.each<[number | bigint, string]>([
    [0, "0"],
    [1, "0"],
    [2, "EINVAL prctl/dumpable-value"],
    [3, "EINVAL prctl/dumpable-value"],
    [-1, "EINVAL prctl/dumpable-value"],
    [BIG, "EINVAL prctl/dumpable-value"],
    [BIG + 1n, "EINVAL prctl/dumpable-value"],
  ])("of %s, all 64 bits of it: %s", (value, verdict) => {
    expect(run(task({ uid: 1000 }), PR.PR_SET_DUMPABLE, value)).toBe(verdict);
  });

  test("takes no privilege, so a closed process opens itself", () => {
    const one = task({ uid: 1000 }, { exec: new ExecState(2) });
    expect(run(one, PR.PR_GET_DUMPABLE)).toBe("2");
    run(one, PR.PR_SET_DUMPABLE, 1);
    expect(run(one, PR.PR_GET_DUMPABLE)).toBe("1");
    run(one, PR.PR_SET_DUMPABLE, 0);
    expect(one.exec.dumpable).toBe(0);
  });

  test("ignores the other arguments", () => {
    expect(run(task({ uid: 1 }), PR.PR_SET_DUMPABLE, 1, 7, 7, 7)).toBe("0");
    expect(run(task({ uid: 1 }), PR.PR_GET_DUMPABLE, 7, 7, 7, 7)).toBe("1");
  });

  test("shows a refused value as it was", () => {
    const answer = prctl(access, task({ uid: 0 }), { option: PR.PR_SET_DUMPABLE, args: [-1] });
    expect(answer?.ok === false && answer.reason.compared).toEqual({ value: "0xffffffffffffffff" });
  });
});

describe("PR_SET_KEEPCAPS", () => {
  test("takes 0 and 1 of anybody, and PR_GET_KEEPCAPS tells", () => {
    const one = task({ uid: 1000 });
    expect([run(one, PR.PR_SET_KEEPCAPS, 1), run(one, PR.PR_GET_KEEPCAPS)]).toEqual(["0", "1"]);
    expect([run(one, PR.PR_SET_KEEPCAPS, 0), run(one, PR.PR_GET_KEEPCAPS)]).toEqual(["0", "0"]);
  });

  test.each([2, -1, BIG])("refuses %s", (value) => {
    expect(run(task({ uid: 0 }), PR.PR_SET_KEEPCAPS, value)).toBe("EINVAL prctl/keepcaps-value");
  });

  test("is a securebit, and refused to everybody once that is locked; the value is looked at first", () => {
    const one = task({ uid: 0, securebits: 0x20 });
    expect(run(one, PR.PR_SET_KEEPCAPS, 1)).toBe("EPERM prctl/keepcaps-locked");
    expect(run(one, PR.PR_SET_KEEPCAPS, 2)).toBe("EINVAL prctl/keepcaps-value");
    const other = task({ uid: 0, securebits: 0x41 });
    run(other, PR.PR_SET_KEEPCAPS, 1);
    expect(run(other, PR.PR_GET_SECUREBITS)).toBe(String(0x51));
  });
});

describe("PR_SET_SECUREBITS", () => {
  test.each<[string, number, number | bigint, string]>([
    ["some", 0, 0x55, "0"],
    ["with their locks", 0, 0xff, "0"],
    ["fewer again", 0x55, 0x01, "0"],
    ["a locked one cleared", 0x03, 0x02, "EPERM prctl/securebits-locked"],
    ["a locked one set", 0x02, 0x03, "EPERM prctl/securebits-locked"],
    ["a lock opened", 0x03, 0x01, "EPERM prctl/securebits-locked"],
    ["beside a lock", 0x03, 0x13, "0"],
    ["an unknown one", 0, 0x1000, "EPERM prctl/securebits-unknown"],
    ["one above the lower half", 0, BIG, "EPERM prctl/securebits-unknown"],
    ["none, as it was", 0, 0, "0"],
  ])("by root: %s", (_, from, to, verdict) => {
    const one = task({ uid: 0, securebits: from });
    expect(run(one, PR.PR_SET_SECUREBITS, to)).toBe(verdict);
    expect(one.credentials.securebits).toBe(verdict === "0" ? Number(to) : from);
  });

  test.each<[number, number, string]>([
    [0, 0, "EPERM prctl/securebits-not-permitted"],
    [0, 1, "EPERM prctl/securebits-not-permitted"],
    [0, 0x100, "0"],
    [0, 0x300, "0"],
    [0x100, 0x500, "0"],
    [0x100, 0, "0"],
    [0x100, 0x101, "EPERM prctl/securebits-not-permitted"],
    [0x100, 0x100, "EPERM prctl/securebits-not-permitted"],
    [0x300, 0x200, "EPERM prctl/securebits-locked"],
  ])("without CAP_SETPCAP from %i to %i: only the two that restrict exec", (from, to, verdict) => {
    expect(run(task({ uid: 1000, securebits: from }), PR.PR_SET_SECUREBITS, to)).toBe(verdict);
  });

  test("does not know those two before 6.14", () => {
    const old = new AccessControl({ features: { execSecurebits: false } });
    const call = { option: PR.PR_SET_SECUREBITS, args: [0x100] };
    expect(said(prctl(old, task({ uid: 0 }), call))).toBe("EPERM prctl/securebits-unknown");
  });
});

describe("PR_SET_NO_NEW_PRIVS", () => {
  test.each<[(number | bigint)[], string]>([
    [[1], "0"],
    [[1, 0, 0, 0], "0"],
    [[0], "EINVAL prctl/no-new-privs-arguments"],
    [[2], "EINVAL prctl/no-new-privs-arguments"],
    [[BIG + 1n], "EINVAL prctl/no-new-privs-arguments"],
    [[1, 1], "EINVAL prctl/no-new-privs-arguments"],
    [[1, 0, 1], "EINVAL prctl/no-new-privs-arguments"],
    [[1, 0, 0, 1], "EINVAL prctl/no-new-privs-arguments"],
  ])("takes one 1 and zeros: %s %s", (args, verdict) => {
    const one = task({ uid: 1000 });
    expect(run(one, PR.PR_SET_NO_NEW_PRIVS, ...args)).toBe(verdict);
    expect(one.noNewPrivs).toBe(verdict === "0");
  });

  test("is told by PR_GET_NO_NEW_PRIVS, which takes zeros alone", () => {
    const one = task({ uid: 1000 });
    expect(run(one, PR.PR_GET_NO_NEW_PRIVS)).toBe("0");
    run(one, PR.PR_SET_NO_NEW_PRIVS, 1);
    expect(run(one, PR.PR_GET_NO_NEW_PRIVS)).toBe("1");
    expect(run(one, PR.PR_GET_NO_NEW_PRIVS, 1)).toBe("EINVAL prctl/no-new-privs-arguments");
    expect(run(one, PR.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 1)).toBe(
      "EINVAL prctl/no-new-privs-arguments",
    );
  });
});

describe("PR_SET_PDEATHSIG", () => {
  test.each<[number, string]>([
    [0, "0"],
    [9, "0"],
    [64, "0"],
    [65, "EINVAL prctl/parent-death-signal-value"],
    [-1, "EINVAL prctl/parent-death-signal-value"],
  ])("of %i: %s", (signal, verdict) => {
    const one = task({ uid: 1000 });
    expect(run(one, PR.PR_SET_PDEATHSIG, signal)).toBe(verdict);
    expect(getParentDeathSignal(one)).toEqual({ ok: true, value: verdict === "0" ? signal : 0 });
  });
});

describe("the bounding set", () => {
  test.each<[number | bigint, string]>([
    [0, "1"],
    [40, "1"],
    [41, "EINVAL prctl/capability-invalid"],
    [-1, "EINVAL prctl/capability-invalid"],
    [BIG, "EINVAL prctl/capability-invalid"],
  ])("is read by anybody: PR_CAPBSET_READ %s is %s", (capability, verdict) => {
    expect(run(task({ uid: 1000 }), PR.PR_CAPBSET_READ, capability)).toBe(verdict);
  });

  test("loses what root drops, for good", () => {
    const one = task({ uid: 0 });
    expect(run(one, PR.PR_CAPBSET_DROP, 40)).toBe("0");
    expect(run(one, PR.PR_CAPBSET_DROP, 40)).toBe("0");
    expect(run(one, PR.PR_CAPBSET_READ, 40)).toBe("0");
    expect(hasCapability(one.credentials.permitted, 40)).toBe(true);
    expect(run(one, PR.PR_CAPBSET_DROP, 41)).toBe("EINVAL prctl/capability-invalid");
  });

  test("wants CAP_SETPCAP before it looks at the number", () => {
    expect(run(task({ uid: 1000 }), PR.PR_CAPBSET_DROP, 99)).toBe(
      "EPERM prctl/bounding-not-permitted",
    );
  });

  test("ends at 37 before 5.8", () => {
    const old = new AccessControl({ features: { lastCapability: 37 } });
    const read = (capability: number): string =>
      said(prctl(old, task({ uid: 0 }), { option: PR.PR_CAPBSET_READ, args: [capability] }));
    expect([read(37), read(38)]).toEqual(["ok", "EINVAL prctl/capability-invalid"]);
  });
});

describe("PR_CAP_AMBIENT", () => {
  const [IS_SET, RAISE, LOWER, CLEAR] = [1, 2, 3, 4];
  const setuid = 7;
  const ready = { uid: 5, permitted: ["CAP_SETUID"], inheritable: ["CAP_SETUID"] } as const;

  test("raises, shows, lowers and clears", () => {
    const one = task(ready);
    expect(run(one, PR.PR_CAP_AMBIENT, IS_SET, setuid)).toBe("0");
    expect(run(one, PR.PR_CAP_AMBIENT, RAISE, setuid)).toBe("0");
    expect(run(one, PR.PR_CAP_AMBIENT, IS_SET, setuid)).toBe("1");
    expect(one.credentials.ambient).toEqual(capabilitySet(["CAP_SETUID"]));
    expect(run(one, PR.PR_CAP_AMBIENT, LOWER, setuid)).toBe("0");
    expect(run(one, PR.PR_CAP_AMBIENT, IS_SET, setuid)).toBe("0");
    run(one, PR.PR_CAP_AMBIENT, RAISE, setuid);
    expect(run(one, PR.PR_CAP_AMBIENT, CLEAR, 0)).toBe("0");
    expect(run(one, PR.PR_CAP_AMBIENT, IS_SET, setuid)).toBe("0");
  });

  test.each([
    ["permitted alone", { uid: 5, permitted: ["CAP_SETUID"] }],
    ["inheritable alone", { uid: 5, inheritable: ["CAP_SETUID"] }],
    ["neither", { uid: 5 }],
  ] as const)("raises nothing that is %s", (_, who) => {
    expect(run(task(who), PR.PR_CAP_AMBIENT, RAISE, setuid)).toBe("EPERM prctl/ambient-not-held");
  });

  test("raises nothing under NO_CAP_AMBIENT_RAISE, not even what is raised, but lowers", () => {
    const one = task({ ...ready, ambient: ["CAP_SETUID"], securebits: 0x40 });
    expect(run(one, PR.PR_CAP_AMBIENT, RAISE, setuid)).toBe("EPERM prctl/ambient-raise-forbidden");
    expect(run(one, PR.PR_CAP_AMBIENT, LOWER, setuid)).toBe("0");
  });

  test.each<[(number | bigint)[], string]>([
    [[0, 0], "EINVAL prctl/ambient-arguments"],
    [[5, setuid], "EINVAL prctl/ambient-arguments"],
    [[CLEAR, 1], "EINVAL prctl/ambient-arguments"],
    [[CLEAR, 0, 0, 1], "EINVAL prctl/ambient-arguments"],
    [[IS_SET, setuid, 1], "EINVAL prctl/ambient-arguments"],
    [[IS_SET, setuid, 0, 1], "EINVAL prctl/ambient-arguments"],
    [[RAISE, 41], "EINVAL prctl/capability-invalid"],
    [[LOWER, 64], "EINVAL prctl/capability-invalid"],
    [[BIG + 2n, setuid], "EINVAL prctl/ambient-arguments"],
  ])("refuses the arguments %s with %s", (args, verdict) => {
    expect(run(task({ uid: 0 }), PR.PR_CAP_AMBIENT, ...args)).toBe(verdict);
  });
});

test("an option that is not about security is left to others", () => {
  expect(prctl(access, task({ uid: 0 }), { option: PR.PR_SET_NAME, args: [0] })).toBeUndefined();
});

test("what prctl does is taken back with an attempt", () => {
  const one = task({ uid: 0 });
  const before = one.credentials;
  access.ports.journal.attempt(() => {
    run(one, PR.PR_SET_DUMPABLE, 0);
    run(one, PR.PR_SET_NO_NEW_PRIVS, 1);
    run(one, PR.PR_SET_PDEATHSIG, 9);
    run(one, PR.PR_SET_SECUREBITS, 1);
    expect([one.exec.dumpable, one.noNewPrivs, one.parentDeathSignal]).toEqual([0, true, 9]);
  });
  expect(one.credentials).toBe(before);
  expect([one.exec.dumpable, one.noNewPrivs, one.parentDeathSignal]).toEqual([1, false, 0]);
});

test("arguments that PR_GET_NO_NEW_PRIVS has no use for are refused, and the first is shown", () => {
  for (const [args, value] of [
    [[7, 0, 0, 0], 7],
    [[0, 0, 0, 7], 0],
  ] as const) {
    const answer = prctl(access, task({ uid: 0 }), { option: PR.PR_GET_NO_NEW_PRIVS, args });
    expect(answer).toMatchObject({
      code: "EINVAL",
      reason: { id: "prctl/no-new-privs-arguments", compared: { value } },
    });
  }
});
