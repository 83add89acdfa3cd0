// A release from beginning to end that nobody outside of this machine sees: in a temporary clone of
// what is committed, it versions, packs, publishes to a registry of its own on loopback, installs
// the tool from there into an empty project, and runs it.
import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishHere } from "./lib/registry-guard.mjs";
import { output } from "./lib/run.mjs";
import { packages, root } from "./lib/workspace.mjs";

const room = mkdtempSync(join(tmpdir(), "kadvise-release-"));
const checkout = join(room, "checkout");
const port = await freePort();
const address = `http://127.0.0.1:${port}/`;
/** Neither the user's tokens nor the user's registries are in reach of what runs in here. */
const env = {
  ...withoutRegistries(process.env),
  HOME: join(room, "home"),
  XDG_CONFIG_HOME: join(room, "home/config"),
  TURBO_TELEMETRY_DISABLED: "1",
  // Both: changesets asks npm what is published already, and then has pnpm publish.
  npm_config_registry: address,
  pnpm_config_registry: address,
};

/** @type {import("node:child_process").ChildProcess | undefined} */
let registry;
try {
  step("clone");
  output("git", ["clone", "--quiet", root, checkout], { cwd: room });
  mkdirSync(env.HOME);
  // With the user's own settings, and offline where the store has it all: nothing is published yet.
  output("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: checkout });
  output("pnpm", ["build"], { cwd: checkout });

  step("version");
  output("pnpm", ["exec", "changeset", "version"], { cwd: checkout });
  const released = packages(checkout).map(({ manifest }) => `${manifest.name}@${manifest.version}`);
  const versions = new Set(packages(checkout).map(({ manifest }) => manifest.version));
  if (versions.size !== 1) throw new Error(`the versions differ: ${released.join(", ")}`);
  const [version = ""] = versions;
  console.log(`  ${released.length} packages, ${version}`);

  step(`registry on ${address}`);
  registry = await startRegistry();

  step("pack and publish, to this machine alone");
  publishHere({ checkout, env });
  for (const { manifest } of packages(checkout)) {
    const seen = output("npm", ["view", manifest.name, "version"], { cwd: room, env }).trim();
    if (seen !== version)
      throw new Error(`${manifest.name}: the registry has "${seen}", not ${version}`);
  }

  step("install and run");
  const project = join(room, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  output("npm", ["install", "--no-audit", "--no-fund", "kadvise"], { cwd: project, env });
  const printed = output(join(project, "node_modules/.bin/kadvise"), ["--version"], {
    cwd: project,
    env,
  });
  if (!printed.includes(version)) throw new Error(`kadvise --version says "${printed.trim()}"`);
  console.log(`release:dry: ${released.length} packages of ${version} were published here and ran`);
} catch (error) {
  console.error(`release:dry: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  registry?.kill();
  rmSync(room, { recursive: true, force: true });
}

/** @param {string} what */
function step(what) {
  console.log(`release:dry: ${what}`);
}

/**
 * @param {NodeJS.ProcessEnv} all
 * @returns {NodeJS.ProcessEnv}
 */
function withoutRegistries(all) {
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name]) => !/^(p?npm_config_|NODE_AUTH_TOKEN|NPM_TOKEN)/i.test(name),
    ),
  );
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const found = server.address();
      server.close(() =>
        found && typeof found === "object" ? resolve(found.port) : reject(found),
      );
    });
  });
}

/**
 * A registry that knows no other one, keeps what it gets in the room, and lets everyone publish.
 */
async function startRegistry() {
  const config = join(room, "registry.yaml");
  writeFileSync(
    config,
    [
      `storage: ${join(room, "storage")}`,
      `listen: 127.0.0.1:${port}`,
      "uplinks: {}",
      "packages:",
      "  '**':",
      "    access: $all",
      "    publish: $all",
      "log: { type: stdout, level: warn }",
      "",
    ].join("\n"),
  );
  const log = openSync(join(room, "registry.log"), "w");
  const program = join(root, "node_modules/verdaccio/bin/verdaccio");
  const child = spawn(process.execPath, [program, "--config", config], {
    stdio: ["ignore", log, log],
    env,
  });
  closeSync(log);
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    const answer = await fetch(`${address}-/ping`).catch(() => undefined);
    if (answer?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill();
  throw new Error(
    `the registry did not start\n${readFileSync(join(room, "registry.log"), "utf8")}`,
  );
}
