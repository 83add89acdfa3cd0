import { expect, test } from "vitest";
import { openChangeText } from "./openChange.ts";

test.each([
  ["inject-ignores-unsupported", "came between 5.15 and 5.19"],
  ["guard-flag", "came between 6.18.35 and 6.18.44"],
  ["collapse-empty", "came between 7.1.13 and 7.2.12"],
])("%s %s", (id, text) => {
  expect(openChangeText(id)).toBe(`${id} ${text}`);
});

test("a change that is not bracketed has no ends to name", () => {
  expect(openChangeText("madv-collapse")).toBe("madv-collapse");
});
