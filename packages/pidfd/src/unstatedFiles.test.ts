import { quietPorts, type Question } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { FileTable } from "./fileTable.ts";

const LIMIT = 1024;

/** A table of which nobody stated anything, the questions, and which of -1 to 12 each allowed. */
function unstated(...answers: readonly unknown[]): {
  readonly table: FileTable<string>;
  readonly asked: Question<unknown>[];
  readonly allowed: number[][];
} {
  const asked: Question<unknown>[] = [];
  const allowed: number[][] = [];
  const ports = quietPorts();
  ports.choices = {
    choose<A>(question: Question<A>): A {
      const numbers = [-1, 0, 1, 2, 3, 4, 4.5, 5, 6, 7, 8, 9, 10, 11, 12];
      allowed.push(numbers.filter((fd) => question.allows(fd as A)));
      const at = asked.push(question) - 1;
      return at in answers ? (answers[at] as A) : question.usual;
    },
  };
  return { table: new FileTable<string>({ ports, unstated: "old" }), asked, allowed };
}

describe("whether a descriptor was open before", () => {
  test.each([
    [true, "old"],
    [false, undefined],
  ])("is asked once; answered with %s it stays so", (open, file) => {
    const { table, asked } = unstated(open);
    expect([table.get(7)?.file, table.get(7)?.file]).toEqual([file, file]);
    expect(asked.map(({ id }) => id)).toEqual(["fd/unstated"]);
    expect(asked[0].alternatives).toEqual([true, false]);
  });

  test("is usually so for the three of the terminal only", () => {
    const { table } = unstated();
    expect([0, 1, 2, 3, 4].map((fd) => table.get(fd)?.file)).toEqual([
      "old",
      "old",
      "old",
      undefined,
      undefined,
    ]);
  });

  test("is not asked of a number that no descriptor can have, nor by a look", () => {
    const { table, asked } = unstated();
    expect([table.get(-1), table.peek(3), [...table]]).toEqual([undefined, undefined, []]);
    expect(asked).toEqual([]);
  });

  test("is not asked of what was closed or opened while somebody watched", () => {
    const { table, asked } = unstated();
    table.set(5, null);
    table.set(6, { file: "new", closeOnExec: false });
    expect([table.get(5), table.get(6)?.file]).toEqual([undefined, "new"]);
    expect(asked).toEqual([]);
  });
});

describe("the number of a new descriptor", () => {
  test("may be any up to the first that is known to be closed", () => {
    const { table, allowed } = unstated(4);
    table.set(1, { file: "known", closeOnExec: false });
    table.set(6, null);
    expect(table.open("new", false, LIMIT)).toMatchObject({ value: 4 });
    expect(allowed).toEqual([[0, 2, 3, 4, 5, 6]]);
    expect(table.get(1)?.file).toBe("known");
  });

  test("tells that every lower one was open", () => {
    const { table } = unstated(3);
    table.open("new", false, LIMIT);
    expect([...table].map(([fd, { file }]) => `${fd}:${file}`)).toEqual([
      "0:old",
      "1:old",
      "2:old",
      "3:new",
    ]);
  });

  test("is known where everything below is known", () => {
    const { table, asked } = unstated();
    table.set(0, { file: "known", closeOnExec: false });
    table.set(1, null);
    expect(table.open("new", false, LIMIT)).toMatchObject({ value: 1 });
    expect(asked).toEqual([]);
  });

  test("is never one that is known to be open, nor one at the limit", () => {
    const { table } = unstated();
    for (const fd of [3, 4]) table.set(fd, { file: "known", closeOnExec: false });
    expect(table.open("new", false, 5)).toMatchObject({ value: 0 });
    expect(table.get(4)?.file).toBe("known");
  });

  test("does not exist where all below the limit are known to be open", () => {
    const { table, asked } = unstated();
    for (const fd of [0, 1, 2]) table.set(fd, { file: "known", closeOnExec: false });
    expect(table.open("new", false, 3)).toMatchObject({ code: "EMFILE" });
    expect(table.open("new", false, 3, 5)).toMatchObject({ code: "EMFILE" });
    expect(asked).toEqual([]);
  });

  test("lies below the limit also where a higher one is known to be closed", () => {
    const { table, allowed } = unstated();
    table.set(9, null);
    table.open("new", false, 5);
    expect(allowed).toEqual([[0, 1, 2, 3, 4]]);
  });
});

test("what a range closed is closed, also where nobody stated it", () => {
  const { table, asked } = unstated();
  table.closeRange(3, 2 ** 32 - 1);
  expect([3, 100, 1023].map((fd) => table.get(fd))).toEqual([undefined, undefined, undefined]);
  expect(asked).toEqual([]);
  expect(table.get(2)?.file).toBe("old");
});

test("what was seen to be open counts from then on, and states nothing known anew", () => {
  const { table, asked } = unstated();
  table.set(4, null);
  table.stateOpen(3);
  table.stateOpen(4);
  expect([table.get(3)?.file, table.get(4)]).toEqual(["old", undefined]);
  expect(asked).toEqual([]);
});

test("a table of which all is stated learns nothing from what was seen to be open", () => {
  const table = new FileTable<string>();
  table.open("zero", false, LIMIT);
  table.stateOpen(0);
  table.stateOpen(3);
  expect([...table].map(([fd, { file }]) => `${fd}:${file}`)).toEqual(["0:zero"]);
  expect(table.open("one", false, LIMIT)).toMatchObject({ value: 1 });
});

test("a fork's table is as little stated as the first", () => {
  const { table, asked } = unstated(true);
  expect(table.copy().get(3)?.file).toBe("old");
  expect(asked).toHaveLength(1);
});

describe("a table that was forgotten", () => {
  test("may hold anything, and is known again where that was only tried", () => {
    const ports = quietPorts();
    const table = new FileTable<string>({ ports });
    table.open("known", false, LIMIT);
    ports.journal.attempt(() => {
      table.forgetAll("old");
      expect([table.get(0)?.file, table.get(1)?.file]).toEqual(["old", "old"]);
    });
    expect([table.get(0)?.file, table.get(1)]).toEqual(["known", undefined]);
  });
});

describe("one descriptor that was forgotten", () => {
  test("is asked for where it is looked at; what is known of the others stays", () => {
    const { table, asked } = unstated(true);
    table.set(3, { file: "three", closeOnExec: false });
    table.set(4, null);
    table.forget(3, "new");
    expect([table.get(4), asked.length]).toEqual([undefined, 0]);
    expect([table.get(3)?.file, asked.length]).toEqual(["old", 1]);
  });

  test("leaves a table of which all is stated closed everywhere else, and can be taken back", () => {
    const ports = quietPorts();
    const table = new FileTable<string>({ ports });
    table.open("zero", false, LIMIT);
    table.stateOpen(1);
    ports.journal.attempt(() => {
      table.forget(2, "old");
      expect([0, 1, 2, 3, 1023].map((fd) => table.get(fd)?.file)).toEqual([
        ...["zero", undefined, "old", undefined, undefined],
      ]);
    });
    expect([table.get(2), table.unstated]).toEqual([undefined, undefined]);
  });
});

test("to forget one asks for none of the others up to 1023, gaps between them included", () => {
  const asked: string[] = [];
  const ports = quietPorts();
  const table = new FileTable<string>({ ports });
  for (const fd of [0, 4]) table.set(fd, { file: "known", closeOnExec: false });
  table.forget(2, "old");
  ports.choices = {
    choose(question) {
      asked.push(question.describe());
      return question.usual;
    },
  };
  for (const fd of [1, 3, 5, 1022, 1023]) expect(table.get(fd)).toBeUndefined();
  expect([...table].map(([fd]) => fd)).toEqual([0, 4]);
  expect(asked).toEqual([]);
  expect(table.get(2)?.file).toBe("old");
  expect(asked).toEqual(["whether descriptor 2 was open before"]);
});

test("the open descriptors of a table that nobody stated are those that are known", () => {
  const { table, asked } = unstated();
  table.set(3, { file: "known", closeOnExec: true });
  expect([...table].map(([fd, { file }]) => `${fd}:${file}`)).toEqual(["3:known"]);
  expect(asked).toEqual([]);
});

// The mark is not known either: execve closes it or does not.
test("whatever turned out to have been open is open to doubt again after execve", () => {
  const { table, asked } = unstated(true, 2);
  expect(table.get(5)?.file).toBe("old");
  expect(table.open("new", false, LIMIT)).toMatchObject({ value: 2 });
  asked.length = 0;
  table.closeOnExec();
  for (const fd of [0, 1, 5]) table.get(fd);
  expect(asked.map((question) => [question.id, question.allows(true)])).toEqual([
    ["fd/unstated", true],
    ["fd/unstated", true],
    ["fd/unstated", true],
  ]);
  expect(table.get(2)?.file).toBe("new");
});

describe("a descriptor of which nothing else was stated", () => {
  test("is known as such until something is opened in its place", () => {
    const { table } = unstated();
    table.stateOpen(4);
    expect([table.isUnstated(4), table.isUnstated(5), table.isUnstated(6)]).toEqual([
      true,
      false,
      false,
    ]);
    table.set(5, { file: "new", closeOnExec: false });
    table.set(4, { file: "new", closeOnExec: false });
    expect([table.isUnstated(4), table.isUnstated(5)]).toEqual([false, false]);
    expect(new FileTable<string>().isUnstated(0)).toBe(false);
  });

  test("may be open or closed after execve; others are what they were", () => {
    const { table, asked } = unstated(false);
    table.stateOpen(4);
    table.set(5, { file: "kept", closeOnExec: false });
    table.set(6, { file: "marked", closeOnExec: true });
    table.closeOnExec();
    expect([table.peek(4), table.peek(5)?.file, table.peek(6)]).toEqual([
      undefined,
      "kept",
      undefined,
    ]);
    expect(asked).toEqual([]);
    expect([table.get(4), table.get(6)]).toEqual([undefined, undefined]);
    expect(asked.map(({ id }) => id)).toEqual(["fd/unstated"]);
  });

  test("is handed on to a copy, which asks on its own", () => {
    const { table, asked } = unstated(true, true);
    const copy = table.copy();
    expect([copy.get(8)?.file, copy.unstated]).toEqual(["old", "old"]);
    expect(table.peek(8)).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(new FileTable<string>().copy().unstated).toBeUndefined();
  });
});

describe("which is the lowest free", () => {
  test("is open up to the first that is known to be closed, that one included", () => {
    const { table, asked, allowed } = unstated(3);
    table.set(6, null);
    table.set(0, null);
    expect(table.open("new", false, LIMIT, 2)).toMatchObject({ value: 3 });
    expect(allowed).toEqual([[2, 3, 4, 5, 6]]);
    expect(asked[0].usual).toBe(3);
    expect(asked[0].fromResult?.(5)).toBe(5);
    expect(asked[0].describe()).toBe("the lowest free descriptor from 2 on");
    expect(table.peek(2)?.file).toBe("old");
  });

  test("is open up to the limit, where none is known to be closed", () => {
    const { table, allowed } = unstated(1);
    table.open("new", false, 5, 1);
    expect(allowed).toEqual([[1, 2, 3, 4]]);
  });

  test("is usually behind the terminal; else the first, where that is closed", () => {
    const usual = (closed: readonly number[], opened: readonly number[] = []): unknown => {
      const { table, asked } = unstated();
      for (const fd of closed) table.set(fd, null);
      for (const fd of opened) table.set(fd, { file: "new", closeOnExec: false });
      table.open("new", false, LIMIT);
      return asked[0]?.usual;
    };
    expect([usual([]), usual([3]), usual([], [3]), usual([2])]).toEqual([3, 3, 4, 0]);
  });
});

test("descriptors far up stand behind the others, in their order", () => {
  const table = new FileTable<string>();
  for (const fd of [2_000_000, 70_000, 5, 900_000]) {
    table.set(fd, { file: String(fd), closeOnExec: false });
  }
  table.set(900_000, null);
  expect([...table].map(([fd]) => fd)).toEqual([5, 70_000, 2_000_000]);
});
