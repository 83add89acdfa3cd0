import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ASSUMPTIONS, parseScenario } from "@kadvise/conformance";
import { describe, expect, test } from "vitest";
import { file, REPOSITORY, tool } from "./testing/tool.ts";

const read = (path: string): string => readFileSync(join(REPOSITORY, path), "utf8");

describe("README.md", () => {
  const readme = read("README.md");

  test("fits a screen", () => {
    expect(readme.split("\n").length).toBeLessThan(70);
  });

  test("prints the beginning of the example that it names", () => {
    const printed = [...readme.matchAll(/^ {4}(app|manager) .*$/gm)].map(([line]) => line.trim());
    const example = read("examples/first.scenario").split("\n");
    expect(printed.length).toBe(6);
    expect(example.filter((line) => !line.startsWith("#")).slice(0, 6)).toEqual(printed);
  });

  test("prints a piece of the demo as it is", async () => {
    const drawn = [
      ...readme.matchAll(/^ {4}(102 {3}process_madvise.*|[0-9a-f]{12} [█▒░]+|\s+█ used.*)$/gm),
    ];
    expect(drawn.length).toBe(7);
    const { out } = await tool("demo");
    expect(out).toContain(drawn.map(([line]) => line.slice(2)).join("\n"));
  });

  test("prints what the command beside it answers", async () => {
    const line = /^ {4}(101 .*)$/m.exec(readme)?.[1] ?? "";
    const { out } = await tool(
      "run",
      join(REPOSITORY, "examples/first.scenario"),
      "--kernel",
      "6.12",
    );
    expect(out.split("\n")).toContain(line);
  });
});

describe("packages/cli/README.md", () => {
  const policy = /```js\n([\s\S]*?)```/.exec(read("packages/cli/README.md"))?.[1] ?? "";
  const scenario = file(
    "vault.scenario",
    [
      "app   spawn({uid=7000})",
      "app   mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $heap",
      "root  pidfd_open($app, 0) = $fd",
      "root  process_madvise($fd, [{iov_base=$heap, iov_len=4096}], 1, MADV_COLD, 0) = ?",
    ].join("\n"),
  );

  test("prints a policy that holds", async () => {
    const words = ["run", scenario, "--kernel", "6.12"];
    expect((await tool(...words)).out).toMatch(/1, MADV_COLD, 0\) = 4096\n$/);
    const { code, out } = await tool(...words, "--policy", file("vault.mjs", policy));
    expect(code).toBe(0);
    expect(out).toMatch(/1, MADV_COLD, 0\) = -1 EACCES .* \/\* mm_access\/denied \*\/\n$/);
  });

  test("names every command", async () => {
    const { out } = await tool("--help");
    for (const [, name] of out.matchAll(/^ {2}(\w+) /gm))
      expect(read("packages/cli/README.md")).toContain(`\`kadvise ${name}`);
  });
});

describe("docs/scenarios.md", () => {
  const blocks = [...read("docs/scenarios.md").matchAll(/(?:^ {4}\S.*\n)+/gm)]
    .map(([block]) => block.replaceAll(/^ {4}/gm, ""))
    .filter((block) => !block.startsWith("PROCESS"));

  test.each(blocks)("can be read as printed: %s", (block) => {
    expect(parseScenario(block)).not.toHaveProperty("error");
  });

  test("has examples that run", async () => {
    expect(blocks.length).toBeGreaterThanOrEqual(2);
    for (const [i, block] of blocks.entries()) {
      const { code, err } = await tool(
        "run",
        file(`block${i}.scenario`, block),
        "--kernel",
        "6.12",
      );
      expect(err).not.toContain("kadvise run:");
      expect(code).toBe(0);
    }
  });
});

test("docs/verdicts.md lists every standing assumption", () => {
  const listed = [...read("docs/verdicts.md").matchAll(/^\| `([a-z-]+)` \|/gm)].map(
    ([, name]) => name,
  );
  expect(listed.sort()).toEqual(Object.keys(ASSUMPTIONS).sort());
});
