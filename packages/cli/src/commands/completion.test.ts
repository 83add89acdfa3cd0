import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../commandTable.ts";
import { file, REPOSITORY, tool } from "../testing/tool.ts";

const NAMES = Object.keys(COMMANDS);

/** What bash offers for a line with the cursor at its end. */
function offered(script: string, ...words: readonly string[]): readonly string[] {
  const line = ["kadvise", ...words].map((word) => JSON.stringify(word)).join(" ");
  const program = `source ${script}; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _kadvise; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync("bash", ["--norc", "-c", program], { encoding: "utf8" });
  return stdout.split("\n").filter((word) => word !== "");
}

describe("bash", () => {
  const hasBash = spawnSync("bash", ["-c", "type complete"]).status === 0;

  test("completes commands, their options, and values of which there are few", async ({ skip }) => {
    skip(!hasBash, "needs bash");
    const { code, out } = await tool("completion", "bash");
    expect(code).toBe(0);
    const script = file("completion.bash", out);
    expect(offered(script, "")).toEqual(expect.arrayContaining(NAMES));
    expect(offered(script, "ex")).toEqual(["explain"]);
    expect(offered(script, "check", "--str")).toEqual(["--strict"]);
    expect(offered(script, "check", "--format", "s")).toEqual(["sarif"]);
    expect(offered(script, "help", "wh")).toEqual(["why"]);
    expect(offered(script, "why", "--ap")).toEqual(["--apply"]);
  });
});

describe.each(["zsh", "fish"])("%s", (shell) => {
  test("knows every command and every option", async () => {
    const { out } = await tool("completion", shell);
    for (const name of NAMES) {
      const { options } = await COMMANDS[name].load();
      expect(out).toMatch(new RegExp(`(^|[ '])${name}\\b`, "m"));
      for (const option of Object.keys(options))
        expect(out).toContain(shell === "fish" ? `-l ${option}` : `--${option}[`);
    }
  });

  test("has as many quotes as close", async () => {
    const { out } = await tool("completion", shell);
    for (const line of out.split("\n").filter((text) => !text.startsWith("#"))) {
      const quotes = line.replace(/\\'|'\\''/g, "").split("'").length - 1;
      expect(quotes % 2, line).toBe(0);
    }
  });
});

test("another shell is refused with those that are known", async () => {
  const { code, err } = await tool("completion", "basch");
  expect(code).toBe(2);
  expect(err).toContain("did you mean bash?");
  expect((await tool("completion")).code).toBe(2);
});

describe("the manual page", () => {
  test("in docs/man is what the tool prints: kadvise completion man > docs/man/kadvise.1", async () => {
    const { out } = await tool("completion", "man");
    expect(readFileSync(join(REPOSITORY, "docs/man/kadvise.1"), "utf8")).toBe(out);
  });

  test("has every command with its options, and no line that is a macro by accident", async () => {
    const { out } = await tool("completion", "man");
    for (const name of NAMES) {
      const { options } = await COMMANDS[name].load();
      expect(out).toMatch(new RegExp(`^\\.SS "kadvise ${name}\\b`, "m"));
      for (const option of Object.keys(options))
        expect(out).toContain(`.B \\-\\-${option.replaceAll("-", "\\-")}`);
    }
    const macros = new Set([...out.matchAll(/^\.(\w+)/gm)].map(([, macro]) => macro));
    for (const macro of macros)
      expect(["TH", "SH", "SS", "B", "I", "BR", "TP", "PP", "nf", "fi", "RS", "RE"]).toContain(
        macro,
      );
  });
});
