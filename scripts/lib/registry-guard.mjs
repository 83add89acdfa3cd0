import { output } from "./run.mjs";
import { packages } from "./workspace.mjs";

/**
 * Publishes every package of a checkout, to this machine and nowhere else.
 * @param {{ checkout: string, env: NodeJS.ProcessEnv }} place
 */
export function publishHere(place) {
  proveLoopback(place);
  output("pnpm", ["exec", "changeset", "publish", "--no-git-tag"], {
    cwd: place.checkout,
    env: place.env,
  });
}

/**
 * Stops unless whatever publishes from this checkout, in this environment, reaches nothing but a
 * registry on this machine. It asks the tools themselves: pnpm passes over variables that npm
 * obeys.
 * @param {{ checkout: string, env: NodeJS.ProcessEnv }} place
 * @returns {string} the registry
 */
export function proveLoopback({ checkout, env }) {
  const registries = [
    ["pnpm", "registry"],
    ["pnpm", "@kadvise:registry"],
    ["npm", "registry"],
    ["npm", "@kadvise:registry"],
  ].map(([tool = "", key = ""]) => {
    const said = output(tool, ["config", "get", key], { cwd: checkout, env }).trim();
    return { source: `${tool} config get ${key}`, said: said === "undefined" ? "" : said, key };
  });
  for (const { source, said, key } of registries) {
    // Without a registry of its own, a scope goes where everything goes.
    if (said === "" && key !== "registry") continue;
    if (!isLoopback(said)) throw new Error(`${source} says "${said}", which is not this machine`);
  }
  for (const { folder, manifest } of packages(checkout)) {
    if (manifest.publishConfig?.["registry"] !== undefined) {
      throw new Error(`packages/${folder}/package.json names a registry of its own`);
    }
  }
  return registries[0]?.said ?? "";
}

/**
 * @param {string} address
 * @returns {boolean}
 */
export function isLoopback(address) {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username } = new URL(address);
  return protocol === "http:" && username === "" && ["127.0.0.1", "[::1]"].includes(hostname);
}
