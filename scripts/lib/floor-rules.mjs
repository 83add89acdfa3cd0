import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, packages, readJson } from "./workspace.mjs";

/** The floors whose packages must run anywhere; strace, which stands on one of them, too. */
const LAST_MODEL_FLOOR = 4;
const TOP_FLOOR = 6;

/**
 * What `turbo boundaries` does not see: it passes over a package without a tag, obeys comments that
 * switch it off, and knows nothing of other people's packages or of what the compiler is told.
 * @param {string} checkout
 * @returns {string[]} one sentence for each rule that is broken
 */
export function floorComplaints(checkout) {
  return [...ruleComplaints(checkout), ...packages(checkout).flatMap(packageComplaints)];
}

/**
 * @param {string} checkout
 * @returns {string[]}
 */
function ruleComplaints(checkout) {
  const tags = readJson(join(checkout, "turbo.json")).boundaries?.tags ?? {};
  return range(1, TOP_FLOOR).flatMap((floor) => {
    const allowed = tags[`floor${floor}`]?.dependencies?.allow ?? "anything";
    const below = range(1, floor - 1).map((lower) => `floor${lower}`);
    if (String(allowed) === String(below)) return [];
    return [`turbo.json: floor${floor} may depend on [${below}], not on [${allowed}]`];
  });
}

/**
 * @param {import("./workspace.mjs").Package} one
 * @returns {string[]}
 */
function packageComplaints({ folder, path, manifest }) {
  const floor = floorOf(path);
  if (floor === undefined) return [`${folder}: turbo.json must give it exactly one floor`];
  return [
    ...(floor <= LAST_MODEL_FLOOR ? modelComplaints(path, manifest) : []),
    ...siblingComplaints(path, manifest),
    ...filesBelow(join(path, "src"))
      .filter((file) =>
        readFileSync(join(path, "src", file), "utf8").includes("@boundaries-ignore"),
      )
      .map((file) => `src/${file} switches the floor check off`),
  ].map((complaint) => `${folder}: ${complaint}`);
}

/**
 * @param {string} path
 * @returns {number | undefined}
 */
function floorOf(path) {
  const file = join(path, "turbo.json");
  const { extends: from, tags } = existsSync(file) ? readJson(file) : {};
  if (String(from) !== "//" || !Array.isArray(tags) || tags.length !== 1) return undefined;
  const floor = Number(/^floor(\d)$/.exec(tags[0])?.[1]);
  return floor >= 1 && floor <= TOP_FLOOR ? floor : undefined;
}

/**
 * A model package runs anywhere: nothing of other people's at run time, nothing of Node's or a
 * browser's at compile time.
 * @param {string} path
 * @param {import("./workspace.mjs").Manifest} manifest
 * @returns {string[]}
 */
function modelComplaints(path, manifest) {
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  const foreign = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
    .filter((name) => !name.startsWith("@kadvise/"))
    .map((name) => `a model package may not depend on ${name}`);
  const config = readJson(join(path, "tsconfig.src.json"));
  const compiled =
    config.extends === "../../tsconfig.model.json" && config.compilerOptions === undefined;
  return compiled ? foreign : [...foreign, "tsconfig.src.json must compile it as a model package"];
}

/**
 * The compiler's graph and the package manager's are one.
 * @param {string} path
 * @param {import("./workspace.mjs").Manifest} manifest
 * @returns {string[]}
 */
function siblingComplaints(path, manifest) {
  const siblings = Object.entries(manifest.dependencies ?? {}).filter(([name]) =>
    name.startsWith("@kadvise/"),
  );
  /** @type {{ path: string }[]} */
  const references = readJson(join(path, "tsconfig.src.json")).references ?? [];
  const built = references.map((reference) => `@kadvise/${reference.path.split("/")[1]}`).sort();
  const declared = siblings.map(([name]) => name).sort();
  return [
    ...siblings
      .filter(([, version]) => version !== "workspace:^")
      .map(([name]) => `its dependency on ${name} must be workspace:^`),
    ...(String(built) === String(declared)
      ? []
      : [`tsconfig.src.json refers to [${built}], package.json to [${declared}]`]),
  ];
}

/**
 * @param {number} from
 * @param {number} to
 */
function range(from, to) {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
