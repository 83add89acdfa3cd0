import fc from "fast-check";
import { ACCESSING } from "./grammar/accessing.ts";
import { ADVISING } from "./grammar/advising.ts";
import { DESCRIPTORS } from "./grammar/descriptors.ts";
import { FILES } from "./grammar/files.ts";
import { HUGE_PAGES } from "./grammar/hugePages.ts";
import { IDENTITY } from "./grammar/identity.ts";
import { LIMITS } from "./grammar/limits.ts";
import { LOCKING } from "./grammar/locking.ts";
import { MAPPING } from "./grammar/mapping.ts";
import type { Operation, Written } from "./grammar/operation.ts";
import { PASSAGES } from "./grammar/passages.ts";
import { PRIVILEGES } from "./grammar/privileges.ts";
import { PROCESSES } from "./grammar/processes.ts";
import { REACHING } from "./grammar/reaching.ts";
import { SYSV } from "./grammar/sysv.ts";
import { CAST, type Stage } from "./stage.ts";

export { MAP_ARENA } from "./grammar/ranges.ts";

/** A step that is not written yet: it becomes a line once it is known what came before. */
export interface DraftStep {
  /** Whose step it is; a number that {@link Stage} makes a process of. */
  readonly who: number;
  /** Whether it enters by the 32-bit gate, where there is one and the call is the same there. */
  readonly compat: boolean;
  /** Writes the call, or some that follow each other; undefined where it makes no sense. */
  write(stage: Stage): Written;
}

/** The name of a family of operations: what they are about. */
export type Family =
  | "mapping"
  | "advising"
  | "accessing"
  | "locking"
  | "descriptors"
  | "processes"
  | "identity"
  | "privileges"
  | "limits"
  | "reaching"
  | "passages"
  | "huge"
  | "files"
  | "sysv";

/** Operations by family. */
export const FAMILIES: { readonly [family in Family]: readonly Operation[] } = {
  mapping: MAPPING,
  advising: ADVISING,
  accessing: ACCESSING,
  locking: LOCKING,
  descriptors: DESCRIPTORS,
  processes: PROCESSES,
  identity: IDENTITY,
  privileges: PRIVILEGES,
  limits: LIMITS,
  reaching: REACHING,
  passages: PASSAGES,
  huge: HUGE_PAGES,
  files: FILES,
  sysv: SYSV,
};

/** Every operation with its weight. None comes to more than a tenth of all. */
export const OPERATIONS: readonly Operation[] = Object.values(FAMILIES).flat();

/** One step of a generated scenario, of some operations. */
function stepOf(operations: readonly Operation[]): fc.Arbitrary<DraftStep> {
  return fc.oneof(
    ...operations.map(({ weight, arbitrary, compat }) => ({
      weight,
      arbitrary: fc
        .tuple(
          fc.nat(15),
          compat === true ? fc.nat(9).map((n) => n === 1) : fc.constant(false),
          arbitrary,
        )
        .map(([who, isCompat, write]): DraftStep => ({ who, compat: isCompat, write })),
    })),
  );
}

/** A scenario that is not written yet. */
export interface Draft {
  /** Which of the first processes begin with the arena mapped. */
  readonly mapped: readonly boolean[];
  /** For which of them all who need one begin with a descriptor. */
  readonly opened: readonly boolean[];
  readonly steps: readonly DraftStep[];
}

/** Mostly true; smaller is false. */
const usually = fc.nat(9).map((n) => n > 0);
/** Descriptors of all for all make many calls: smaller is false here too. */
const seldom = fc.nat(2).map((n) => n > 1);
const perProcess = fc.array(usually, { minLength: CAST.length, maxLength: CAST.length });
/** Many steps share what the processes begin with: it is a small part of all calls. */
const STEPS = 110;

/** A generated scenario; of some families of operations, where they are named. */
export function draftOf(families?: readonly Family[]): fc.Arbitrary<Draft> {
  const operations = families?.flatMap((family) => FAMILIES[family]) ?? OPERATIONS;
  return fc.noBias(
    // They shrink in this order: without most of its steps a scenario takes less time to try.
    fc.record({
      steps: fc.array(stepOf(operations), { minLength: 1, maxLength: STEPS, size: "max" }),
      mapped: perProcess,
      opened: fc.array(seldom, { minLength: CAST.length, maxLength: CAST.length }),
    }),
  );
}

/** A scenario of all operations. */
export const draft: fc.Arbitrary<Draft> = draftOf();
