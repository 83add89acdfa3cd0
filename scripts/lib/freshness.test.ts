import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isFresh } from "./freshness.mjs";

let checkout = "";
let stamp = "";
const before = new Date(1_000_000);
const built = new Date(2_000_000);
const after = new Date(3_000_000);

function touch(file: string, time: Date): void {
  const path = join(checkout, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  utimesSync(path, time, time);
  for (let folder = dirname(path); folder !== checkout; folder = dirname(folder)) {
    utimesSync(folder, before, before);
  }
}

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "kadvise-fresh-"));
  stamp = join(checkout, "built");
  touch("built", built);
  for (const file of ["tsconfig.base.json", "tsconfig.model.json", "tsconfig.node.json"])
    touch(file, before);
  const files = [
    "package.json",
    "tsconfig.src.json",
    "src/index.ts",
    "src/deep/er.ts",
    "dist/index.js",
  ];
  for (const file of files) touch(`packages/one/${file}`, before);
});
afterEach(() => rmSync(checkout, { recursive: true }));

test("a build is fresh while nothing that it read is younger", () => {
  expect(isFresh(checkout, stamp)).toBe(true);
});

test("a build that never was is not fresh", () => {
  expect(isFresh(checkout, join(checkout, "never"))).toBe(false);
});

test.each([
  "tsconfig.base.json",
  "packages/one/package.json",
  "packages/one/tsconfig.src.json",
  "packages/one/src/index.ts",
  "packages/one/src/deep/er.ts",
])("a younger %s makes it stale", (file) => {
  touch(file, after);
  expect(isFresh(checkout, stamp)).toBe(false);
});

test("a younger test does not", () => {
  touch("packages/one/src/deep/er.test.ts", after);
  expect(isFresh(checkout, stamp)).toBe(true);
});

test("a source that went away makes it stale", () => {
  rmSync(join(checkout, "packages/one/src/deep/er.ts"));
  expect(isFresh(checkout, stamp)).toBe(false);
});

test("a dist that went away makes it stale", () => {
  rmSync(join(checkout, "packages/one/dist"), { recursive: true });
  expect(isFresh(checkout, stamp)).toBe(false);
});
