import type { CallEvent, LogEvent } from "@kadvise/strace";
import type { EventQueue, NeedsMore } from "./eventQueue.ts";
import type { Way } from "./way.ts";

/** How far ahead the result of a call that is under way is looked for, in events. */
const LOOK_AHEAD = 10_000;

/** A call that has begun and not returned. */
export interface PendingCall {
  readonly pid: number;
  readonly name: string;
  /** With what it will return; null if the log does not tell, undefined if nobody looked yet. */
  returns: CallEvent | null | undefined;
  /** Ways in which it could have come first, and that its own result refutes. */
  readonly refuted: Way[];
  /**
   * Whether a call returned meanwhile that touched the same memory, so that the order could show.
   */
  wasOverlapped: boolean;
  /** Whether somebody appeared meanwhile whom this call may have made, under another number. */
  mayHaveMade: boolean;
}

/** The calls that have begun and not returned, by thread. */
export class PendingCalls {
  private readonly calls: Map<number, PendingCall> = new Map();
  private readonly queue: EventQueue;

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  begin(pid: number, name: string): void {
    this.calls.set(pid, {
      pid,
      name,
      returns: undefined,
      refuted: [],
      wasOverlapped: false,
      mayHaveMade: false,
    });
  }

  /** The call is over, or its thread is. */
  end(pid: number): PendingCall | undefined {
    const call = this.calls.get(pid);
    this.calls.delete(pid);
    return call;
  }

  rename(from: number, to: number): void {
    const call = this.end(from);
    if (call !== undefined) this.calls.set(to, { ...call, pid: to });
  }

  /** Somebody appeared whom a call of a nested process may have made: it returns another number. */
  noteStranger(isNested: (pid: number) => boolean): void {
    for (const call of this.calls.values())
      call.mayHaveMade ||= /^(clone3?|v?fork)$/.test(call.name) && isNested(call.pid);
  }

  get(pid: number): PendingCall | undefined {
    return this.calls.get(pid);
  }

  get isEmpty(): boolean {
    return this.calls.size === 0;
  }

  /** Every call under way, as it stands now. */
  list(): readonly PendingCall[] {
    return [...this.calls.values()];
  }

  /**
   * The event with which a call will return; looks ahead once. Of a call that the log cuts off,
   * only its arguments are known.
   */
  *returnOf(
    call: PendingCall,
    anonymous: number,
  ): Generator<NeedsMore, CallEvent | undefined, void> {
    if (call.returns === undefined) {
      const next = yield* this.queue.findAhead(
        (event) => ENDS.has(event.kind) && (pidOf(event) ?? anonymous) === call.pid,
        LOOK_AHEAD,
      );
      call.returns = asReturn(next, call.name) ?? null;
    }
    return call.returns ?? undefined;
  }
}

/** What can end a call under way. */
const ENDS: ReadonlySet<string> = new Set(["call", "exited", "killed", "unended"]);

function pidOf(event: LogEvent): number | undefined {
  return event.kind === "call" ? (event.entryPid ?? event.pid) : event.pid;
}

function asReturn(event: LogEvent | undefined, name: string): CallEvent | undefined {
  if (event === undefined || !("name" in event) || event.name !== name) return undefined;
  if (event.kind === "call" && event.isUnterminated !== true) return event;
  if (event.kind !== "call" && event.kind !== "unended") return undefined;
  // Of a result in a line that the log cuts off, digits may be missing.
  return {
    kind: "call",
    line: event.line,
    entryLine: event.line,
    name,
    args: event.args,
    argumentText: event.args.map(({ text }) => text).join(", "),
    result: { unknown: true, injected: false, delayed: false },
  };
}
