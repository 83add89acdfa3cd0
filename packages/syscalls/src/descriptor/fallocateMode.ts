import { FALLOC_FL } from "@kadvise/uapi";
import type { Machine } from "../machine.ts";

const {
  FALLOC_FL_KEEP_SIZE: KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE: PUNCH_HOLE,
  FALLOC_FL_COLLAPSE_RANGE: COLLAPSE_RANGE,
  FALLOC_FL_ZERO_RANGE: ZERO_RANGE,
  FALLOC_FL_INSERT_RANGE: INSERT_RANGE,
  FALLOC_FL_UNSHARE_RANGE: UNSHARE_RANGE,
  FALLOC_FL_WRITE_ZEROES: WRITE_ZEROES,
} = FALLOC_FL;

const KNOWN: number =
  KEEP_SIZE | PUNCH_HOLE | COLLAPSE_RANGE | ZERO_RANGE | INSERT_RANGE | UNSHARE_RANGE;
/** Modes that stand alone: beside them, or beside them and the flag, no other bit may stand. */
const ALONE: readonly (readonly [mode: number, with_: number])[] = [
  [COLLAPSE_RANGE, COLLAPSE_RANGE],
  [INSERT_RANGE, INSERT_RANGE],
  [UNSHARE_RANGE, UNSHARE_RANGE | KEEP_SIZE],
];

/** What is wrong with a mode, before anybody looks at the file. */
export type ModeObjection = "unsupported" | "mixed";

/** What Linux objects to in a mode of fallocate. Linux: fs/open.c vfs_fallocate */
export function objectionToMode({ profile }: Machine, mode: number): ModeObjection | undefined {
  const { fallocateModes, fallocateWriteZeroes } = profile.mm;
  if (fallocateModes === "exclusive") return exclusive(mode, fallocateWriteZeroes);
  if ((mode & ~KNOWN) !== 0) return "unsupported";
  const holds = (bits: number): boolean => (mode & bits) === bits;
  if (holds(PUNCH_HOLE | ZERO_RANGE)) return "unsupported";
  if (holds(PUNCH_HOLE) && !holds(KEEP_SIZE)) return "unsupported";
  const isMixed = ALONE.some(([alone, together]) => holds(alone) && (mode & ~together) !== 0);
  return isMixed ? "mixed" : undefined;
}

/** One of some modes; the flag goes with some, must stand beside one, and may not beside others. */
function exclusive(mode: number, writesZeroes: boolean): ModeObjection | undefined {
  const keeps = (mode & KEEP_SIZE) !== 0;
  switch (mode & ~KEEP_SIZE) {
    case 0:
    case UNSHARE_RANGE:
    case ZERO_RANGE:
      return undefined;
    case PUNCH_HOLE:
      return keeps ? undefined : "unsupported";
    case COLLAPSE_RANGE:
    case INSERT_RANGE:
      return keeps ? "unsupported" : undefined;
    case WRITE_ZEROES:
      return writesZeroes && !keeps ? undefined : "unsupported";
    default:
      return "unsupported";
  }
}
