import { expect, test } from "vitest";
import { parseScenario } from "./parse.ts";

test.each([
  ["app madvise(0, 4096", 1, 20],
  ["\n# a remark\n  9x close(3)", 3, 3],
  ["app/arm close(3)", 1, 5],
  ["app", 1, 4],
  ["app close(3) = ", 1, 16],
  ["app close(3) = 0 0", 1, 18],
])("an error in %j has its line and column, and says what was expected", (text, line, column) => {
  const parsed = parseScenario(text);
  expect(parsed).toMatchObject({ error: { line, column } });
  expect("error" in parsed && parsed.error.expected.length).toBeGreaterThan(0);
});

test("a step names its process, gate, call, arguments and expectation", () => {
  const parsed = parseScenario(
    "# story\r\napp/i386  close($fd) = -1 EBADF\r\n\r\n$child exit(0)\r\n",
  );
  if ("error" in parsed) throw new Error(parsed.error.expected);
  expect(parsed.steps).toMatchObject([
    { line: 2, process: "app", gate: "i386", name: "close", expected: { error: "EBADF" } },
    { line: 4, process: "$child", gate: "x86-64", name: "exit" },
  ]);
  expect(parsed.steps[1]).not.toHaveProperty("expected");
});
