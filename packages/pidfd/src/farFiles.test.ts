import { describe, expect, test } from "vitest";
import { FileTable } from "./fileTable.ts";

/** Where descriptors begin to be kept one by one, with the last one before and the second. */
const BORDER = [65_535, 65_536, 65_537];
const LIMIT = 2 ** 31;

/** The open descriptors and what they name. */
function listed(table: FileTable<string>): string[] {
  return [...table].map(([fd, { file }]) => `${fd}:${file}`);
}

describe.each(BORDER)("descriptor %i", (fd) => {
  test("is open where it was put, and no other is", () => {
    const table = new FileTable<string>();
    table.set(fd, { file: "f", closeOnExec: false });
    expect([fd - 1, fd, fd + 1].map((at) => table.get(at)?.file)).toEqual([
      undefined,
      "f",
      undefined,
    ]);
    expect([table.peek(fd)?.file, listed(table)]).toEqual(["f", [`${fd}:f`]]);
    expect(table.close(fd)).toMatchObject({ value: "f" });
    expect(table.close(fd)).toMatchObject({ code: "EBADF" });
  });

  test("is the lowest free one where all from the start to there are open", () => {
    const table = new FileTable<string>();
    table.set(fd - 1, { file: "f", closeOnExec: false });
    expect(table.open("g", false, LIMIT, fd - 1)).toMatchObject({ value: fd });
    expect(table.mayOpen(fd + 1, fd - 1)?.code).toBe("EMFILE");
  });

  test("that is known to be closed is the lowest free one, without a question", () => {
    const table = new FileTable<string>({ unstated: "old" });
    table.ports.choices = {
      choose: () => {
        throw new Error("nothing is open");
      },
    };
    table.set(fd, null);
    table.stateOpen(fd);
    expect([table.get(fd), listed(table)]).toEqual([undefined, []]);
    expect(table.open("g", false, LIMIT, fd)).toMatchObject({ value: fd });
  });

  test("may have been open before anybody watched, and is from when that was seen", () => {
    const table = new FileTable<string>({ unstated: "old" });
    table.stateOpen(fd);
    expect([table.get(fd)?.file, table.isUnstated(fd)]).toEqual(["old", true]);
  });
});

test.each([
  [70_000, 70_000, [69_999, 70_001]],
  [70_000, 2 ** 32 - 1, [69_999]],
  [0, 70_000, [70_001]],
  [70_002, 80_000, [69_999, 70_000, 70_001]],
])("close_range from %i to %i closes those far up that lie in it", (first, last, left) => {
  const table = new FileTable<string>();
  for (const fd of [69_999, 70_000, 70_001]) table.set(fd, { file: "f", closeOnExec: false });
  table.closeRange(first, last);
  expect([...table].map(([fd]) => fd)).toEqual(left);
});
