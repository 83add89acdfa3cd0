import { describe, expect, test } from "vitest";
import { COMMANDS } from "./commandTable.ts";
import { tool } from "./testing/tool.ts";

describe("help", () => {
  test("lists every command in one screen of 100 columns", async () => {
    const { code, out } = await tool("--help");
    expect(code).toBe(0);
    for (const name of Object.keys(COMMANDS)) expect(out).toMatch(new RegExp(`^ {2}${name} `, "m"));
    expect(out.split("\n").length).toBeLessThan(30);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(110);
  });

  test.each(Object.keys(COMMANDS))("of %s is the same by either way to it", async (name) => {
    const { out } = await tool("help", name);
    expect(out).toMatch(new RegExp(`^usage: kadvise ${name}\\b`));
    expect((await tool(name, "--help")).out).toBe(out);
  });

  test.each(Object.keys(COMMANDS))("of %s names each of its options", async (name) => {
    const command = await COMMANDS[name].load();
    const { out } = await tool(name, "--help");
    for (const option of Object.keys(command.options)) expect(out).toContain(`  --${option}`);
  });

  test("is told on stderr, and exits 2, where no command was given", async () => {
    const { code, out, err } = await tool();
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("usage: kadvise COMMAND");
  });
});

test("--version prints name and version", async () => {
  expect((await tool("--version")).out).toMatch(/^kadvise \d+\.\d+\.\d+\n$/);
});

test.each([
  ["chek", "did you mean check?"],
  ["rnu", "did you mean run?"],
  ["frobnicate", "see kadvise --help"],
  ["constructor", "see kadvise --help"],
])("an unknown command, %s, exits 2 and says: %s", async (word, hint) => {
  for (const words of [[word], ["help", word]]) {
    const { code, err } = await tool(...words);
    expect(code).toBe(2);
    expect(err).toBe(`kadvise: unknown command "${word}"; ${hint}\n`);
  }
});
