import { readArguments } from "./arguments.ts";
import type { UnendedEvent } from "./event.ts";

/** A call that was entered and has not returned. */
export interface PendingCall {
  readonly name: string;
  readonly line: number;
  /** The line that said so: the same, unless the call was torn. */
  readonly enteredOn: number;
  /** Missing where the log has no pids. */
  readonly pid: number | undefined;
  /** The thread that entered it, where the call has moved to another since. */
  readonly entryPid?: number;
  /** The arguments as far as they were printed: a copy, since it outlives the chunk. */
  readonly text: string;
  /** How many parentheses are open at the end of it. */
  readonly depth: number;
  /** The number of the call (`-n`); -1 without. */
  readonly number: number;
}

/**
 * How much text may wait for its other half. Real calls of a thousand threads need a thousandth of
 * it.
 */
const MOST_TEXT = 64 * 1024 * 1024;
const MOST_CALLS = 100_000;
const NONE: readonly PendingCall[] = [];

/**
 * The calls that are under way, one for each thread: a thread makes its next call when the last has
 * returned.
 *
 * Memory follows the number of living threads. A log that opens calls and never closes them would
 * follow the log, so beyond a bound the oldest are given up.
 */
export class PendingCalls {
  readonly #calls = new Map<number | undefined, PendingCall>();
  #textLength = 0;
  /** The last thread of which strace said that it took its leader's number by an execve. */
  superseded:
    { readonly pid: number | undefined; readonly by: number; readonly line: number } | undefined;
  /** The call that was added last, if it is still under way. */
  newest: PendingCall | undefined;

  get(pid: number | undefined): PendingCall | undefined {
    return this.#calls.size === 0 ? undefined : this.#calls.get(pid);
  }

  /** Keeps a call, and returns those that had to make room for it. */
  add(call: PendingCall): readonly PendingCall[] {
    this.newest = call;
    this.#calls.set(call.pid, call);
    this.#textLength += call.text.length;
    return this.#isFull ? this.#makeRoom(call) : NONE;
  }

  get #isFull(): boolean {
    return this.#textLength > MOST_TEXT || this.#calls.size > MOST_CALLS;
  }

  #makeRoom(newest: PendingCall): PendingCall[] {
    const given: PendingCall[] = [];
    for (const [pid, oldest] of this.#calls) {
      if (!this.#isFull) break;
      if (oldest === newest) continue;
      this.take(pid);
      given.push(oldest);
    }
    return given;
  }

  /** Removes and returns the call of a thread. */
  take(pid: number | undefined): PendingCall | undefined {
    const call = this.get(pid);
    if (call === undefined) return undefined;
    this.#calls.delete(pid);
    if (this.newest === call) this.newest = undefined;
    this.#textLength -= call.text.length;
    return call;
  }

  /** The only call of this name; undefined if there are several. */
  only(name: string): PendingCall | undefined {
    let found: PendingCall | undefined;
    for (const call of this.#calls.values()) {
      if (call.name !== name) continue;
      if (found !== undefined) return undefined;
      found = call;
    }
    return found;
  }

  /** Gives the call of one thread to another. */
  move(from: number | undefined, to: number | undefined): void {
    const call = this.take(from);
    if (call === undefined) return;
    const entryPid = call.entryPid ?? call.pid;
    this.add(entryPid === undefined ? { ...call, pid: to } : { ...call, pid: to, entryPid });
  }

  /**
   * An execve that comes back and of which no line says that it began: `-ff` keeps that in another
   * file, and `-z` leaves it out.
   */
  unseenExecve(pid: number | undefined): PendingCall | undefined {
    const { superseded } = this;
    if (superseded?.pid !== pid || superseded === undefined) return undefined;
    this.superseded = undefined;
    const { by: entryPid, line } = superseded;
    return { name: "execve", line, enteredOn: line, pid, entryPid, text: "", depth: 1, number: -1 };
  }

  /** All that are left, in the order in which they began. */
  takeAll(): PendingCall[] {
    const all = [...this.#calls.values()].sort((left, right) => left.line - right.line);
    this.#calls.clear();
    this.#textLength = 0;
    return all;
  }
}

/** The event of a call that will not return. */
export function unended(call: PendingCall, reason: UnendedEvent["reason"]): UnendedEvent {
  const { name, line, pid, text } = call;
  let args: UnendedEvent["args"] | undefined;
  const event = {
    kind: "unended" as const,
    line,
    name,
    reason,
    get args(): UnendedEvent["args"] {
      args ??= readArguments(text);
      return args;
    },
  };
  return pid === undefined ? event : Object.assign(event, { pid });
}
