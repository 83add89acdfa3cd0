// What vm-check.mjs runs in a place that has nothing but ECMAScript: lines() is called there.
import * as kernel from "@kadvise/kernel";

/** @returns {string[]} */
export function lines() {
  return [`@kadvise/kernel: ${Object.keys(kernel).length} exports`];
}
