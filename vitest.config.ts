import { readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;
const live = "src/**/*.live.test.ts";

/**
 * Two projects for each package: `mm-core`, whose tests depend on nothing but the checkout, and
 * `mm-core:live`, whose tests ask the machine they run on. `house` is the tooling's own.
 */
const packages = readdirSync(join(root, "packages")).flatMap((name) => [
  {
    extends: true as const,
    root: join(root, "packages", name),
    test: { name, include: ["src/**/*.test.ts"], exclude: [live] },
  },
  {
    extends: true as const,
    root: join(root, "packages", name),
    test: { name: `${name}:live`, include: [live], testTimeout: 120_000 },
  },
]);

export default defineConfig({
  // A test sees its siblings' sources: nothing need be built first.
  ssr: { resolve: { conditions: ["@kadvise/source", "module", "node", "development|production"] } },
  test: {
    // Two cores may have a dozen packages to test at once.
    testTimeout: 30_000,
    projects: [
      ...packages,
      { extends: true, root, test: { name: "house", include: ["scripts/**/*.test.ts"] } },
    ],
  },
});
