import type { Change } from "@kadvise/releases";

/**
 * When a change came: `5.12; 5.10.24, 5.11.7`; where only both ends are known, `between 7.1.13 and
 * 7.2.12`.
 */
export function changeDate({ mainline, lastWithout, stable = {} }: Change): string {
  const first = lastWithout === undefined ? mainline : `between ${lastWithout} and ${mainline}`;
  const backports = Object.entries(stable).map(([line, backport]) =>
    typeof backport === "number"
      ? `${line}.${backport}`
      : `between ${line}.${backport[0]} and ${line}.${backport[1]}`,
  );
  return backports.length === 0 ? first : `${first}; ${backports.join(", ")}`;
}
