import { spawnSync } from "node:child_process";
import { root } from "./workspace.mjs";

/**
 * Runs a command in sight of the user and returns its exit status.
 * @param {string} command
 * @param {string[]} args
 * @returns {number}
 */
export function run(command, args) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (error) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

/**
 * Runs a command out of sight and returns what it printed on stdout. Where it fails, all that it
 * printed is in the error.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {string}
 */
export function output(command, args, { cwd = root, env = process.env } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
  });
  if (error) throw new Error(`${command}: ${error.message}`);
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")}: exit ${status}\n${stdout}${stderr}`);
  return stdout;
}
