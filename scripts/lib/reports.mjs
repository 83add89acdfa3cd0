/**
 * What one run of tests came to, as it lies in a package's `.cache`. Turbo keeps it beside the
 * cached result, so that a run that was served from the cache still counts. `why` names each test
 * that was skipped, with its reason.
 * @typedef {{ passed: number, failed: number, skipped: number, why?: string[] }} Count
 */

/**
 * @param {Count[]} counts
 * @returns {Count}
 */
export function sum(counts) {
  return {
    passed: counts.reduce((total, count) => total + count.passed, 0),
    failed: counts.reduce((total, count) => total + count.failed, 0),
    skipped: counts.reduce((total, count) => total + count.skipped, 0),
  };
}

/**
 * The one line in which every run of tests ends.
 * @param {Count} count
 */
export function testLine({ passed, failed, skipped }) {
  return `tests: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * What was asked of this machine, and what could not be: tests that run live, by package.
 * @param {{ package: string, count: Count }[]} live
 * @returns {string[]}
 */
export function liveLines(live) {
  const { passed, failed, skipped } = sum(live.map(({ count }) => count));
  const why = live.flatMap((one) => (one.count.why ?? []).map((text) => `${one.package}: ${text}`));
  return [
    `live: ${passed + failed} ran (${failed} failed), ${skipped} skipped`,
    ...why.map((text) => `  skipped, ${text}`),
  ];
}
