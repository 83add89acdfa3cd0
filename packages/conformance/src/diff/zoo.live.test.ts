import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CannotRun } from "../target/cannotRun.ts";
import { kernelsFolder } from "../target/kernelImage.ts";
import { openTarget } from "../target/openTarget.ts";
import { readChangeExamples } from "./changeExamples.ts";
import { diffOnTarget } from "./diffOnTarget.ts";

const kernels = kernelsFolder();
const releases = existsSync(kernels)
  ? readdirSync(kernels).filter((name) => existsSync(join(kernels, name, "vmlinuz")))
  : [];
/** KADVISE_ZOO=6.12,7.3 boots these alone; `all` boots all. */
const chosen = process.env["KADVISE_ZOO"] ?? "";
const MINUTES = 600_000;

describe.each(releases.length === 0 ? ["6.12"] : releases)("the kernel of line %s", (line) => {
  test(
    "answers the examples of all changes as was recorded, and as its model does",
    { timeout: MINUTES },
    async ({ skip }) => {
      const isChosen = chosen === "all" || chosen.split(",").includes(line);
      skip(!isChosen, "KADVISE_ZOO does not name it");
      const examples = readChangeExamples();
      const target = openTarget(`qemu:${line}`);
      try {
        const { kernel, answers } = await diffOnTarget(target, [...examples.values()]);
        for (const { change, answers: seen, unmet, deviates } of answers) {
          expect([change, deviates]).toEqual([change, false]);
          const recorded = examples.get(change)?.recorded.get(kernel);
          if (unmet.length === 0 && recorded !== undefined)
            expect([change, seen]).toEqual([change, recorded]);
        }
      } catch (error) {
        if (!(error instanceof CannotRun)) throw error;
        skip(true, error.message);
      } finally {
        await target.close();
      }
    },
  );
});
