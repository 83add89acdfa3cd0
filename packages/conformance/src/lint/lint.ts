import type { CallEvent, LogEvent } from "@kadvise/strace";
import { CallHistory } from "./callHistory.ts";
import type { LintFinding, LintRule } from "./rule.ts";
import { CAPPED_COUNT } from "./rules/cappedCount.ts";
import { INHERITED_PIDFD } from "./rules/inheritedPidfd.ts";
import { KERNEL_ADDRESS } from "./rules/kernelAddress.ts";
import { NEVER_REMOTE } from "./rules/neverRemote.ts";
import { NO_RANGES } from "./rules/noRanges.ts";
import { OR_OF_SEVERAL } from "./rules/orOfSeveral.ts";
import { STANDARD_DESCRIPTOR } from "./rules/standardDescriptor.ts";

/** Every rule, in the order in which findings of one call are told. */
export const LINT_RULES: readonly LintRule[] = [
  OR_OF_SEVERAL,
  NO_RANGES,
  NEVER_REMOTE,
  INHERITED_PIDFD,
  STANDARD_DESCRIPTOR,
  KERNEL_ADDRESS,
  CAPPED_COUNT,
];

/**
 * What is suspicious in a call, whatever Linux answers to it. `history` has seen what came before,
 * and not yet this call.
 *
 * @example
 * const history = new CallHistory();
 * for (const event of events) {
 *   if (event.kind === "call") findings.push(...lintCall(event, history));
 *   history.note(event);
 * }
 */
export function lintCall(call: CallEvent, history: CallHistory): readonly LintFinding[] {
  return LINT_RULES.flatMap((rule) => {
    if (!rule.calls.includes(call.name)) return [];
    const text = rule.check(call, history);
    return text === undefined ? [] : [{ rule: rule.id, text }];
  });
}

/** A finding of a log. */
export interface LocatedLintFinding extends LintFinding {
  readonly line: number;
}

/** Looks at a whole log, piece by piece. */
export class LogLinter {
  private readonly history: CallHistory = new CallHistory();

  push(events: Iterable<LogEvent>): readonly LocatedLintFinding[] {
    const findings: LocatedLintFinding[] = [];
    for (const event of events) {
      if (event.kind === "call") {
        const { line } = event;
        for (const finding of lintCall(event, this.history)) findings.push({ line, ...finding });
      }
      this.history.note(event);
    }
    return findings;
  }
}
