import { NEWEST_POINT } from "@kadvise/releases";

const NEWEST = Object.keys(NEWEST_POINT).at(-1);

/**
 * Writes a stretch of releases for people: `5.10 to 5.14.x`, `5.10.24 to 5.10.x`, `6.13+` where it
 * goes on to the newest, `6.12` where it is one kernel.
 */
export function releaseRange(from: string, to: string): string {
  if (from === to) return from;
  const first = from.replace(/^(\d+\.\d+)\.0$/, "$1");
  if (to === NEWEST) return `${first}+`;
  const isLine = /^\d+\.\d+$/.test(to);
  if (isLine && first === to) return `${to}.x`;
  return `${first} to ${isLine ? `${to}.x` : to}`;
}
