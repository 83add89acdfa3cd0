import type { CallResult } from "./result.ts";
import type { Argument, Value } from "./value.ts";

/**
 * What a log says, one event for each thing that happened, in the order of the lines.
 *
 * Every line of a log leads to an event, except that blank lines are passed over and the two halves
 * of a call that was interrupted are `entered` and `call`. `line` counts from 1. `pid` is missing
 * where the log has no such column.
 */
export type LogEvent =
  | EnteredEvent
  | CallEvent
  | SignalEvent
  | ExitedEvent
  | KilledEvent
  | SupersededEvent
  | AttachmentEvent
  | PersonalityEvent
  | IdentifiedEvent
  | NoteEvent
  | UnreadEvent
  | UnendedEvent;

interface Located {
  readonly line: number;
  readonly pid?: number;
}

/**
 * A call that had not returned when another process had something to say: `wait4(-1,  <unfinished
 * ...>`.
 */
export interface EnteredEvent extends Located {
  readonly kind: "entered";
  readonly name: string;
}

/** A call and its result. */
export interface CallEvent extends Located {
  readonly kind: "call";
  /** The line with the result; `entryLine` is the same unless the call was interrupted. */
  readonly line: number;
  /** The line where the call began. */
  readonly entryLine: number;
  /**
   * The thread that made the call, where the kernel has renamed it since: execve gives it its
   * leader's id.
   */
  readonly entryPid?: number;
  readonly name: string;
  /**
   * The arguments, read when they are first asked for. One that cannot be read is of kind `unread`.
   */
  readonly args: readonly Argument[];
  /** The text between the parentheses, both halves joined. */
  readonly argumentText: string;
  readonly result: CallResult;
  /** The time columns, as printed. */
  readonly time?: string;
  /** How long the call took (`-T`). */
  readonly seconds?: number;
  /**
   * The number of the call in its own ABI's table (`-n`): getpid is 39 natively and 20 by `int
   * 0x80`.
   */
  readonly number?: number;
  /** Set on the last line of a log without a line end: its result may have lost digits. */
  readonly isUnterminated?: true;
}

/** `--- SIGSEGV {si_signo=SIGSEGV, …} ---`, and `--- stopped by SIGSTOP ---`. */
export interface SignalEvent extends Located {
  readonly kind: "signal" | "stopped";
  readonly signal: string;
  readonly info?: Value;
}

/** `+++ exited with 0 +++`. */
export interface ExitedEvent extends Located {
  readonly kind: "exited";
  readonly status: number;
}

/** `+++ killed by SIGSEGV (core dumped) +++`. */
export interface KilledEvent extends Located {
  readonly kind: "killed";
  readonly signal: string;
  readonly coreDumped: boolean;
}

/**
 * `+++ superseded by execve in pid 12 +++`: another thread of the group called execve, and carries
 * on under this pid.
 */
export interface SupersededEvent extends Located {
  readonly kind: "superseded";
  readonly by: number;
}

/** `strace: Process 12 attached`. */
export interface AttachmentEvent extends Located {
  readonly kind: "attached" | "detached";
  /** How many threads were attached with it, where strace says so. */
  readonly threads?: number;
}

/** `[ Process PID=12 runs in 32 bit mode. ]`. */
export interface PersonalityEvent extends Located {
  readonly kind: "personality";
  readonly pid: number;
  /** `32 bit`, `64 bit`, `x32`. */
  readonly mode: string;
}

/**
 * The process whose lines had no pid so far is this one. Strace leaves the column out on a terminal
 * while it follows a single process, and the log gives the pid only when there is a second one.
 */
export interface IdentifiedEvent {
  readonly kind: "identified";
  readonly line: number;
  readonly pid: number;
}

/**
 * Another line that strace itself prints: a message, a stack trace, a dump, the summary of `-C`.
 */
export interface NoteEvent extends Located {
  readonly kind: "note";
  readonly text: string;
}

/** A line that could not be read, or that cannot stand where it does. */
export interface UnreadEvent extends Located {
  readonly kind: "unread";
  /** The first 200 characters of the line. */
  readonly text: string;
  /** Where in the line, counted from 1, reading stopped. */
  readonly column: number;
  /** What would have been right there. */
  readonly expected: string;
  /** How many lines this stands for, where a long run of them is reported as one. */
  readonly lines?: number;
}

/** A call that never returned as far as the log tells. */
export interface UnendedEvent extends Located {
  readonly kind: "unended";
  /** The line where the call began. */
  readonly line: number;
  readonly name: string;
  readonly args: readonly Argument[];
  /**
   * Whether the log stops (the last argument may be cut short), the process is gone, strace let go
   * of it, its lines contradict, or too many calls were under way at once to remember this one.
   */
  readonly reason: "log ends" | "process ended" | "detached" | "contradicted" | "given up";
}
