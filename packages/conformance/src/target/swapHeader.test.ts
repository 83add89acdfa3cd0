import { spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { swapHeader } from "./swapHeader.ts";

test("it says what mkswap says, but for the name of the area", ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "kadvise-swap-"));
  try {
    const path = join(folder, "area");
    const bytes = 40 * 4096;
    writeFileSync(path, "");
    truncateSync(path, bytes);
    const { error } = spawnSync("mkswap", [path], { env: { PATH: "/usr/sbin:/sbin:/usr/bin" } });
    skip(error !== undefined, "there is no mkswap here");
    const made = new Uint8Array(4096);
    readSync(openSync(path, "r"), made);
    // struct swap_header: a uuid and a volume name lie between 1036 and 1068.
    made.fill(0, 1036, 1068);
    expect(swapHeader(bytes)).toEqual(made);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the signature ends the first page, and the last page is counted from nought", () => {
  const page = Buffer.from(swapHeader(256 * 2 ** 20));
  expect(page.toString("latin1", 4086)).toBe("SWAPSPACE2");
  expect([1024, 1028, 1032].map((at) => page.readUInt32LE(at))).toEqual([1, 65535, 0]);
});
