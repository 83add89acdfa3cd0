import { quietPorts, type Question } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { PidNamespace } from "./pidNamespace.ts";
import { Machine } from "./testing/machine.ts";

/** A shell from before anybody watched; each question gets the answer for its id, or the usual. */
function older(answers: { readonly [id: string]: unknown } = {}) {
  const asked: Question<unknown>[] = [];
  const ports = quietPorts();
  const machine = new Machine({ ports });
  machine.shell.group.childrenUnstated = true;
  ports.choices = {
    choose<A>(question: Question<A>): A {
      if (question.id !== "pid/next") asked.push(question);
      return question.id in answers ? (answers[question.id] as A) : question.usual;
    },
  };
  return { machine, asked, own: machine.shell.group };
}

const saying = (answer: string) =>
  older({ "wait/unstated-children": answer, "wait/earlier-child": 7 });

describe("a process from before anybody watched", () => {
  test("may have no child, one that lives, or one that has ended", () => {
    expect(saying("none").machine.wait()).toBe("ECHILD");
    expect(saying("living").machine.wait()).toBe("none ready");
    expect(saying("ended").machine.wait()).toBe(7);
    const { machine, asked } = older();
    machine.wait();
    expect(asked[0]).toMatchObject({ usual: "none", alternatives: ["none", "living", "ended"] });
    expect(asked[0].describe()).toMatch(/had children before$/);
    expect([asked[0].allows("living"), asked[0].allows("other")]).toEqual([true, false]);
  });

  test("has none once a wait for any was ECHILD; one for a number says nothing of others", () => {
    const { machine, asked, own } = saying("none");
    expect([machine.wait({ number: 7 }), machine.wait({ number: 7 })]).toEqual([
      "ECHILD",
      "ECHILD",
    ]);
    expect(asked.map((question) => question.describe())).toEqual([
      expect.stringMatching(/had a child 7 before$/),
      expect.stringMatching(/had a child 7 before$/),
    ]);
    expect([machine.wait(), machine.wait()]).toEqual(["ECHILD", "ECHILD"]);
    expect(asked).toHaveLength(3);
    expect(own.childrenUnstated).toBe(false);
  });

  test.each([
    [{ ofGroup: "process group 5" }],
    [{ kinds: "clone" as const }],
    [{ exited: false }],
    [{ number: 9 }],
  ])("may have others where a wait for some was ECHILD: %j", (which) => {
    const { machine, own } = saying("none");
    expect(machine.wait(which)).toBe("ECHILD");
    expect(own.childrenUnstated).toBe(true);
  });

  test("may have children beside those that are known: one of them may have ended", () => {
    const { machine, asked } = saying("ended");
    machine.zombie();
    expect(machine.wait()).toBe(7);
    expect(asked[0].alternatives).toEqual(["none", "ended"]);
    const none = saying("none");
    const zombie = none.machine.zombie();
    expect(none.machine.wait()).toBe(zombie);
    expect(none.own.childrenUnstated).toBe(true);
  });

  test("is not asked about the others where a known child is named", () => {
    const { machine, asked } = saying("ended");
    const [one, other] = [machine.zombie(), machine.zombie()];
    expect(machine.wait({ number: one.pid.number })).toBe(one);
    expect(machine.wait({ group: other })).toBe(other);
    expect(asked).toEqual([]);
  });

  test("has no zombie for a wait that is for stops alone", () => {
    const { machine, asked } = older();
    machine.wait({ exited: false });
    expect(asked[0].alternatives).toEqual(["none", "living"]);
    machine.child();
    expect(machine.wait({ exited: false })).toBe("none ready");
    expect(asked).toHaveLength(1);
  });
});

describe("the child from before", () => {
  test("has the number that was asked for", () => {
    const { machine, asked } = saying("ended");
    expect(machine.wait({ number: 12 })).toBe(12);
    expect(asked).toHaveLength(1);
  });

  test("is nobody who is known to live, or to be another's child", () => {
    const { machine, asked } = saying("ended");
    const { table } = machine;
    const alive = table.spawn(() => "stranger").group;
    const unwatched = table.spawn(() => "unwatched").group;
    unwatched.isUnwatched = true;
    const parent = table.spawn(() => "parent").group;
    const { group: foreign } = table.spawn(() => "foreign", { parent });
    machine.wait();
    const numbers = [7, ...[alive, unwatched, foreign].map(({ pid }) => pid.number)];
    expect(numbers.map((number) => asked[1].allows(number))).toEqual([true, false, true, false]);
    expect([0, -1, 1.5].map((number) => asked[1].allows(number))).toEqual([false, false, false]);
    expect([asked[1].usual, asked[1].fromResult?.(31)]).toEqual([0, 31]);
    asked.length = 0;
    expect(machine.wait({ group: foreign })).toBe("ECHILD");
    expect(machine.wait({ number: foreign.pid.number })).toBe("ECHILD");
    expect(asked).toEqual([]);
    machine.wait({ group: alive });
    expect(asked[0].alternatives).toEqual(["none", "living"]);
  });

  test("shows where the call tells it, if that is not what it returns", () => {
    const { machine, asked } = saying("ended");
    machine.wait({ shownIn: { output: "infop", fromOutput: () => 31 } });
    expect([asked[1].output, asked[1].fromResult]).toEqual(["infop", undefined]);
  });

  test("whom a pidfd names and the caller's namespace does not see says nothing of others", () => {
    const { machine, own } = saying("none");
    const { group } = machine.table.spawn(() => "stranger");
    const namespace = new PidNamespace<string>(machine.table.namespace);
    expect(machine.wait({ group, namespace })).toBe("ECHILD");
    expect(own.childrenUnstated).toBe(true);
    expect(machine.wait()).toBe("ECHILD");
    expect(own.childrenUnstated).toBe(false);
  });
});
