import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFolder } from "./openFolder.ts";

let room: string;
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "kadvise-open-"));
  mkdirSync(join(room, "inner"));
});
afterEach(() => rmSync(room, { recursive: true }));

test("a folder behind a private one gives way to one that everybody reaches", () => {
  const inner = join(room, "inner");
  chmodSync(inner, 0o755);
  expect(openFolder([inner, "/"])).toBe("/");
  chmodSync(room, 0o755);
  // What lies above is the machine's.
  if (openFolder([tmpdir(), "/"]) === tmpdir()) expect(openFolder([inner, "/"])).toBe(inner);
});

test("one that is not there is passed over; where all are private the usual one is left", () => {
  expect(openFolder([join(room, "missing"), "/"])).toBe("/");
  expect(openFolder([room])).toBe(tmpdir());
});
