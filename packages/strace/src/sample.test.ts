import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

test("the README prints the sample, and what the sample prints", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
  const sample = readFileSync(join(import.meta.dirname, "testing/sample.ts"), "utf8");
  const print = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await import("./testing/sample.ts");
  const output = print.mock.calls.map((words) => `${words.join(" ")}\n`).join("");
  print.mockRestore();
  expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
  expect(readme).toContain(`\`\`\`text\n${output}\`\`\``);
});
