import type { CallEvent, CallResult, LogEvent } from "@kadvise/strace";
import type { PreparedCall } from "./preparedCall.ts";
import type { Verdict } from "./verdict.ts";
import type { Way } from "./way.ts";

/** A judged result, or a line that could not be read, with its place. */
export interface Finding {
  readonly line: number;
  readonly entryLine: number;
  readonly pid: number | null;
  readonly syscall: string;
  readonly observed: string;
  readonly allowed: readonly string[];
  readonly verdict: Verdict | "unread";
  readonly reason: { readonly id: string; readonly text: string };
  readonly form: string;
  readonly needs: readonly string[];
}

/** What a judge tells while it reads. */
export interface Listener {
  /** A result in scope. */
  judged(finding: Finding): void;
  /** A line that could not be read. */
  unread(finding: Finding): void;
  /** A call out of scope. */
  passedOver(name: string): void;
  /** Any call, before it is judged. */
  call(): void;
  /**
   * A call whose order with others is not open, before it is judged, and a function that tells what
   * the judge would say if the call had given another result. Asking changes nothing.
   */
  about?(event: CallEvent, verdictOf: (result: CallResult) => Verdict): void;
  /** A call that the model covers, before it is judged: the worlds are as it finds them. */
  before?(call: CallToJudge): void;
}

/** A call that is about to be judged. */
export interface CallToJudge {
  readonly pid: number;
  readonly event: CallEvent;
  readonly prepared: PreparedCall;
  /** Every way in which it can have gone in every world that fits the log. Nothing has changed. */
  ways(): readonly Way[];
}

/** A line that could not be read. */
export function unreadFinding(event: Extract<LogEvent, { kind: "unread" }>): Finding {
  return {
    line: event.line,
    entryLine: event.line,
    pid: event.pid ?? null,
    syscall: "",
    observed: event.text,
    allowed: [],
    verdict: "unread",
    reason: { id: "strace/unread", text: `column ${event.column}: expected ${event.expected}` },
    form: "",
    needs: [],
  };
}
