import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow, packages, readJson } from "./workspace.mjs";
import { output } from "./run.mjs";

/**
 * A packed package: its tarball, and the same laid out in a folder.
 * @typedef {{
 *   folder: string,
 *   tarball: string,
 *   unpacked: string,
 *   manifest: import("./workspace.mjs").Manifest,
 * }} Packed
 */

/**
 * Packs every built package as a release would, lets someone look, and cleans up.
 * @param {(packed: Packed[], room: string) => void | Promise<void>} look
 */
export async function withTarballs(look) {
  const room = mkdtempSync(join(tmpdir(), "kadvise-packed-"));
  try {
    const packed = packages().map(({ folder, path }) => {
      const into = join(room, folder);
      // pnpm, not npm: it is pnpm that replaces workspace ranges and the exports of publishConfig.
      output("pnpm", ["pack", "--pack-destination", into], { cwd: path });
      const tarball = join(into, filesBelow(into)[0] ?? "");
      output("tar", ["-xzf", tarball, "-C", into]);
      const unpacked = join(into, "package");
      return { folder, tarball, unpacked, manifest: readJson(join(unpacked, "package.json")) };
    });
    await look(packed, room);
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}
