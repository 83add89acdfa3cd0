import type { Choices } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import type { Thread } from "./thread.ts";
import { exited, Machine } from "./testing/machine.ts";

/** Shell, upper, middle, lower and an orphan below, each the next one's parent. */
function generations() {
  const machine = new Machine();
  const { table, shell } = machine;
  const below = (parent: Thread<string>, name: string): Thread<string> =>
    table.spawn(() => name, { parent: parent.group });
  const upper = below(shell, "upper");
  const middle = below(upper, "middle");
  const lower = below(middle, "lower");
  const orphan = below(lower, "orphan");
  return { machine, table, shell, upper, middle, lower, orphan };
}

describe("where it was never said who asked for orphans", () => {
  test("the nearest that is known to have asked gets them, if nobody nearer is open", () => {
    const { table, shell, upper, middle, lower, orphan } = generations();
    upper.group.isSubreaper = true;
    shell.group.subreaperUnstated = true;
    table.exitGroup(lower.group, exited(0));
    expect(orphan.group.parent).toBe(upper.group);
    expect([shell, upper, middle].map(({ group }) => group.mayHaveOrphans)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("nobody knows who gets them, if somebody nearer is", () => {
    const { table, shell, upper, middle, lower, orphan } = generations();
    upper.group.isSubreaper = true;
    middle.group.subreaperUnstated = true;
    table.exitGroup(lower.group, exited(0));
    expect(orphan.group.parent).toBeUndefined();
    expect([shell, upper, middle].map(({ group }) => group.mayHaveOrphans)).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("who has ended gets none, and who left none leaves nothing open", () => {
    const { table, shell, upper, lower, orphan, middle } = generations();
    for (const { group } of [shell, upper]) group.subreaperUnstated = true;
    table.exitGroup(orphan.group, exited(0));
    table.reap(orphan.group);
    table.exitGroup(lower.group, exited(0));
    expect([shell, upper].map(({ group }) => group.mayHaveOrphans)).toEqual([false, false]);
    // Upper is a zombie by then: what middle leaves can only fall to the shell.
    table.exitGroup(upper.group, exited(0));
    upper.group.mayHaveOrphans = false;
    table.spawn(() => "late", { parent: middle.group });
    table.exitGroup(middle.group, exited(0));
    expect(upper.group.mayHaveOrphans).toBe(false);
  });

  test("it is all taken back", () => {
    const { table, shell, lower } = generations();
    shell.group.subreaperUnstated = true;
    const { journal } = table.ports;
    const mark = journal.begin();
    table.exitGroup(lower.group, exited(0));
    expect(shell.group.mayHaveOrphans).toBe(true);
    journal.undo(mark);
    expect(shell.group.mayHaveOrphans).toBe(false);
  });

  test("a wait asks whether one was found, usually not, and takes no answer for which", () => {
    const { machine, table, shell, upper, lower } = generations();
    shell.group.subreaperUnstated = true;
    table.exitGroup(lower.group, exited(0));
    table.exitGroup(upper.group, exited(0));
    machine.wait();
    const asked: unknown[] = [];
    const choose: Choices["choose"] = (question) => {
      asked.push([question.usual, question.allows(true as never), question.describe()]);
      return (question.alternatives === undefined ? question.usual : true) as never;
    };
    table.ports.choices = { choose };
    machine.wait();
    const { number } = shell.pid;
    expect(asked).toEqual([
      [false, true, `whether process ${number} asked for orphans before, and one has ended`],
      [undefined, false, `which orphan of process ${number} has ended, and how`],
    ]);
    asked.length = 0;
    machine.wait({ exited: false });
    expect(asked).toEqual([]);
  });
});

test("orphans of the initial namespace have no parent that is known", () => {
  const { table, lower, orphan } = generations();
  table.exitGroup(lower.group, exited(0));
  expect([orphan.group.parent, orphan.group.state]).toEqual([undefined, "alive"]);
});
