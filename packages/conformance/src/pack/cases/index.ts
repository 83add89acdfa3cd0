import type { PackCase } from "../packCase.ts";
import { ADVICE_CASES } from "./advice.ts";
import { ARGUMENT_CASES } from "./arguments.ts";
import { COMPAT_CASES } from "./compat.ts";
import { LIFETIME_CASES } from "./lifetime.ts";
import { OWN_CASES } from "./ownAndNamespaces.ts";
import { MADVISE_CASES } from "./ownMadvise.ts";
import { PARTIAL_CASES } from "./partial.ts";
import { PERMISSION_CASES } from "./permission.ts";
import { LATER_CASES } from "./populateAndGuard.ts";
import { PRECEDENCE_CASES } from "./precedence.ts";
import { SEAL_CASES } from "./seals.ts";
import { SPLIT_CASES } from "./splitAndMerge.ts";
import { THREAD_CASES } from "./threads.ts";

/** Every curated case, in the order in which the runner asks them. */
export const CASES: readonly PackCase[] = [
  ...ARGUMENT_CASES,
  ...ADVICE_CASES,
  ...PRECEDENCE_CASES,
  ...PERMISSION_CASES,
  ...OWN_CASES,
  ...PARTIAL_CASES,
  ...SPLIT_CASES,
  ...LIFETIME_CASES,
  ...THREAD_CASES,
  ...MADVISE_CASES,
  ...LATER_CASES,
  ...SEAL_CASES,
  ...COMPAT_CASES,
];
