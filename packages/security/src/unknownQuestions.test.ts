import { quietPorts, type Ports, type Question } from "@kadvise/ports";
import { CAP } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { execCredentials } from "./calls/execCredentials.ts";
import { getgroups, setgroups } from "./calls/setgroups.ts";
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  capabilityNames,
  capabilitySet,
  hasCapability,
  type CapabilitySet,
} from "./capabilitySet.ts";
import {
  CAPABILITY_SETS,
  NOTHING_OPEN,
  changed,
  credentials,
  unknownCredentials,
} from "./credentials.ts";
import { ExecState, readDumpable } from "./execState.ts";
import { subject, type Subject } from "./subject.ts";
import { NEVER_ASKED, Scripted, said } from "./testing/tasks.ts";
import {
  idIs,
  permittedWithin,
  readCapabilities,
  readCapability,
  readGroups,
  readId,
  sameId,
} from "./unknownFacts.ts";

/** Ports that answer as usual, or as is said for an id, and the questions that they were asked. */
function listening(answers: Readonly<Record<string, unknown>> = {}): {
  readonly ports: Ports;
  readonly asked: Question<unknown>[];
} {
  const asked: Question<unknown>[] = [];
  const ports = quietPorts();
  ports.choices = {
    choose<A>(question: Question<A>): A {
      asked.push(question);
      return question.id in answers ? (answers[question.id] as A) : question.usual;
    },
  };
  return { ports, asked };
}

const stranger = () => unknownCredentials({ whose: "process 178" });

describe("a question with two answers", () => {
  test.each([
    ["an id", (ports: Ports) => idIs(ports, stranger(), "uid", 5)],
    ["a capability", (ports: Ports) => readCapability(ports, stranger(), "effective", CAP.CAP_BPF)],
    [
      "one set in another",
      (ports: Ports) => permittedWithin(ports, stranger(), credentials({ uid: 1 }), "effective"),
    ],
  ])("about %s allows true and false, and names both", (_, ask) => {
    const { ports, asked } = listening();
    ask(ports);
    const [{ allows, alternatives }] = asked;
    expect([true, false, 1, undefined, "true"].map((answer) => allows(answer))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(alternatives).toEqual([true, false]);
  });

  test("says what it is about", () => {
    const { ports, asked } = listening();
    permittedWithin(ports, stranger(), credentials({ uid: 1 }), "effective");
    idIs(ports, stranger(), "fsgid", 5);
    expect(asked.map((question) => question.describe())).toEqual([
      "whether the permitted capabilities of process 178 are all effective for the process",
      "whether the fsgid of process 178 is 5",
    ]);
    expect(asked.map(({ usual }) => usual)).toEqual([true, false]);
  });
});

describe("a whole set of capabilities", () => {
  test("is asked for with all that may be in it, by name", () => {
    const { ports, asked } = listening({ "credentials/permitted/CAP_KILL": false });
    const c = stranger();
    readCapability(ports, c, "permitted", CAP.CAP_KILL);
    readCapabilities(ports, c, "effective");
    const { id, usual } = asked[1];
    const names = capabilityNames(ALL_CAPABILITIES).filter((name) => name !== "CAP_KILL");
    expect(id).toBe("credentials/effective");
    // What is not permitted cannot be effective either.
    expect(hasCapability(usual as CapabilitySet, CAP.CAP_KILL)).toBe(false);
    expect(asked[1].describe()).toBe(
      `the effective capabilities of process 178: any of ${names.join(", ")}`,
    );
  });

  test("settles what holds it: what was shown effective is permitted, what was not may be", () => {
    const some = capabilitySet(["CAP_KILL"]);
    const { ports } = listening({ "credentials/effective": some });
    const c = stranger();
    expect(readCapabilities(ports, c, "effective")).toEqual(some);
    expect(hasCapability(c.permitted, CAP.CAP_KILL)).toBe(true);
    expect(hasCapability(c.unknown!.open.permitted, CAP.CAP_BPF)).toBe(true);
    expect(c.unknown?.open.effective).toEqual(NO_CAPABILITIES);
  });
});

describe("supplementary groups that nobody stated", () => {
  test("may be any legal ids, are told in rising order, and are asked for once", () => {
    const answer = [7, 5];
    const { ports, asked } = listening({ "credentials/groups": answer });
    const c = stranger();
    expect([readGroups(ports, c), readGroups(ports, c)]).toEqual([
      [5, 7],
      [5, 7],
    ]);
    answer.push(6);
    expect(answer).toEqual([7, 5, 6]);
    expect(asked.map((question) => question.describe())).toEqual([
      "the supplementary groups of process 178: any",
    ]);
    const lists = [[], [0, 4_294_967_294], [-1], [4_294_967_295], [0.5], [0, -1]];
    expect(lists.map((groups) => asked[0].allows(groups))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test("are known once somebody set them", () => {
    const choices = new Scripted();
    const access = new AccessControl({ ports: { ...quietPorts(), choices } });
    const one = subject({ pid: 178, credentials: stranger() });
    expect(setgroups(access, one, [9, 8]).ok).toBe(true);
    const never = new AccessControl({ ports: { ...quietPorts(), choices: NEVER_ASKED } });
    expect(getgroups(never, one)).toEqual({ ok: true, value: [8, 9] });
  });
});

test("credentials are known, as if somebody had stated them, with the last answer", () => {
  const { ports } = listening({ "credentials/groups": [5] });
  const c = unknownCredentials({ sameIds: true });
  const ask = (): void => {
    readId(ports, c, "uid");
    readId(ports, c, "gid");
    for (const set of CAPABILITY_SETS) readCapabilities(ports, c, set);
    expect(c.unknown).toBeDefined();
    readGroups(ports, c);
  };
  ports.journal.attempt(() => {
    ask();
    expect(c.unknown).toBeUndefined();
  });
  expect([c.unknown?.groups, c.uid < 0]).toEqual([true, true]);
  ask();
  const all = credentials({ uid: 0, groups: [5], inheritable: "all", ambient: "all" });
  expect(c).toEqual(all);
});

test("an unknown id of credentials that are said to be known is misuse", () => {
  const { ports } = listening({ "credentials/uid-is": false });
  const c = { ...credentials({ uid: 1 }), uid: -2 };
  expect(() => idIs(ports, c, "uid", 5)).toThrow(
    new RangeError("these credentials have no unknown facts"),
  );
});

test("the dumpable state is asked for by its three values", () => {
  const { ports, asked } = listening();
  expect(readDumpable(ports, new ExecState("unknown"))).toBe(1);
  expect(asked[0].describe()).toBe("the dumpable state of the process: 0, 1 or 2");
});

describe("a program with capabilities of its file, executed by whom nobody knows,", () => {
  const kill = capabilitySet(["CAP_KILL"]);
  const file = (effective: boolean) => ({
    ...{ owner: 0, group: 0 },
    capabilities: { permitted: kill, inheritable: NO_CAPABILITIES, effective },
  });
  const user = (): Subject =>
    subject({
      pid: 178,
      credentials: changed(credentials({ uid: 1000 }), {
        bounding: NO_CAPABILITIES,
        unknown: {
          ...{ whose: "process 178", groups: false, notIds: [] },
          open: { ...NOTHING_OPEN, bounding: kill },
        },
      }),
    });

  // Linux: security/commoncap.c bprm_caps_from_vfs_caps
  test.each([
    [true, "ok"],
    [false, "EPERM execve/file-capabilities-incomplete"],
  ])("asks whether he may have them, where it insists: %s", (answer, verdict) => {
    const choices = new Scripted({ "credentials/bounding/CAP_KILL": answer });
    const access = new AccessControl({ ports: { ...quietPorts(), choices } });
    expect(said(execCredentials(access, user(), file(true)))).toBe(verdict);
    expect(choices.asked).toEqual(["credentials/bounding/CAP_KILL"]);
  });

  test("runs with them or without, and nobody knows whether its environment is trusted", () => {
    const access = new AccessControl({ ports: { ...quietPorts(), choices: NEVER_ASKED } });
    const one = user();
    expect(execCredentials(access, one, file(false))).toEqual({
      ok: true,
      value: { isSecure: "unknown" },
    });
    expect(one.credentials.unknown?.open.permitted).toEqual(kill);
  });
});

test("an id that no call returns is not to be had from what a call returned", () => {
  const { ports, asked } = listening();
  readId(ports, stranger(), "uid");
  readId(ports, stranger(), "uid", true);
  expect(asked.map(({ fromResult }) => fromResult?.(7))).toEqual([undefined, 7]);
});

test("two ids of one task need not be the same, though nobody knows either", () => {
  const { ports, asked } = listening({ "credentials/euid": 5, "credentials/uid-is": false });
  const c = stranger();
  expect(sameId(ports, c, "uid", c, "euid")).toBe(false);
  expect(asked.map(({ id }) => id)).toEqual(["credentials/euid", "credentials/uid-is"]);
  const known = credentials({ uid: 5, euid: 6 });
  const never = { ...ports, choices: NEVER_ASKED };
  expect(sameId(never, known, "uid", known, "euid")).toBe(false);
  expect(sameId(never, known, "uid", known, "suid")).toBe(true);
});
