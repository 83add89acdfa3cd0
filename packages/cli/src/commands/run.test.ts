import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { file, REPOSITORY, tool } from "../testing/tool.ts";

const FIRST = join(REPOSITORY, "examples/first.scenario");

test("prints what strace would have, and the rule behind a refusal", async () => {
  const { code, out, err } = await tool("run", FIRST, "--kernel", "6.12");
  expect(code).toBe(0);
  expect(out.split("\n").filter((line) => line !== "")).toHaveLength(9);
  expect(out).toContain(
    "101   process_madvise(3, [{iov_base=0x7ffff7ff7000, iov_len=32768}], 1, MADV_PAGEOUT, 0)" +
      " = -1 EPERM (Operation not permitted) /* process_madvise/remote-needs-cap-sys-nice */",
  );
  expect(err).toBe("app is process 100\nmanager is process 101\nnice is process 102\n");
});

test("answers as the release does: the proposal asked for no CAP_SYS_NICE", async () => {
  const { out, err } = await tool("run", FIRST, "--kernel", "seed");
  expect(out).toContain(
    "[{iov_base=0x7ffff7ff7000, iov_len=32768}], 1, MADV_PAGEOUT, 0) = 32768\n",
  );
  expect(err).toContain("was never released, and not checked on a real kernel; areas and pages beneath it are those of 5.10");
});

test("what it prints can be run again, and is judged to conform", async () => {
  const { out } = await tool("run", FIRST, "--kernel", "6.12");
  const { code } = await tool("check", "--kernel", "6.12", file("printed.strace", out));
  expect(code).toBe(0);
});

describe("--maps", () => {
  test("shows how each step changed the areas", async () => {
    const scenario = file(
      "maps.scenario",
      [
        "app  spawn({uid=1000})",
        "app  mmap(NULL, 12288, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $heap",
        "app  madvise($heap + 4096, 4096, MADV_DONTFORK) = 0",
      ].join("\n"),
    );
    const { out } = await tool("run", "--maps", scenario, "--kernel", "6.12");
    const changes = out.split("\n").filter((line) => line.startsWith("#"));
    expect(changes.map((line) => line.trimEnd())).toEqual([
      "# 100 + 7ffff7ffc000-7ffff7fff000 rw-p 00000000 00:00 0",
      "# 100 - 7ffff7ffc000-7ffff7fff000 rw-p 00000000 00:00 0",
      "# 100 + 7ffff7ffc000-7ffff7ffd000 rw-p 00000000 00:00 0",
      "# 100 + 7ffff7ffd000-7ffff7ffe000 rw-p 00000000 00:00 0",
      "# 100 + 7ffff7ffe000-7ffff7fff000 rw-p 00000000 00:00 0",
    ]);
  });
});

test("an expectation that is not met is told with its line, and exits 1", async () => {
  const scenario = file("wrong.scenario", "app  pidfd_open(1, 0) = -1 ENOMEM\n");
  const { code, err } = await tool("run", scenario, "--kernel", "6.12");
  expect(code).toBe(1);
  expect(err).toMatch(/wrong\.scenario:1: expected .*ENOMEM/);
  expect(err).toContain("1 of 1 steps were not as expected");
});

describe("a scenario that cannot be read", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["a call without its end", "app  munmap(0x1000, 4096", /:1:\d+: expected .*/],
    [
      "a name that nothing bound",
      "app  munmap($heap, 4096)",
      /:1: nothing was bound to \$heap before this line$/,
    ],
    ["an unknown call", "app  munmpa(0x1000, 4096)", /:1: .*munmpa/],
    ["a second line that is wrong", "app  spawn({uid=1})\n = 3\n", /:2:\d+: expected/],
  ];
  test.each(cases)("%s: place and expectation, exit 2", async (_, text, message) => {
    const { code, err } = await tool("run", file("bad.scenario", text), "--kernel", "6.12");
    expect(code).toBe(2);
    const said = err.split("\n").filter((line) => line.startsWith("kadvise run:"));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(message);
  });
});

describe("--policy", () => {
  const first = file(
    "first.scenario",
    readFileSync(FIRST, "utf8").replace("MADV_PAGEOUT", "MADV_COLD"),
  );
  const run = (name: string, content: string): ReturnType<typeof tool> =>
    tool("run", first, "--kernel", "5.10", "--policy", file(name, content));

  test("takes a policy of the user's own, in a few lines without an import", async () => {
    const { code, out } = await run(
      "vault.mjs",
      `export default { name: "vault", ptraceAccess: () => ({ code: "EACCES", id: "vault/sealed", text: "closed" }) };`,
    );
    expect(code).toBe(0);
    expect(out).toContain("= -1 EACCES (Permission denied) /* mm_access/denied */");
  });

  const refused: readonly [string, string, RegExp][] = [
    [
      "throws when it is loaded",
      `throw new Error("not today");`,
      /cannot be loaded: Error: not today/,
    ],
    [
      "throws when it is asked",
      `export default { name: "p", ptraceAccess() { throw new Error("oops"); } };`,
      /policy.*oops/,
    ],
    [
      "returns a promise",
      `export default { name: "p", async ptraceAccess() {} };`,
      /policy.*promise/i,
    ],
    ["tries to grant", `export default { name: "p", ptraceAccess: () => true };`, /policy/],
    ["is no policy", `export default 7;`, /expected a default export/],
    ["is no JavaScript", `export default {`, /cannot be loaded/],
  ];
  test.each(refused)("a policy that %s is refused in one line", async (what, content, message) => {
    const { code, err } = await run(`${what.replaceAll(/\W/g, "")}.mjs`, content);
    expect(code).toBe(2);
    const said = err.split("\n").filter((line) => line.startsWith("kadvise run:"));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(message);
    expect(err).not.toMatch(/^ {4}at /m);
  });

  test("that is neither known nor a file names the nearest", async () => {
    const { code, err } = await tool("run", first, "--policy", "yma=1");
    expect(code).toBe(2);
    expect(err).toMatch(/did you mean yama\?/);
  });
});

test("a missing scenario, a directory, two scenarios: exit 2", async () => {
  for (const words of [[], ["/nowhere.scenario"], [REPOSITORY], [FIRST, FIRST]]) {
    const { code, err } = await tool("run", ...words);
    expect(code).toBe(2);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  }
});
