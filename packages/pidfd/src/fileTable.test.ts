import { describe, expect, test } from "vitest";
import { FileTable } from "./fileTable.ts";

const NO_LIMIT = 1024;

/** A table with descriptors 0 to count - 1 open; each names a word. */
function opened(count: number): FileTable<string> {
  const table = new FileTable<string>();
  for (let fd = 0; fd < count; fd++) table.open(`f${fd}`, false, NO_LIMIT);
  return table;
}

describe("open", () => {
  test("takes the lowest free descriptor", () => {
    const table = opened(5);
    table.close(3);
    table.close(1);
    expect(table.open("a", false, NO_LIMIT)).toMatchObject({ ok: true, value: 1 });
    expect(table.open("b", false, NO_LIMIT)).toMatchObject({ ok: true, value: 3 });
    expect(table.open("c", false, NO_LIMIT)).toMatchObject({ ok: true, value: 5 });
  });

  test("starts where F_DUPFD says", () => {
    const table = opened(2);
    expect(table.open("a", false, NO_LIMIT, 10)).toMatchObject({ value: 10 });
    expect(table.open("b", false, NO_LIMIT, 10)).toMatchObject({ value: 11 });
    expect(table.open("c", false, NO_LIMIT)).toMatchObject({ value: 2 });
  });

  test("is EMFILE where every descriptor below RLIMIT_NOFILE is open", () => {
    const table = opened(3);
    expect(table.open("a", false, 3)).toMatchObject({
      code: "EMFILE",
      reason: { id: "fd/table-full", compared: { limit: 3 } },
    });
  });
});

describe("close", () => {
  test("is EBADF the second time", () => {
    const table = opened(1);
    expect(table.close(0)).toMatchObject({ ok: true, value: "f0" });
    expect(table.close(0)).toMatchObject({ code: "EBADF", reason: { id: "fd/closed" } });
  });
});
