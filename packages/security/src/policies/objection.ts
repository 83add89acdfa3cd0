import type { ComparedValue } from "@kadvise/uapi";
import type { Objection } from "../policy.ts";
import { SECURITY_REASONS, type SecurityReasonId } from "../reasons.ts";

/** An objection out of this package's catalogue; compared values by position, named there. */
export function objection(
  id: SecurityReasonId,
  a?: ComparedValue,
  b?: ComparedValue,
  c?: ComparedValue,
): Objection {
  const { errno, text, compares = [] } = SECURITY_REASONS[id];
  const compared: Record<string, ComparedValue> = {};
  [a, b, c].forEach((value, i) => {
    if (value !== undefined) compared[compares[i] ?? String(i)] = value;
  });
  return { code: errno, id, text, compared };
}
