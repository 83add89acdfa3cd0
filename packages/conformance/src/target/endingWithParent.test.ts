import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { canEndWithParent, endingWithParent } from "./endingWithParent.ts";

/** The letter of a process' state; undefined where there is none. A zombie waits for its reaper. */
function stateOf(pid: number): string | undefined {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];
  } catch {
    return undefined;
  }
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "latin1").trim();
}

/** A parent that starts a command and waits for it. */
async function parentOf(words: readonly string[]): Promise<[ChildProcess, pid: number]> {
  const parent = spawn("sh", ["-c", '"$@" & echo $!; wait', "sh", ...words], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  return [parent, Number(line.toString())];
}

test("a command goes when its parent is killed, and has nobody to end it", async ({ skip }) => {
  skip(!canEndWithParent(), "needs setpriv --pdeathsig");
  const [program, words] = endingWithParent("sleep", ["30"]);
  const [parent, pid] = await parentOf([program, ...words]);
  await expect.poll(() => nameOf(pid)).toBe("sleep");
  parent.kill("SIGKILL");
  await expect.poll(() => ["Z", undefined].includes(stateOf(pid)), { timeout: 5000 }).toBe(true);
});

test("it is the command itself that has the number", async ({ skip }) => {
  skip(!canEndWithParent(), "needs setpriv --pdeathsig");
  const [program, words] = endingWithParent("sh", ["-c", "echo $$"]);
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  expect(line.toString()).toBe(`${child.pid}\n`);
});
