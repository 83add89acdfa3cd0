import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Whether everything that the build reads is older than the last build. Folders count too: a file
 * that went away leaves its trace there.
 * @param {string} checkout
 * @param {string} stamp a file whose time is that of the last build's start
 * @returns {boolean}
 */
export function isFresh(checkout, stamp) {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  const older = (/** @type {string} */ path) => statSync(path).mtimeMs < built;
  const rootFiles = ["tsconfig.base.json", "tsconfig.model.json", "tsconfig.node.json"];
  if (!rootFiles.every((file) => older(join(checkout, file)))) return false;
  return readdirSync(join(checkout, "packages")).every((name) => {
    const at = join(checkout, "packages", name);
    return (
      existsSync(join(at, "dist/index.js")) &&
      older(join(at, "package.json")) &&
      older(join(at, "tsconfig.src.json")) &&
      isFolderOlder(join(at, "src"), built)
    );
  });
}

/**
 * @param {string} folder
 * @param {number} built
 * @returns {boolean}
 */
function isFolderOlder(folder, built) {
  if (statSync(folder).mtimeMs >= built) return false;
  return readdirSync(folder, { withFileTypes: true }).every((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return isFolderOlder(path, built);
    return entry.name.endsWith(".test.ts") || statSync(path).mtimeMs < built;
  });
}
