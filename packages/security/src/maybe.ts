/**
 * Truth of a condition over facts that nobody may have stated. Effects that hang on such a
 * condition leave a gap instead of asking.
 */
export type Maybe = boolean | "unknown";

/** True if all are, false if one is not. */
export function allOf(conditions: readonly Maybe[]): Maybe {
  if (conditions.includes(false)) return false;
  return conditions.includes("unknown") ? "unknown" : true;
}

/** True if one is, false if none is. */
export function anyOf(conditions: readonly Maybe[]): Maybe {
  if (conditions.includes(true)) return true;
  return conditions.includes("unknown") ? "unknown" : false;
}

/** The opposite. */
export function not(condition: Maybe): Maybe {
  return condition === "unknown" ? "unknown" : !condition;
}
