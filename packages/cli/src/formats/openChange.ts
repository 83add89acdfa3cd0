import { CHANGES } from "@kadvise/releases";

/** Between which releases a change came, where nobody knows it better: both ends. */
export function openChangeText(id: string): string {
  const change = CHANGES.find((one) => one.id === id);
  const ends = Object.entries(change?.stable ?? {}).flatMap(([line, backport]) =>
    typeof backport === "number" ? [] : [`${line}.${backport[0]} and ${line}.${backport[1]}`],
  );
  if (change?.lastWithout !== undefined) ends.push(`${change.lastWithout} and ${change.mainline}`);
  return ends.length === 0 ? id : `${id} came between ${ends.join(", ")}`;
}
