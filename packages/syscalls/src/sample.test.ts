import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { SYSTEM_CALLS } from "./index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const sample = readFileSync(new URL("testing/sample.ts", import.meta.url), "utf8");

function block(language: string): string | undefined {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1];
}

test("the README shows the sample as it stands, and prints what it prints", async () => {
  expect(block("ts")).toBe(sample);
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words: unknown[]) => {
    lines.push(words.map(String).join(" "));
  });
  try {
    await import("./testing/sample.ts");
  } finally {
    log.mockRestore();
  }
  expect(block("text")).toBe(`${lines.join("\n")}\n`);
});

test("the README names every call that is modelled", () => {
  const said = /\*\*The calls\.\*\*([^]*?)\n\n/.exec(readme)?.[1] ?? "";
  const named = said.match(/\b[a-z][a-z_0-9]+\b/g) ?? [];
  for (const name of SYSTEM_CALLS.keys()) {
    if (!/^(get|set)(re?s?|e|fs)?[ug]id$|groups$/.test(name)) expect(named).toContain(name);
  }
});
