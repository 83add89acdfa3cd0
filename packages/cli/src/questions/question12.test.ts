import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { explainOwn } from "../testing/ownLog.ts";
import { file } from "../testing/tool.ts";

/** 12. What does the address space look like before and after? */
test("question 12: an area splits into three, in text and as a picture", async () => {
  const svg = file("twelve.svg", "");
  const { out } = await explainOwn("ownAdvice:22", "--svg", svg);
  const changed = out.slice(out.indexOf("areas that changed")).split("\n").slice(1);
  expect(changed.filter((line) => line.startsWith("  - "))).toHaveLength(1);
  const come = changed.filter((line) => line.startsWith("  + "));
  expect(come.map((line) => / rr /.test(line))).toEqual([true, false, true]);
  expect(readFileSync(svg, "utf8")).toMatch(/^<svg [^]*before[^]*after[^]*<\/svg>\n$/);
});
