import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { file, REPOSITORY, tool, type Ran } from "./testing/tool.ts";

const scenario = join(REPOSITORY, "examples/vault.scenario");
const vault = join(REPOSITORY, "examples/vault.mjs");
const page = readFileSync(join(REPOSITORY, "docs/policies.md"), "utf8");

const run = (...words: readonly string[]): Promise<Ran> =>
  tool("run", scenario, "--kernel", "6.12", ...words);
const lastLine = ({ out }: Ran): string => out.trimEnd().split("\n").at(-1) ?? "";

describe("a policy of the user's own", () => {
  test("stands in the page as it stands in the examples, in twenty lines and without an import", () => {
    const text = readFileSync(vault, "utf8");
    expect(page).toContain(`\`\`\`js\n${text}\`\`\``);
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
    expect(text).not.toMatch(/\bimport\b/);
  });

  test("refuses what passes without it, as the page says", async () => {
    expect(lastLine(await run())).toMatch(/ = 4096$/);
    const refused = await run("--policy", vault);
    expect(refused.code).toBe(0);
    expect(page).toContain(`    ${lastLine(refused)}\n`);
  });

  test("is not asked before a seccomp filter, which answers as the page says", async () => {
    const list = "seccomp=process_madvise+ptrace=ENOSYS+425";
    expect(page).toContain(`\`--policy ${list}\``);
    const refused = await run("--policy", `${vault},${list}`);
    expect(page).toContain(`    ${lastLine(refused)}\n`);
    expect(lastLine(refused)).toContain("EPERM");
  });

  test.each([
    ["{ throw new Error('oops'); }", "threw: oops"],
    ["{ return true; }", "returned true, but a policy can only object, never grant"],
    [
      "{ return { allow: true }; }",
      "returned an object with allow, but a policy can only object, never grant",
    ],
    ["{ return { code: 'NO', id: 'a/b', text: 'no' }; }", 'objected with the code "NO"'],
  ])("with %s is refused with a message, and exit 2", async (body, message) => {
    const name = `own${body.length}.mjs`;
    const path = file(name, `export default { name: "own", ptraceAccess() ${body} };`);
    const { code, err } = await run("--policy", path);
    expect(err).toContain(`policy own: ptraceAccess ${message}`);
    expect(code).toBe(2);
  });

  test("that returns a promise is refused, and told that hooks are synchronous", async () => {
    const path = file("late.mjs", `export default { name: "own", async ptraceAccess() {} };`);
    const { code, err } = await run("--policy", path);
    expect(err).toContain("policy own: ptraceAccess returned a promise, but hooks are synchronous");
    expect(code).toBe(2);
  });

  test.each([
    ["ptraceAcces() {}", "ptraceAcces is no hook; did you mean ptraceAccess?"],
    ["ptraceAccess: 5", "ptraceAccess must be a function"],
    ["state() { return { remember() {} }; }", "could not be cloned"],
    ["state() { throw new Error('oops'); }", "oops"],
  ])("with %s is refused before anything runs", async (member, message) => {
    const path = file(`shape${member.length}.mjs`, `export default { name: "own", ${member} };`);
    const { code, out, err } = await run("--policy", path);
    expect(err).toContain(`--policy ${path}: `);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});
