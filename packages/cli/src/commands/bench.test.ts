import { expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

test.each([
  [["bench", "x"], "bench takes no operands"],
  [["bench", "--format", "sarif"], 'unknown format "sarif"; expected text, json'],
  [["bench", "--rounds", "0"], "--rounds wants a number from 1 on"],
  [["bench", "--target", "model"], "the kernel that the model is held against"],
  [["bench", "--loads", "cold-vector"], 'no load is called "cold-vector"; there are cold-vectors'],
])("%j is refused in one line", async (words, line) => {
  const ran = await tool(...words);
  expect(ran).toMatchObject({ code: 2, out: "" });
  expect(ran.err).toContain(line);
});
