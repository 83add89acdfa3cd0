import { CallReader, type Surroundings } from "./callReader.ts";
import {
  LESS,
  MINUS,
  OPEN_PAREN,
  PLUS,
  QUESTION,
  UNDERSCORE,
  isLetter,
  isNamePart,
} from "./characters.ts";
import { Head, skipSpaces } from "./head.ts";
import type { Line, Outcome, Speaker } from "./line.ts";
import { readMarker } from "./marker.ts";
import { Messages } from "./message.ts";
import { PendingCalls, unended } from "./pendingCalls.ts";
import { Speakers } from "./speakers.ts";

/** How lines begin that are no calls, and what they must have later on. */
const MARKS: readonly (readonly [string, string])[] = [
  ["<... ", ">"],
  ["+++ ", "+++"],
  ["--- ", "---"],
  ["[pid ", "]"],
];

/**
 * Reads one line after the other: what a line is shows in its first characters behind the columns.
 *
 * A line that turns out to be `torn` has no effect, so that its owner may mend it and offer it
 * again.
 */
export class LineReader {
  readonly #shared: Surroundings;
  readonly #calls: CallReader;
  readonly #messages = new Messages();

  constructor(
    ports: Pick<Surroundings, "emit" | "refuse" | "object">,
    defaultPid: number | undefined,
  ) {
    const pending = new PendingCalls();
    const speakers = new Speakers(ports.emit, pending, defaultPid);
    this.#shared = { ...ports, head: new Head(), pending, speakers };
    this.#calls = new CallReader(this.#shared);
  }

  /** The pid in the columns of the line read last. */
  get pid(): number | undefined {
    const { pid } = this.#shared.head;
    return pid < 0 ? undefined : pid;
  }

  /** Reads a line and emits what it says. */
  read(line: Line): Outcome {
    const { text, from, to } = line;
    const { head, refuse } = this.#shared;
    head.read(text, from, to);
    const at = skipSpaces(text, head.bodyAt, to);
    if (at === to) return head.pid < 0 && head.timeTo === 0 ? "blank" : refuse(at, "a call");
    const nameEnd = endOfName(text, at, to);
    if (nameEnd > at && nameEnd < to && text.charCodeAt(nameEnd) === OPEN_PAREN) {
      this.#messages.leaveTable();
      return this.#calls.readCall(line, at, nameEnd);
    }
    const code = text.charCodeAt(at);
    if (code === LESS && text.startsWith("<... ", at)) return this.#calls.readResumed(line, at);
    const isEvent =
      code === PLUS ? text.startsWith("+++ ", at) : code === MINUS && text.startsWith("--- ", at);
    return isEvent ? this.#readMarker(line, at) : this.#readMessage(line, at);
  }

  /** Reads the beginning of a call that the log stops in; false if the line is no such thing. */
  readFragment(line: Line): boolean {
    const { text, from, to } = line;
    const { head } = this.#shared;
    head.read(text, from, to);
    const at = skipSpaces(text, head.bodyAt, to);
    const nameEnd = endOfName(text, at, to);
    if (nameEnd === at || nameEnd >= to || text.charCodeAt(nameEnd) !== OPEN_PAREN) return false;
    return this.#calls.readFragment(line, at, nameEnd);
  }

  /** Whose the line is that was read last, and found to be torn. */
  speaker(line: Line): Speaker {
    return { pid: this.#shared.speakers.of(this.#shared.head, line, undefined) };
  }

  /** Whether a line of strace's can begin so: with the columns, a name, the marks of an event. */
  isBeginning(line: Line): boolean {
    const { text, from, to } = line;
    this.#shared.head.read(text, from, to);
    const at = skipSpaces(text, this.#shared.head.bodyAt, to);
    if (endOfName(text, at, to) === to) return true;
    const rest = text.slice(at, to);
    return MARKS.some(([open, close]) =>
      rest.startsWith(open) ? !rest.includes(close, open.length) : open.startsWith(rest),
    );
  }

  /** Reports the calls that are under way where the log stops. */
  end(): void {
    for (const call of this.#shared.pending.takeAll()) this.#shared.emit(unended(call, "log ends"));
  }

  #readMarker(line: Line, at: number): Outcome {
    const { emit, head, pending, refuse, speakers } = this.#shared;
    const isSuperseded = line.text.startsWith("+++ superseded ", at);
    const pid = isSuperseded ? this.pid : speakers.of(head, line, undefined);
    const event = readMarker(line.text.slice(at, line.to), line.number, pid);
    if (event === undefined) return refuse(at, "an event that strace prints");
    if (event.kind === "superseded") {
      const leader = speakers.superseded(pid, event.by);
      pending.move(event.by, leader);
      pending.superseded = { pid: leader, by: event.by, line: line.number };
      emit(leader === undefined ? event : { ...event, pid: leader });
      return "read";
    }
    if (event.kind === "exited" || event.kind === "killed") {
      if (pid !== undefined) speakers.gone(pid);
      const call = pending.take(pid);
      if (call !== undefined) emit(unended(call, "process ended"));
    }
    emit(event);
    return "read";
  }

  #readMessage(line: Line, at: number): Outcome {
    const { text, from, to } = line;
    const { emit, pending, speakers } = this.#shared;
    const { pid } = this;
    // A row of the summary begins with numbers, which look like times: it wants the whole line.
    const whole = text.slice(skipSpaces(text, from, to), to);
    const event = this.#messages.read(text.slice(at, to), whole, line.number, pid);
    if (event === undefined) return this.#calls.readContinuation(line, at);
    if (event.kind === "attached" && event.pid !== undefined) speakers.born(event.pid);
    if (event.kind === "detached" && event.pid !== undefined) {
      speakers.gone(event.pid);
      const call = pending.take(event.pid);
      if (call !== undefined) emit(unended(call, "detached"));
    }
    emit(event);
    return "read";
  }
}

function endOfName(text: string, from: number, to: number): number {
  let at = from;
  const first = text.charCodeAt(at);
  if (!isLetter(first) && first !== UNDERSCORE && first !== QUESTION) return at;
  for (at++; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isNamePart(code) && code !== QUESTION) break;
  }
  return at;
}
