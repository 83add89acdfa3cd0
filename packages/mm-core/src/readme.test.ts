import * as releases from "@kadvise/releases";
import * as uapi from "@kadvise/uapi";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import * as mmCore from "./index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The README's snippets, and the output that is printed behind each. */
const snippets = [...readme.matchAll(/```ts\n([^]*?)```\n+```text\n([^]*?)```/g)].map(
  ([, code, output]) => ({ code, output }),
);

test("the README's program prints what the README says", () => {
  const printed: string[] = [];
  const END = "end of snippet";
  const program = snippets
    .map(({ code }) => `${code.replaceAll(/^import .*$/gm, "")}\nconsole.log("${END}");\n`)
    .join("");
  runInNewContext(program, {
    ...mmCore,
    ...releases,
    ...uapi,
    console: { log: (...values: unknown[]) => printed.push(values.map(String).join(" ")) },
  });
  const outputs = printed.join("\n").split(`${END}`);
  expect(outputs.slice(0, -1).map((output) => output.trim())).toEqual(
    snippets.map(({ output }) => output.trim()),
  );
});

test("every snippet of the README has its output behind it, and names what exists", () => {
  expect(readme.match(/^```ts$/gm)).toHaveLength(snippets.length);
  const imported = [...readme.matchAll(/^import \{ (.*) \} from "(.*)";$/gm)];
  const modules = {
    "@kadvise/mm-core": mmCore,
    "@kadvise/releases": releases,
    "@kadvise/uapi": uapi,
  };
  for (const [, names, from] of imported) {
    for (const name of names.split(", "))
      expect(Object.keys(modules[from as keyof typeof modules])).toContain(name);
  }
  expect(imported.length).toBeGreaterThan(2);
});
