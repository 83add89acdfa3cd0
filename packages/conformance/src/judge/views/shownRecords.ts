import { parseSmaps } from "../../target/smaps.ts";
import type { ObservedArea } from "../../target/startState.ts";

/** Files of /proc/PID that tell what is mapped, area by area. */
export type AreaFile = "maps" | "smaps";

/** What a piece of such a file shows. */
export interface ShownRecords {
  readonly areas: readonly ObservedArea[];
  /** The beginning of an area's text that the piece breaks off in; "" at the end of one. */
  readonly begun: string;
  /** Whether the page above the user's half was shown, which is always the last. */
  readonly hasGate: boolean;
  /** Whether all of it reads as the kernel writes it. */
  readonly isWhole: boolean;
}

const HEAD =
  /^[0-9a-f]{8,16}-[0-9a-f]{8,16} [-r][-w][-x][-sp] [0-9a-f]{8,} [0-9a-f]{2,}:[0-9a-f]{2,} \d+ /;
const LAST_OF_SMAPS = /\nVmFlags:[^\n]*\n/g;

/** The gate of x86-64. Linux: arch/x86/entry/vsyscall/vsyscall_64.c */
const GATE = /^ffffffffff600000-ffffffffff601000 /m;

/** Reads a piece of maps or smaps, which may end in the midst of an area's text. */
export function shownRecords(file: AreaFile, text: string, pageBytes: number): ShownRecords {
  const end = file === "maps" ? text.lastIndexOf("\n") + 1 : endOfSmaps(text);
  const whole = text.slice(0, end);
  const areas = parseSmaps(whole, pageBytes);
  const hasGate = GATE.test(whole);
  const heads = whole.split("\n").filter((line) => HEAD.test(line));
  return {
    areas,
    begun: text.slice(end),
    hasGate,
    isWhole:
      heads.length === areas.length + (hasGate ? 1 : 0) &&
      (file === "smaps" || whole.split("\n").length === heads.length + 1),
  };
}

/** Each area's text ends with its flags. Linux: fs/proc/task_mmu.c show_smap */
function endOfSmaps(text: string): number {
  let end = 0;
  for (const match of text.matchAll(LAST_OF_SMAPS)) end = match.index + match[0].length;
  return end;
}
