import { quietPorts } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { FileTable } from "./fileTable.ts";

const LIMIT = 1024;

/** A table with descriptors 0 to count - 1 open; each names a word. */
function opened(count: number): FileTable<string> {
  const table = new FileTable<string>();
  for (let fd = 0; fd < count; fd++) table.open(`f${fd}`, false, LIMIT);
  return table;
}

/** The open descriptors and what they name; an exclamation mark for close-on-exec. */
function listed(table: FileTable<string>): string {
  return [...table]
    .map(([fd, { file, closeOnExec }]) => `${fd}:${file}${closeOnExec ? "!" : ""}`)
    .join(" ");
}

describe("open", () => {
  test("takes the lowest free descriptor", () => {
    const table = opened(5);
    table.close(3);
    table.close(1);
    expect(table.open("a", false, LIMIT)).toMatchObject({ ok: true, value: 1 });
    expect(table.open("b", true, LIMIT)).toMatchObject({ ok: true, value: 3 });
    expect(table.open("c", false, LIMIT)).toMatchObject({ ok: true, value: 5 });
    expect(listed(table)).toBe("0:f0 1:a 2:f2 3:b! 4:f4 5:c");
  });

  test("starts where F_DUPFD says, also far behind the last one", () => {
    const table = opened(2);
    expect(table.open("a", false, LIMIT, 10)).toMatchObject({ value: 10 });
    expect(table.open("b", false, LIMIT, 10)).toMatchObject({ value: 11 });
    expect(table.open("c", false, LIMIT)).toMatchObject({ value: 2 });
    expect(listed(table)).toBe("0:f0 1:f1 2:c 10:a 11:b");
  });

  test("is EMFILE where every descriptor below RLIMIT_NOFILE is open, and opens nothing", () => {
    const table = opened(3);
    expect(table.open("a", false, 3)).toMatchObject({
      code: "EMFILE",
      errno: 24,
      reason: { id: "fd/table-full", compared: { limit: 3 } },
    });
    expect(listed(table)).toBe("0:f0 1:f1 2:f2");
  });

  test("finds a hole below the limit, whatever is open above it", () => {
    const table = opened(5);
    table.close(1);
    expect(table.open("a", false, 2)).toMatchObject({ value: 1 });
    expect(table.open("b", false, 2)).toMatchObject({ code: "EMFILE" });
  });

  test("is EMFILE for everyone at limit 0, and what is open stays in use", () => {
    const table = opened(1);
    expect(table.open("a", false, 0)).toMatchObject({ code: "EMFILE" });
    expect(table.get(0)?.file).toBe("f0");
  });
});

describe("mayOpen", () => {
  test.each([
    [3, 0, undefined],
    [3, 2, undefined],
    [2, 0, "EMFILE"],
    [3, 3, "EMFILE"],
    [4, 3, undefined],
  ])("below %i from %i on it says what open would, and opens nothing", (limit, start, code) => {
    const table = opened(2);
    expect(table.mayOpen(limit, start)?.code).toBe(code);
    expect(listed(table)).toBe("0:f0 1:f1");
    const result = table.open("a", false, limit, start);
    expect(result.ok ? undefined : result.code).toBe(code);
  });

  test("sees the hole that a close left", () => {
    const table = opened(3);
    table.close(1);
    expect(table.mayOpen(3)).toBeUndefined();
    expect(table.mayOpen(3, 2)?.reason.id).toBe("fd/table-full");
  });
});

describe("close", () => {
  test("gives the file, and is EBADF the second time", () => {
    const table = opened(1);
    expect(table.close(0)).toMatchObject({ ok: true, value: "f0" });
    expect(table.close(0)).toMatchObject({
      code: "EBADF",
      reason: { id: "fd/closed", compared: { fd: 0 } },
    });
  });

  test.each([-1, -10000, 1, 4096, 2 ** 31 - 1])("of %i, which nobody opened, is EBADF", (fd) => {
    expect(opened(1).close(fd)).toMatchObject({ code: "EBADF", errno: 9 });
  });

  test("leaves the other descriptors of the same file alone", () => {
    const table = opened(1);
    table.set(1, { file: "f0", closeOnExec: false });
    table.close(0);
    expect(listed(table)).toBe("1:f0");
  });
});

describe("set, as dup2 does,", () => {
  test("closes silently what stood at the number", () => {
    const table = opened(3);
    table.set(1, { file: "f0", closeOnExec: true });
    expect(listed(table)).toBe("0:f0 1:f0! 2:f2");
  });

  test("leaves everything between the last descriptor and the number closed", () => {
    const table = opened(1);
    table.set(4, { file: "f0", closeOnExec: false });
    expect(listed(table)).toBe("0:f0 4:f0");
    expect([1, 2, 3].map((fd) => table.get(fd))).toEqual([undefined, undefined, undefined]);
  });
});

describe("at exec", () => {
  test("what is marked goes, and its number is free again", () => {
    const table = new FileTable<string>();
    for (const [i, mark] of [false, true, false, true].entries()) table.open(`f${i}`, mark, LIMIT);
    table.closeOnExec();
    expect(listed(table)).toBe("0:f0 2:f2");
    expect(table.open("a", false, LIMIT)).toMatchObject({ value: 1 });
  });
});

describe("close_range", () => {
  test.each([
    [1, 2, "0:f0 3:f3"],
    [2, 4_294_967_295, "0:f0 1:f1"],
    [0, 0, "1:f1 2:f2 3:f3"],
    [4, 100, "0:f0 1:f1 2:f2 3:f3"],
  ])("from %i to %i closes these and no others", (first, last, left) => {
    const table = opened(4);
    table.closeRange(first, last);
    expect(listed(table)).toBe(left);
  });

  test("with CLOSE_RANGE_CLOEXEC marks what is open, and opens nothing", () => {
    const table = opened(4);
    table.close(2);
    table.closeRangeOnExec(1, 2 ** 32 - 1);
    expect(listed(table)).toBe("0:f0 1:f1! 3:f3!");
  });
});

describe("a table of one's own, as fork makes it,", () => {
  test("has the same files and marks", () => {
    const table = opened(2);
    table.set(1, { file: "f1", closeOnExec: true });
    expect(listed(table.copy())).toBe("0:f0 1:f1!");
  });

  test("goes its own way", () => {
    const parent = opened(2);
    const child = parent.copy();
    child.close(0);
    parent.open("p", false, LIMIT);
    expect([listed(parent), listed(child)]).toEqual(["0:f0 1:f1 2:p", "1:f1"]);
  });

  test("has one user, however many the other has: CLONE_FILES shares the table itself", () => {
    const parent = opened(1);
    parent.users = 3;
    expect(parent.copy().users).toBe(1);
  });
});

describe("an attempt", () => {
  test("leaves the table as it was", () => {
    const ports = quietPorts();
    const table = new FileTable<string>({ ports });
    for (const name of ["a", "b", "c"]) table.open(name, false, LIMIT);
    ports.journal.attempt(() => {
      table.close(0);
      table.open("d", true, LIMIT);
      table.set(9, { file: "e", closeOnExec: false });
      table.closeRange(1, 2);
      expect(listed(table)).toBe("0:d! 9:e");
    });
    expect(listed(table)).toBe("0:a 1:b 2:c");
    expect(table.open("f", false, LIMIT)).toMatchObject({ value: 3 });
  });
});

test("a descriptor near the largest number takes no room for those below it", () => {
  const table = new FileTable<string>({ unstated: "unstated" });
  const fd = 2 ** 31 - 1;
  table.set(fd, { file: "far", closeOnExec: true });
  expect(table.get(fd)?.file).toBe("far");
  expect([...table].map(([open]) => open)).toEqual([fd]);
  expect([...table.copy()].map(([open]) => open)).toEqual([fd]);
  expect(table.open("next", false, 2 ** 31, 2 ** 30)).toMatchObject({ value: 2 ** 30 });
  table.closeOnExec();
  expect(table.get(fd)).toBeUndefined();
  table.closeRange(3, 2 ** 32 - 1);
  expect(table.get(2 ** 30)).toBeUndefined();
});
