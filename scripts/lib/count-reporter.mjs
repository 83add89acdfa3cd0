import { writeFileSync } from "node:fs";

/** @typedef {import("vitest/node").Reporter} Reporter */

/**
 * A reporter for vitest that writes the count of a run to the file named by KADVISE_TEST_COUNT.
 *
 * A file that could not be loaded has no tests, and an error outside of every test belongs to none:
 * either counts as one failure, so that it cannot hide in a sum. So does a run without any test.
 * @implements {Reporter}
 */
export class CountReporter {
  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {import("./reports.mjs").Count} */
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, why: [] };
    for (const module of modules) {
      const failedBefore = count.failed;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") count.passed++;
        else if (result.state === "skipped") {
          count.skipped++;
          count.why?.push(`${test.fullName}: ${result.note ?? "no reason given"}`);
        } else count.failed++;
      }
      if (module.state() === "failed" && count.failed === failedBefore) count.failed++;
    }
    if (modules.length === 0 && count.failed === 0) count.failed++;
    const file = process.env["KADVISE_TEST_COUNT"];
    if (file !== undefined) writeFileSync(file, `${JSON.stringify(count)}\n`);
  }
}

// vitest takes a reporter from a file by its default export.
export default CountReporter;
