import { readFileSync } from "node:fs";
import { format } from "node:util";
import { expect, test, vi } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const sample = read("testing/sample.ts");

test("the README prints the sample that runs here", () => {
  expect(read("../README.md")).toContain(`\`\`\`ts\n${sample}\`\`\``);
});

test("the sample prints what its comments say", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue(undefined);
  await import("./testing/sample.ts");
  const printed = log.mock.calls.map((values) => format(...(values as unknown[])));
  log.mockRestore();
  const said = [...sample.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
  expect(printed).toEqual(said);
  expect(said.length).toBeGreaterThan(1);
});
