import { expect, test } from "vitest";
import { Machine } from "./testing/machine.ts";

/** A shell that stands alone, and a process that nobody saw being made. */
function strangers() {
  const machine = new Machine();
  const { table, shell } = machine;
  const stranger = table.spawn(() => "stranger").group;
  return { machine, table, shell: shell.group, stranger };
}

test("a process whose making is shown late is a child from then on, behind the others", () => {
  const { machine, table, shell, stranger } = strangers();
  const elder = machine.child().group;
  table.joinFamily(stranger, shell);
  expect(stranger.parent).toBe(shell);
  expect(shell.children).toEqual([elder, stranger]);
});

test("a process stays with the parent that it has, and is nobody's own child", () => {
  const { machine, table, shell, stranger } = strangers();
  const child = machine.child().group;
  table.joinFamily(child, stranger);
  table.joinFamily(stranger, stranger);
  expect([child.parent, stranger.parent]).toEqual([shell, undefined]);
  expect([shell.children, stranger.children]).toEqual([[child], []]);
});

test("what was only tried leaves the families as they were", () => {
  const { table, shell, stranger } = strangers();
  table.ports.journal.attempt(() => table.joinFamily(stranger, shell));
  expect([stranger.parent, shell.children]).toEqual([undefined, []]);
});

test("whose family nobody knows any more has no parent, and as a zombie may be gone", () => {
  const { machine, table, shell } = strangers();
  const [living, zombie] = [machine.child().group, machine.zombie()];
  const mark = table.ports.journal.begin();
  for (const group of [living, zombie, shell]) table.leaveFamily(group);
  expect([living.parent, living.state, zombie.state]).toEqual([undefined, "alive", "reaped"]);
  expect(shell.children).toEqual([]);
  table.ports.journal.undo(mark);
  expect([living.parent, zombie.state]).toEqual([shell, "zombie"]);
  expect(shell.children).toEqual([living, zombie]);
});
