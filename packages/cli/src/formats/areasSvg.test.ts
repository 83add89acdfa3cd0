import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readXml, type Element } from "../testing/readXml.ts";
import { file, REPOSITORY, tool } from "../testing/tool.ts";

const LOGS = join(REPOSITORY, "packages/conformance/logs/6.18.44");

function elements(element: Element, name: string): readonly Element[] {
  const own = element.name === name ? [element] : [];
  return [...own, ...element.children.flatMap((child) => elements(child, name))];
}

/** The boxes of areas, by their row. */
async function drawn(
  line: string,
): Promise<{ before: readonly Element[]; after: readonly Element[]; root: Element }> {
  const svg = file(`${line.replace(/\W/g, "-")}.svg`, "");
  const { code } = await tool("explain", join(LOGS, line), "--kernel", "6.18.44", "--svg", svg);
  expect(code).toBe(0);
  const root = readXml(readFileSync(svg, "utf8"));
  const boxes = elements(root, "rect").filter(({ attributes }) => attributes["height"] === "52");
  const [top, bottom] = [...new Set(boxes.map(({ attributes }) => Number(attributes["y"])))].sort(
    (a, b) => a - b,
  );
  const at = (y: number | undefined): readonly Element[] =>
    boxes.filter(({ attributes }) => Number(attributes["y"]) === y);
  return { before: at(top), after: at(bottom), root };
}

const x = ({ attributes }: Element): number => Number(attributes["x"]);
const right = (element: Element): number => x(element) + Number(element.attributes["width"]);

describe("the picture of a call that splits an area", () => {
  test("is an SVG file with two areas more in its lower row", async () => {
    const { before, after, root } = await drawn("ownAdvice.strace:22");
    expect(root.name).toBe("svg");
    expect(root.attributes["xmlns"]).toBe("http://www.w3.org/2000/svg");
    expect(after.length).toBe(before.length + 2);
  });

  test("has every border of the upper row at the same place in the lower", async () => {
    const { before, after } = await drawn("ownAdvice.strace:22");
    const lower = after.flatMap((box) => [x(box), right(box)]);
    for (const box of before)
      for (const border of [x(box), right(box)])
        expect(lower.some((other) => Math.abs(other - border) < 0.2)).toBe(true);
  });

  test("lets areas touch that touch in memory: the three that one became", async () => {
    const { before, after } = await drawn("ownAdvice.strace:22");
    const split = after.findIndex((box, i) => right(box) !== right(before[i] ?? box));
    expect(right(after[split])).toBeCloseTo(x(after[split + 1]), 0);
    expect(right(after[split + 1])).toBeCloseTo(x(after[split + 2]), 0);
    expect(right(after[split + 2])).toBeCloseTo(right(before[split]), 0);
  });

  test("keeps areas apart, in their order, within the picture", async () => {
    const { after, root } = await drawn("ownAdvice.strace:22");
    for (const [i, box] of after.entries()) {
      expect(right(box)).toBeLessThanOrEqual(Number(root.attributes["width"]));
      if (i > 0) expect(x(box)).toBeGreaterThanOrEqual(right(after[i - 1]) - 0.2);
    }
  });
});

test("a call that changes no area has two equal rows", async () => {
  const { before, after } = await drawn("locked.strace:22");
  expect(after.map(x)).toEqual(before.map(x));
});

test("a call without ranges is not drawn, and that is said", async () => {
  const svg = join(file("none/x", ""), "../none.svg");
  const { err } = await tool("explain", `${join(LOGS, "locked.strace")}:2`, "--svg", svg);
  expect(err).toContain("the call reached no range, as far as is known");
  expect(existsSync(svg)).toBe(false);
});

test("a file that cannot be written exits 2", async () => {
  const words = ["explain", join(LOGS, "locked.strace:22"), "--svg", "/no/such/folder/x.svg"];
  expect((await tool(...words)).code).toBe(2);
});
