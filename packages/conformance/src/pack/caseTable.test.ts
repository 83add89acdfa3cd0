import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { caseTable, ROOM } from "./caseTable.ts";
import type { DocumentStep, PackDocument } from "./packDocument.ts";
import { RUNNER_SOURCE } from "./packFiles.ts";

function document(...steps: readonly DocumentStep[]): PackDocument {
  return {
    ...{ schemaVersion: 1, releases: "5.10-7.3", newest: { "7.3": 4 } },
    cases: [{ id: "some/case", asks: 'what "it" does', steps }],
  };
}

function lines(...steps: readonly DocumentStep[]): readonly string[] {
  return caseTable(document(...steps)).split("\n");
}

describe("an operation", () => {
  test("names its call, and what stands in its registers", () => {
    expect(lines({ step: "app  madvise(0x20000000, 8192, MADV_COLD)" })).toContain(
      '\t{ CALL, 0, 0, "madvise", 0, { V(0x20000000), V(0x2000), V(20) } },',
    );
  });

  test("of the 32-bit gate has that gate's number", () => {
    expect(lines({ step: "app/i386  madvise(0x20000000, 8192, MADV_COLD)" })).toContain(
      "\t{ CALL32, 0, 0, 0, 219, { V(0x20000000), V(0x2000), V(20) } },",
    );
  });

  test("takes what others returned, and numbers of processes", () => {
    const table = lines(
      { step: "app  pidfd_open($app, 0) = $fd" },
      { step: "app  dup($fd)" },
      { step: "app  kill($app + 1, 0)" },
    );
    expect(table).toContain('\t{ CALL, 0, 0, "pidfd_open", 0, { P(0, 0), V(0) } },');
    expect(table).toContain('\t{ CALL, 0, 0, "dup", 0, { R(0, 0) } },');
    expect(table).toContain('\t{ CALL, 0, 0, "kill", 0, { P(0, 1), V(0) } },');
  });

  test("that makes a process says which", () => {
    const table = lines({ step: "app  fork() = $child" }, { step: "$child  exit_group(3)" });
    expect(table).toContain('\t{ FORK, 0, 1, "fork", 0, { V(0) } },');
    expect(table).toContain('\t{ EXIT, 1, 0, "exit_group", 0, { V(3) } },');
  });

  test("reads the maps of another, of a range", () => {
    expect(lines({ step: "app  maps(0x20000000, 2*4096)" })).toContain(
      "\t{ MAPS, -1, 0, 0, 0, { V(0x20000000), V(0x2000) } },",
    );
  });
});

test("a vector lies in the data, with what is known only later", () => {
  const table = lines(
    { step: "app  pidfd_open($app, 0) = $fd" },
    {
      step: "app  process_madvise($fd, [{iov_base=$fd, iov_len=4096}, {iov_base=0, iov_len=1}], 2, MADV_COLD, 0)",
    },
  );
  expect(table).toContain("\t{ 1, 0, 8, R(0, 0) },");
  expect(table).toContain("\t{ 8, 0x1000 },");
  expect(table).toContain("\t{ 24, 1 },");
});

test("answers stand beside their releases, and needs too", () => {
  const table = caseTable({
    ...document(),
    cases: [
      {
        ...{ id: "a/b", asks: "c", needs: { "5.10-6.11": ["CAP_SYS_NICE", "KSM"] } },
        steps: [
          { step: "app  getpid()", answers: { "5.10-6.12": ["EINVAL", "0"], "6.13-7.3": ["ok"] } },
        ],
      },
    ],
  });
  expect(table).toContain('{ "5.10-6.12", "EINVAL | 0" }, { "6.13-7.3", "ok" }, { 0, 0 }');
  expect(table).toContain('{ "5.10-6.11", "CAP_SYS_NICE,KSM" }, { 0, 0 }');
});

test("text of a case is text of C", () => {
  const table = caseTable(document({ step: String.raw`app  store(0x20000000, "a\0b")` }));
  expect(table).toContain(String.raw`"app  store(0x20000000, \"a\\0b\")"`);
  expect(table).toContain(String.raw`"what \"it\" does"`);
});

test("the releases that it covers stand at its head", () => {
  const head = (releases: string): string =>
    caseTable({ ...document(), releases })
      .split("\n")
      .slice(3, 5)
      .join("\n");
  expect(head("5.10-7.3")).toBe(
    'const char covered_releases[] = "5.10-7.3";\nconst char first_release[] = "5.10", last_release[] = "7.3";',
  );
  expect(head("5.10.24-5.10.109 6.12.89-6.12")).toMatch(
    /first_release\[\] = "5.10.24", last_release\[\] = "6.12";$/,
  );
});

describe("the runner's room", () => {
  const header = readFileSync(`${RUNNER_SOURCE}pack.h`, "utf8");

  test.each([
    ["MOST_ACTORS", ROOM.actors],
    ["MOST_OPERATIONS", ROOM.operations],
    ["MOST_DATA", ROOM.dataBytes],
  ])("%s is what the table is written for", (name, value) => {
    expect(Number(new RegExp(`${name} = (\\w+)`).exec(header)?.[1])).toBe(value);
  });

  test("a case that is too large for it is refused", () => {
    const step = (name: string): DocumentStep => ({ step: `${name}  getpid()` });
    const names = Array.from({ length: ROOM.actors }, (_, i) => `p${i}`);
    expect(() => caseTable(document(...names.map(step)))).not.toThrow();
    expect(() => caseTable(document(...names.map(step), step("one-more")))).toThrow(RangeError);
    const many = Array.from({ length: ROOM.operations + 1 }, () => step("app"));
    expect(() => caseTable(document(...many))).toThrow(/some\/case is too large/);
  });
});
