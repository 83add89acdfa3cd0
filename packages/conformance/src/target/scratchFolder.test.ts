import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownPrefix, scratchFolder } from "./scratchFolder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "kadvise-scratch-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** The number of a process that was, and is no more. */
function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

const nameOf = (pid: number, namespace = ownPrefix().split("-")[1]): string =>
  join(parent, `kadvise-${namespace}-${pid}-aBc123`);

test("two targets of one process have a folder each, which say whose they are", () => {
  const folders = [scratchFolder(parent), scratchFolder(parent)];
  expect(new Set(folders).size).toBe(2);
  for (const folder of folders) {
    expect(existsSync(folder)).toBe(true);
    expect(basename(folder)).toMatch(new RegExp(`^${ownPrefix()}\\w{6}$`));
  }
});

test.skipIf(!existsSync("/proc/self/ns/pid"))("what a dead process left is removed", () => {
  const pid = deadPid();
  mkdirSync(nameOf(pid));
  writeFileSync(join(nameOf(pid), "mailbox"), "");
  writeFileSync(`${nameOf(pid)}x`, "a file beside it");
  const folder = scratchFolder(parent);
  expect(readdirSync(parent)).toEqual([basename(folder)]);
});

test("what is a living process', of another namespace, or of another name stays", () => {
  const others = [
    nameOf(process.pid),
    nameOf(process.ppid),
    nameOf(deadPid(), "17"),
    join(parent, "kadvise-mine"),
    join(parent, `other-1-${deadPid()}-aBc123`),
  ];
  for (const other of others) mkdirSync(other);
  scratchFolder(parent);
  for (const other of others) expect(existsSync(other)).toBe(true);
});
