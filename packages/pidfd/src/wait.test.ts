import { quietPorts, type Choices, type Ports } from "@kadvise/ports";
import { SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { exited, Machine } from "./testing/machine.ts";
import { findZombie, type WaitFor } from "./wait.ts";

/** Ports that answer each question by its id, and note which were asked. */
function answering(answers: { readonly [id: string]: unknown }): {
  readonly ports: Ports;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const ports = quietPorts();
  const choose: Choices["choose"] = (question) => {
    asked.push(question.id);
    return question.id in answers ? (answers[question.id] as never) : question.usual;
  };
  ports.choices = { choose };
  return { ports, asked };
}

describe("a wait", () => {
  test("without any child is ECHILD, and says for whom it was", () => {
    const machine = new Machine();
    expect(findZombie(machine.table, machine.shell.group, {})).toMatchObject({
      code: "ECHILD",
      errno: 10,
      reason: { id: "wait/no-child", compared: { pid: -1 } },
    });
    expect(findZombie(machine.table, machine.shell.group, { number: 77 })).toMatchObject({
      reason: { compared: { pid: 77 } },
    });
  });

  test("finds nobody ready while its children live", () => {
    const machine = new Machine();
    machine.child();
    expect(machine.wait()).toBe("none ready");
  });

  test("is not for other people's children", () => {
    const machine = new Machine();
    const middle = machine.child();
    const { group } = machine.table.spawn(() => "grandchild", { parent: middle.group });
    machine.table.exitGroup(group, exited(0));
    expect(machine.wait({ number: group.pid.number })).toBe("ECHILD");
    expect(machine.wait({ group })).toBe("ECHILD");
    expect(findZombie(machine.table, middle.group, {})).toBe(group);
  });

  test("for one child passes the dead others over", () => {
    const machine = new Machine();
    const [first, second] = [machine.zombie(), machine.zombie()];
    expect(machine.wait({ number: second.pid.number })).toBe(second);
    expect(machine.wait({ group: first })).toBe(first);
  });

  test("takes a child once: the second is ECHILD", () => {
    const machine = new Machine();
    const { number } = machine.zombie().pid;
    machine.wait();
    expect(machine.wait({ number })).toBe("ECHILD");
  });

  test("for stops alone has no use for a zombie", () => {
    const machine = new Machine();
    machine.zombie();
    expect(machine.wait({ exited: false })).toBe("ECHILD");
    machine.child();
    expect(machine.wait({ exited: false })).toBe("none ready");
  });
});

describe("two dead children", () => {
  test("may be found in either order; the elder is the usual one", () => {
    const { ports, asked } = answering({});
    const machine = new Machine({ ports });
    const [first] = [machine.zombie(), machine.zombie()];
    expect(machine.wait()).toBe(first);
    expect(asked).toContain("wait/which");
  });

  test("are told apart by what the call returned", () => {
    const seen: { allowed?: readonly boolean[]; shown?: number | undefined } = {};
    const ports = quietPorts();
    const machine = new Machine({ ports });
    const [first, second] = [machine.zombie(), machine.zombie()];
    const living = machine.child();
    const numbers = [first.pid.number, second.pid.number, living.pid.number];
    ports.choices = {
      choose<A>(question: Parameters<Choices["choose"]>[0]): A {
        seen.allowed = numbers.map((number) => question.allows(number));
        seen.shown = question.fromResult?.(42) as number | undefined;
        return second.pid.number as A;
      },
    };
    expect(machine.wait()).toBe(second);
    expect(seen).toEqual({ allowed: [true, true, false], shown: 42 });
  });

  test("leave no question where one is waited for by number", () => {
    const { ports, asked } = answering({});
    const machine = new Machine({ ports });
    machine.zombie();
    machine.wait({ number: machine.zombie().pid.number });
    expect(asked.filter((id) => id.startsWith("wait/"))).toEqual([]);
  });
});

describe("whether a child is in the process group", () => {
  test.each([
    [true, "none ready"],
    [false, "ECHILD"],
  ])("is asked where groups count; answered with %s the wait says %s", (answer, result) => {
    const { ports, asked } = answering({ "wait/process-group": answer });
    const machine = new Machine({ ports });
    machine.child();
    expect(machine.wait({ ofGroup: "process group 5" })).toBe(result);
    expect(asked).toContain("wait/process-group");
  });

  test("is not asked where there is no child at all", () => {
    const { ports, asked } = answering({});
    expect(new Machine({ ports }).wait({ ofGroup: "process group 5" })).toBe("ECHILD");
    expect(asked).not.toContain("wait/process-group");
  });
});

test("a child that has executed a program is one of SIGCHLD, whatever it was made with", () => {
  const machine = new Machine();
  const leader = machine.child(SIG.SIGURG);
  machine.table.becomeLeader(leader);
  expect(machine.wait({ kinds: "clone" })).toBe("ECHILD");
  machine.table.exitGroup(leader.group, exited(0));
  expect(machine.wait({ kinds: "plain" })).toBe(leader.group);
});

describe("of children that nobody watches", () => {
  /** A parent with some of them, and what it finds if each question is answered so. */
  function unwatched(answer: number | undefined, ends: readonly number[] = []) {
    const asked: { readonly allows: readonly boolean[]; readonly told: boolean }[] = [];
    const ports = quietPorts();
    const machine = new Machine({ ports });
    const children = [machine.child(), machine.child(), machine.child()].map(({ group }) => group);
    children[0].isUnwatched = true;
    children[1].isUnwatched = true;
    for (const i of ends) machine.table.exitGroup(children[i], exited(0));
    const choose: Choices["choose"] = (question) => {
      const numbers = [0, ...children.map(({ pid }) => pid.number)];
      const allows = numbers.map((number) => question.allows(number as never));
      asked.push({ allows, told: question.fromResult !== undefined });
      return answer === undefined ? question.usual : (children[answer].pid.number as never);
    };
    ports.choices = { choose };
    const find = (which: WaitFor<string> = {}): unknown =>
      findZombie(machine.table, machine.shell.group, which);
    return { machine, children, asked, find };
  }

  test("any may have ended, or none; those that are watched live", () => {
    const { asked, find } = unwatched(undefined);
    expect(find()).toBe("none-ready");
    expect(asked).toEqual([{ allows: [true, true, true, false], told: true }]);
  });

  test("the one is found that the answer names", () => {
    const { children, find } = unwatched(1);
    expect(find()).toBe(children[1]);
  });

  test("somebody has ended where one that is watched has", () => {
    const { children, asked, find } = unwatched(undefined, [2]);
    expect(find()).toBe(children[2]);
    expect(asked).toEqual([{ allows: [false, true, true, true], told: true }]);
  });

  test("nobody asks for ends where only stops are waited for, or only the watched are meant", () => {
    const { children, asked, find } = unwatched(1);
    expect(find({ exited: false })).toBe("none-ready");
    expect(find({ group: children[2] })).toBe("none-ready");
    expect(asked).toEqual([]);
  });

  test("a parent that wants no zombies tells nothing by what its wait returns", () => {
    const { machine, asked, find } = unwatched(undefined);
    machine.shell.group.ignoresChildren = true;
    find();
    expect(asked.map(({ told }) => told)).toEqual([false]);
  });
});

test("orphans that may have fallen to a process are more than can be known", () => {
  for (const found of [false, true]) {
    const asked: string[] = [];
    const ports = quietPorts();
    const machine = new Machine({ ports });
    machine.shell.group.subreaperUnstated = true;
    const middle = machine.child();
    machine.table.spawn(() => "orphan", { parent: middle.group });
    machine.table.exitGroup(middle.group, exited(0));
    machine.wait();
    const choose: Choices["choose"] = (question) => {
      asked.push(`${question.id} ${String(question.alternatives)}`);
      return (question.alternatives === undefined ? question.usual : found) as never;
    };
    ports.choices = { choose };
    expect(machine.wait()).toBe("ECHILD");
    expect(asked).toEqual(["wait/orphan false,true", ...(found ? ["wait/orphan undefined"] : [])]);
  }
});

describe("__WNOTHREAD", () => {
  test("means those that the thread made, and those that nobody knows who made", () => {
    const machine = new Machine();
    const other = machine.thread(machine.shell.group);
    const { group } = machine.child(SIG.SIGCHLD, other);
    const parent = machine.shell.group;
    const unknown = machine.table.spawn(() => "unknown", { parent }).group;
    for (const child of [group, unknown]) machine.table.exitGroup(child, exited(0));
    expect(machine.wait({ ofThread: machine.shell })).toBe(unknown);
    expect(machine.wait({ ofThread: machine.shell })).toBe("ECHILD");
    expect(machine.wait({ ofThread: other })).toBe(group);
  });

  test("the first thread that lives has those of threads that ended, and no other has", () => {
    const machine = new Machine();
    const [maker, third] = [1, 2].map(() => machine.thread(machine.shell.group));
    const { group } = machine.child(SIG.SIGCHLD, maker);
    machine.table.exitThread(maker, exited(0));
    machine.table.exitGroup(group, exited(0));
    expect(machine.wait({ ofThread: third })).toBe("ECHILD");
    expect(machine.wait({ ofThread: machine.shell })).toBe(group);
  });
});

describe("a zombie that loses its parent", () => {
  function orphaned(ignores: boolean) {
    const machine = new Machine();
    const { shell, table } = machine;
    shell.group.isSubreaper = true;
    shell.group.ignoresChildren = ignores;
    const middle = machine.child();
    const { group } = table.spawn(() => "orphan", { parent: middle.group });
    table.exitGroup(group, exited(4));
    table.exitGroup(middle.group, exited(0));
    return { machine, group };
  }

  test("is left to whoever asked for orphans, as a child of its first living thread", () => {
    const { machine, group } = orphaned(false);
    expect(group.creator).toBe(machine.shell);
    expect(machine.wait({ group })).toBe(group);
  });

  test("is taken away where that one wants no zombies", () => {
    const { machine, group } = orphaned(true);
    expect(group.state).toBe("reaped");
    expect(machine.wait({ group })).toBe("ECHILD");
  });
});
