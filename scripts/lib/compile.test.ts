import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "kadvise-compile-"));
afterAll(() => rmSync(folder, { recursive: true }));
const module = join(import.meta.dirname, "compile.mjs");

/** A script that compiles a source and then says that it runs. */
function run(source: string): { status: number | null; stdout: string; stderr: string } {
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "src/a.ts"), source);
  const options = { composite: true, strict: true, outDir: "dist", rootDir: "src", types: [] };
  const config = { compilerOptions: options, include: ["src"] };
  const project = join(folder, "tsconfig.json");
  writeFileSync(project, JSON.stringify(config));
  const script =
    `import { compileOrStop } from ${JSON.stringify(module)};` +
    `compileOrStop("tool", ${JSON.stringify(project)}); console.log("runs");`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
}

test("what compiles runs, and nothing is said of it", () => {
  expect(run("export const a: number = 1;\n")).toMatchObject({
    ...{ status: 0, stdout: "runs\n", stderr: "" },
  });
});

test("what does not compile does not run: exit 3, where it fails, and what to do", () => {
  const { status, stdout, stderr } = run('export const a: number = "one";\n');
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/src\/a\.ts.*TS2322/);
  expect(stderr).toMatch(/^tool: the build failed .*, so nothing was run\. Mend what it names/m);
});
