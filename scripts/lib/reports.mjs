/**
 * What one run of tests came to, as it lies in a package's `.cache`. Turbo keeps it beside the
 * cached result, so that a run that was served from the cache still counts.
 * @typedef {{ passed: number, failed: number, skipped: number }} Count
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
