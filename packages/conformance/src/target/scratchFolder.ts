import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The pid namespace in which process numbers mean what they mean here: another container may share
 * the folder for temporary files. Undefined where there is none to ask for.
 */
function pidNamespace(): string | undefined {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0];
  } catch {
    return undefined;
  }
}

/** The beginning of a name that says whose it is: `kadvise-4026531836-812-`. */
export function ownPrefix(): string {
  return `kadvise-${pidNamespace() ?? "0"}-${process.pid}-`;
}

/**
 * Makes a folder for one target's files. What earlier processes left that were killed before they
 * could remove it goes first.
 */
export function scratchFolder(parent: string = tmpdir()): string {
  sweep(parent);
  return mkdtempSync(join(parent, ownPrefix()));
}

/** Removes what dead processes of this pid namespace left below a folder. */
export function sweep(parent: string): void {
  const here = pidNamespace();
  if (here === undefined) return;
  for (const name of readdirSync(parent)) {
    const [, namespace, pid] = /^kadvise-(\d+)-(\d+)-\w+$/.exec(name) ?? [];
    if (namespace !== here || isAlive(Number(pid))) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Somebody else's, or being removed just now.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and another user's.
    return (error as { code?: string }).code !== "ESRCH";
  }
}
