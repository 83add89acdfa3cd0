import { describe, expect, test } from "vitest";
import { explainedOwn, explainOwn } from "../testing/ownLog.ts";
import { tool } from "../testing/tool.ts";

/** 1. Why EPERM, why EACCES: the first check that failed, and the fix. */
describe("question 1: why EPERM or EACCES", () => {
  test.each([
    ["access:115", "EPERM", "process_madvise/remote-needs-cap-sys-nice", "caller/cap-sys-nice"],
    ["access:110", "EACCES", "mm_access/denied", "caller/cap-sys-ptrace"],
    ["access:120", "EACCES", "mm_access/denied", "target/dumpable"],
  ])("%s is %s of %s, and %s is part of a fix", async (line, code, id, fix) => {
    const { verdict, ways } = await explainedOwn(line);
    expect(verdict).toBe("exact");
    expect(ways[0]?.refusal).toMatchObject({ code, id, from: "call", isHiddenByCount: false });
    expect(ways[0]?.turns.flat().map((turn) => turn.id)).toContain(fix);
  });

  test("what the access check stands on comes before it: ids, or the dumpable state", async () => {
    const refused = async (line: string): Promise<readonly string[]> =>
      (await explainedOwn(line)).ways[0].checks
        .filter(({ outcome }) => outcome === "refused")
        .map(({ id }) => id);
    expect(await refused("access:110")).toContain("ptrace_access/ids-differ");
    expect(await refused("access:120")).toContain("ptrace_access/not-dumpable");
  });

  test("a filter's EPERM comes before any check of the call, and CAP_SYS_NICE is the other one", async () => {
    const { out } = await tool("explain", "EPERM", "--kernel", "6.18");
    const ids = [...out.matchAll(/^ {2}\d\. .*?\[(.*?)\]/gm)].map(([, id]) => id);
    expect(ids.slice(0, 2)).toEqual([
      "seccomp/listed",
      "process_madvise/remote-needs-cap-sys-nice",
    ]);
  });

  test("the place in the kernel and the release stand beside the rule", async () => {
    expect((await explainOwn("access:115")).out).toMatch(
      /mm\/madvise\.c process_madvise, since 6\.12/,
    );
  });
});
