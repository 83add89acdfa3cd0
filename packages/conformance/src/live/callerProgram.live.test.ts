import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CannotRun } from "../target/cannotRun.ts";
import { buildCaller } from "./callerProgram.ts";

let room: string;
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "kadvise-caller-"));
});
afterEach(() => rmSync(room, { recursive: true }));

const why =
  process.platform !== "linux"
    ? "needs a Linux machine"
    : spawnSync("cc", ["--version"]).status === 0
      ? ""
      : "needs a C compiler";

test("the compiled program is kept under one name, and nothing beside it", ({ skip }) => {
  skip(why !== "", why);
  const path = buildCaller(room);
  expect(buildCaller(room)).toBe(path);
  expect(readdirSync(room).map((name) => join(room, name))).toEqual([path]);
});

test("where it cannot be kept that is said, and what to do", () => {
  const file = join(room, "file");
  writeFileSync(file, "");
  expect(() => buildCaller(join(file, "cache"))).toThrow(CannotRun);
  expect(() => buildCaller(join(file, "cache"))).toThrow(/name a folder in XDG_CACHE_HOME/);
});
