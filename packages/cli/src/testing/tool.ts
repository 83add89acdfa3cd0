import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, vi } from "vitest";
import { start } from "../start.ts";

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the tool in this process, and keeps what it writes. */
export async function tool(...words: readonly string[]): Promise<Ran> {
  const written = { out: "", err: "" };
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    written.out += String(chunk);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    written.err += String(chunk);
    return true;
  });
  try {
    const code = await start(words);
    return { code, ...written };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

const folder = mkdtempSync(join(tmpdir(), "kadvise-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file below a fresh folder, which goes with the tests; returns its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The repository's own folder. */
export const REPOSITORY = join(import.meta.dirname, "../../../..");
