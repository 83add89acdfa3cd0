import { quietPorts, type Question } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { PidNamespace } from "./pidNamespace.ts";
import { Machine } from "./testing/machine.ts";
import { findZombie, type WaitFor } from "./wait.ts";

// Linux: kernel/exit.c eligible_pid, kernel_waitid_prepare
describe("a wait that names somebody", () => {
  test("by a pidfd whose process is gone finds no child, whoever else lives or is dead", () => {
    const machine = new Machine();
    machine.child();
    machine.zombie();
    expect(findZombie(machine.table, machine.shell.group, { isGone: true })).toMatchObject({
      code: "ECHILD",
      reason: { id: "wait/no-child", compared: { pid: 0 } },
    });
    expect(machine.wait({ isGone: false })).not.toBe("ECHILD");
  });

  test("by a pidfd, who is not its child, says which number that has for the caller", () => {
    const machine = new Machine();
    const { table, shell } = machine;
    const namespace = new PidNamespace<string>(table.namespace);
    const { group } = table.spawn(() => "stranger", { namespace });
    const compared = (which: WaitFor<string>): unknown => findZombie(table, shell.group, which);
    const { number } = group.pid;
    expect(compared({ group })).toMatchObject({ reason: { compared: { pid: number } } });
    expect(compared({ group, namespace })).toMatchObject({ reason: { compared: { pid: 1 } } });
  });

  test("as a process group means the children in it, and no others", () => {
    const machine = new Machine();
    const [own, other] = [machine.zombie(), machine.zombie()];
    other.processGroup = other.pid;
    expect(machine.wait({ processGroup: other.pid })).toBe(other);
    expect(machine.wait({ processGroup: other.pid })).toBe("ECHILD");
    expect(machine.wait({ processGroup: machine.shell.group.processGroup })).toBe(own);
  });
});

/** The questions that come up from now on, each answered as usual. */
function listenTo(machine: Machine): Question<unknown>[] {
  const asked: Question<unknown>[] = [];
  machine.table.ports.choices = {
    choose<A>(question: Question<A>): A {
      asked.push(question);
      return question.usual;
    },
  };
  return asked;
}

/** A call that writes the child's number somewhere, one byte of it. */
const shownIn = {
  output: "infop",
  fromOutput: (bytes: Uint8Array) => bytes[0],
};

describe("the question", () => {
  test("which of two dead children was found says between which two, and where it shows", () => {
    const machine = new Machine({ ports: quietPorts() });
    const numbers = [machine.zombie(), machine.zombie()].map(({ pid }) => pid.number);
    const asked = listenTo(machine);
    machine.wait({ shownIn });
    expect(asked[0].describe()).toBe(`one of ${numbers.join(", ")}`);
    expect([asked[0].output, asked[0].fromOutput?.(new Uint8Array([9]))]).toEqual(["infop", 9]);
    expect(asked[0].fromResult).toBeUndefined();
  });

  test("which child that nobody watches has ended says the same, and that it is a guess", () => {
    const machine = new Machine();
    const { group } = machine.child();
    group.isUnwatched = true;
    const asked = listenTo(machine);
    for (const which of [{}, { shownIn }]) machine.wait(which);
    const { number } = group.pid;
    expect(asked.map((question) => question.describe())).toEqual([
      `one of ${number}, 0: the record does not follow the children`,
      `one of ${number}, 0: the record does not follow the children`,
    ]);
    expect(asked.map(({ fromResult, output }) => [fromResult?.(5), output])).toEqual([
      [5, undefined],
      [undefined, "infop"],
    ]);
  });

  test("whether children are in a process group is open either way, and usually they are", () => {
    const machine = new Machine();
    machine.child();
    const asked = listenTo(machine);
    machine.wait({ ofGroup: "process group 5" });
    const [{ usual, alternatives }] = asked;
    expect([usual, alternatives, asked[0].allows(false)]).toEqual([true, [true, false], true]);
    expect(asked[0].describe()).toBe("whether the children are in process group 5");
  });

  test("is none about a child that nobody watches, once its end was seen", () => {
    const machine = new Machine();
    const zombie = machine.zombie();
    zombie.isUnwatched = true;
    const asked = listenTo(machine);
    expect(machine.wait()).toBe(zombie);
    expect(asked).toEqual([]);
  });
});
