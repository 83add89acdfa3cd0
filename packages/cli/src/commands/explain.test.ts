import { join } from "node:path";
import { REASONS } from "@kadvise/kernel";
import { describe, expect, test } from "vitest";
import { file, REPOSITORY, tool } from "../testing/tool.ts";

describe("a reason's page", () => {
  test("says errno, rule, place in Linux, release and remedy", async () => {
    const { code, out } = await tool("explain", "process_madvise/remote-needs-cap-sys-nice");
    expect(code).toBe(0);
    expect(out).toContain(
      "EPERM: the target is another process, and the caller lacks CAP_SYS_NICE",
    );
    expect(out).toMatch(/Linux: +mm\/madvise\.c process_madvise/);
    expect(out).toMatch(/since: +\d+\.\d+/);
    expect(out).toMatch(/to change it: gain CAP_SYS_NICE/);
  });

  test.each(Object.keys(REASONS))("of %s has every line", async (id) => {
    const { code, out } = await tool("explain", id);
    expect(code).toBe(0);
    expect(out).not.toMatch(/undefined|: *$/m);
    expect(out.trimEnd().split("\n")).toHaveLength(5);
  });
});

test("the reasons of a call are listed by its name", async () => {
  const { out } = await tool("explain", "iovec");
  const ids = Object.keys(REASONS).filter((id) => id.startsWith("iovec/"));
  expect(ids.length).toBeGreaterThan(3);
  for (const id of ids) expect(out).toContain(id);
});

test("an unknown reason exits 2 and names the nearest", async () => {
  const { code, err } = await tool("explain", "mm_access/deneid");
  expect(code).toBe(2);
  expect(err).toBe(
    'kadvise explain: no reason "mm_access/deneid"; did you mean mm_access/denied?\n',
  );
});

const LOG = join(REPOSITORY, "packages/conformance/logs/6.18.44/access.strace");

describe("a call of a log", () => {
  test("is explained as a ladder: what passed, what refused, what was not reached", async () => {
    const { code, out } = await tool("explain", `${LOG}:115`, "--kernel", "6.18.44");
    expect(code).toBe(0);
    expect(out).toMatch(/^EPERM: .*CAP_SYS_NICE.*\(before any range was looked at\)$/m);
    expect(out).toMatch(/^ {2}✓ the target is dumpable.*\(dumpable 1\)/m);
    expect(out).toMatch(
      /^ {2}✗ the target is another process.*\n {6}mm\/madvise\.c process_madvise, since 6\.12$/m,
    );
    expect(out).toMatch(/^ {2}· not reached: .*madvise\/unaligned-start/m);
    expect(out).toMatch(/what would change it\n {2}- the caller has CAP_SYS_NICE/);
  });

  test("is told what the lint finds in it, seen from what came before", async () => {
    const log = file(
      "suspicious.strace",
      [
        '10 execve("/bin/x", [], 0x7ffd /* 0 vars */) = 0',
        "10 mmap(0x7f0000000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f0000000000",
        "10 madvise(0x7f0000000000, 4096, MADV_DOFORK) = 0",
        "10 madvise(0x7f0000000000, 4096, MADV_DONTFORK) = 0",
        "10 madvise(0x7f0000000000, 4096, MADV_DOFORK) = 0\n",
      ].join("\n"),
    );
    const { out } = await tool("explain", `${log}:3`);
    expect(out.split("\n")[2]).toMatch(
      /^lint: 11 is MADV_DOFORK, which takes MADV_DONTFORK back.*\[advice\/or-of-several\]$/,
    );
    const json = await tool("explain", `${log}:3`, "--format", "json");
    expect(JSON.parse(json.out)).toMatchObject({ lint: [{ rule: "advice/or-of-several" }] });
    expect((await tool("explain", `${log}:5`)).out).not.toContain("lint");
  });

  test("is answered by other releases beside", async () => {
    const words = ["--kernel", "6.18.44", "--releases", "5.10.23,5.10.24,6.12"];
    const { out } = await tool("explain", `${LOG}:115`, ...words);
    expect(out).toMatch(/^ {2}5\.10\.23 +8192$/m);
    expect(out).toMatch(/^ {2}5\.10\.24 +-1 EPERM .*\[process_madvise\/needs-cap-sys-nice\]$/m);
    expect(out).toMatch(/^ {2}6\.12 +-1 EPERM .*\[process_madvise\/remote-needs-cap-sys-nice\]$/m);
  });

  test("is told as JSON with the same facts", async () => {
    const words = ["--kernel", "6.18.44", "--format", "json"];
    const { out } = await tool("explain", `${LOG}:110`, ...words);
    const told = JSON.parse(out) as {
      ways: { refusal: object; checks: { id: string; outcome: string }[] }[];
    };
    expect(told.ways[0]?.refusal).toMatchObject({
      code: "EACCES",
      from: "call",
      id: "mm_access/denied",
    });
    const refused = told.ways[0]?.checks.filter(({ outcome }) => outcome === "refused");
    expect(refused?.map(({ id }) => id)).toContain("ptrace_access/ids-differ");
  });

  test("is not found on a line without one, and the lines near it are named", async () => {
    const { code, err } = await tool("explain", `${LOG}:99999`);
    expect(code).toBe(2);
    expect(err).toMatch(/no call that is judged stands on line 99999 of .*; near it: /);
  });

  test("that deviates exits 1 and says what Linux answers", async () => {
    const log = file("wrong.strace", "5     close_range(3, 2, 0) = 0\n");
    const { code, out } = await tool("explain", `${log}:1`);
    expect(code).toBe(1);
    expect(out).toMatch(/deviation; Linux answers -1 EINVAL/);
  });

  test("of a log that cannot be read exits 2", async () => {
    expect((await tool("explain", "/no/such.log:3")).code).toBe(2);
  });
});

describe("an error in general", () => {
  test("EACCES of process_madvise is the access check, then MADV_REMOVE", async () => {
    const { code, out } = await tool("explain", "EACCES", "--kernel", "6.18");
    expect(code).toBe(0);
    const numbered = [...out.matchAll(/^ {2}\d\. .*\[(.*)\]/gm)].map(([, id]) => id);
    expect(numbered).toEqual(["mm_access/denied", "madvise/remove-not-writable"]);
    expect(out).not.toContain("yama/");
  });

  test("asks Yama where the release attaches", async () => {
    expect((await tool("explain", "EACCES", "--kernel", "5.10.23")).out).toContain(
      "yama/restricted",
    );
  });

  test("EPERM begins with a filter and CAP_SYS_NICE, and knows seals from 6.10 on", async () => {
    const ids = async (kernel: string): Promise<(string | undefined)[]> => {
      const { out } = await tool("explain", "EPERM", "--kernel", kernel);
      return [...out.matchAll(/^ {2}\d\. .*?\[(.*?)\]/gm)].map(([, id]) => id);
    };
    const [newer, older] = [await ids("6.18"), await ids("6.1")];
    expect(newer.slice(0, 2)).toEqual([
      "seccomp/listed",
      "process_madvise/remote-needs-cap-sys-nice",
    ]);
    expect(older.slice(0, 2)).toEqual(["seccomp/listed", "process_madvise/needs-cap-sys-nice"]);
    expect(newer).toContain("madvise/sealed");
    expect(older).not.toContain("madvise/sealed");
  });
});
