import type { AccessControl } from "./accessControl.ts";
import type { PtraceQuestion } from "./policy.ts";
import { modeUsesFsIds } from "./ptraceMode.ts";
import { smallestChanges, type Turn } from "./smallestChanges.ts";

/**
 * The smallest changes that would turn a refusal of the access check into a yes: see {@link
 * smallestChanges}, which does the same for any action.
 *
 * @example
 * smallestTurns(access, question)[0]; // [{ id: "target/dumpable", text: "the target is dumpable"
 * }]
 */
export function smallestTurns(access: AccessControl, question: PtraceQuestion): Turn[][] {
  const { caller, target, mode } = question;
  const usesFsIds = modeUsesFsIds(mode) === true;
  const isAllowed = (): boolean => access.ptraceAccess(question).ok;
  return smallestChanges({ access, caller, target, usesFsIds, isAllowed });
}
