import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";

const root = dirname(dirname(import.meta.dirname));
const compiler = join(root, "node_modules/typescript/bin/tsc");

/** "Cannot run here", as the tool itself says it. */
export const CANNOT_RUN = 3;

/**
 * Compiles a project and what it refers to. All that is said of it goes to stderr. Where it fails,
 * what was compiled before is not what the sources say: nothing of it should run.
 * @param {string} who says so
 * @param {string} project the path of its tsconfig, from the root on
 * @returns {boolean} whether it compiles
 */
export function compiles(who, project) {
  const words = [compiler, "-b", project];
  const { status, signal, error } = spawnSync(process.execPath, words, {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (status === 0) return true;
  const how = error?.message ?? (signal === null ? "the compiler says above why" : `by ${signal}`);
  console.error(
    `${who}: the build failed (${how}), so nothing was run. Mend what it names and start again; ` +
      `the build alone: node node_modules/typescript/bin/tsc -b ${project}`,
  );
  return false;
}

/**
 * Compiles a project, or ends the process.
 * @param {string} who
 * @param {string} project
 */
export function compileOrStop(who, project) {
  if (!compiles(who, project)) process.exit(CANNOT_RUN);
}
