import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** The root of the checkout. */
export const root = dirname(dirname(import.meta.dirname));

/**
 * What the house's checks read of a package.json.
 * @typedef {{
 *   name: string,
 *   version: string,
 *   bin?: Record<string, string>,
 *   exports?: Record<string, unknown>,
 *   dependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string>,
 *   publishConfig?: Record<string, unknown>,
 * }} Manifest
 *
 * @typedef {{ folder: string, path: string, manifest: Manifest }} Package
 */

/**
 * @param {string} file
 * @returns {any}
 */
export function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * Every package of the workspace, by folder name.
 * @param {string} [checkout]
 * @returns {Package[]}
 */
export function packages(checkout = root) {
  return readdirSync(join(checkout, "packages"))
    .sort()
    .map((folder) => {
      const path = join(checkout, "packages", folder);
      return { folder, path, manifest: readJson(join(path, "package.json")) };
    });
}

/**
 * Every file below a folder, as paths relative to it, sorted; a missing folder has none.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesBelow(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
