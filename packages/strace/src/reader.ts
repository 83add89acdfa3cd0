import { CARRIAGE_RETURN } from "./characters.ts";
import type { LogEvent, UnreadEvent } from "./event.ts";
import type { Line, Obstacle, Outcome } from "./line.ts";
import { LineReader } from "./lineReader.ts";
import { LineSplitter, SHOWN } from "./lineSplitter.ts";
import { ownCopy } from "./ownCopy.ts";
import { TornLines } from "./tornLine.ts";
import { UnreadRuns } from "./unreadRuns.ts";

/**
 * A vector of 1024 ranges takes 45 kB; this leaves room for what `-v -s` prints of large writes.
 */
const MAX_LINE_LENGTH = 8 * 1024 * 1024;
const TORN = 'the rest of the call: ")" behind its arguments';

export interface LogReaderOptions {
  /** Longer lines are not read but reported. */
  readonly maxLineLength?: number;
  /**
   * Whose the lines without a pid are: the number that `strace -ff` puts behind the file's name.
   */
  readonly pid?: number;
}

/**
 * Reads a log of strace as it comes, in any chunks, in memory that does not grow with it.
 *
 * Nothing makes it throw and nothing is passed over: what it cannot read is an `unread` event.
 * Decode files as latin1: strace escapes all but ASCII, and bytes that a program printed between
 * its lines stay bytes. An event refers to the chunk that it was read from until its arguments are
 * read: who keeps anything for longer keeps what it took from the event.
 *
 * @example
 * const reader = new LogReader(); reader.push("12 close(3) = 0\n12 +++ exi"); // [{ kind: "call",
 * line: 1, pid: 12, name: "close", … }] reader.push("ted with 0 +++\n"); // [{ kind: "exited",
 * line: 2, pid: 12, status: 0 }] reader.end(); // []
 */
export class LogReader {
  #events: LogEvent[] = [];
  #lineNumber = 0;
  /** Whether a line was read at all. */
  #hasRead = false;
  #obstacle: Obstacle = { at: 0, expected: "" };
  readonly #splitter: LineSplitter;
  readonly #lines: LineReader;
  readonly #torn = new TornLines();
  readonly #unread = new UnreadRuns((event) => this.#events.push(event));

  constructor(options: LogReaderOptions = {}) {
    const sink = {
      line: (text: string, from: number, to: number, isTerminated: boolean): void =>
        this.#line(text, from, to, isTerminated),
      overlong: (beginning: string): void => this.#overlong(beginning),
    };
    const maxLineLength = options.maxLineLength ?? MAX_LINE_LENGTH;
    this.#splitter = new LineSplitter(sink, maxLineLength);
    this.#lines = new LineReader(
      {
        emit: (event) => this.#emit(event),
        refuse: (at, expected) => {
          this.#obstacle = { at, expected };
          return "unread";
        },
        object: (line, at, expected) => this.#report(line, { at, expected }),
      },
      options.pid,
    );
  }

  /** Reads the next piece of the log and returns what it completed. */
  push(chunk: string): LogEvent[] {
    this.#splitter.push(chunk);
    return this.#taken();
  }

  /** Says that the log stops here, and returns what that ends. */
  end(): LogEvent[] {
    this.#splitter.end();
    this.#giveUpTorn();
    this.#unread.break();
    this.#lines.end();
    return this.#taken();
  }

  #taken(): LogEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #emit(event: LogEvent): void {
    this.#hasRead = true;
    this.#unread.break();
    this.#events.push(event);
  }

  #line(text: string, start: number, end: number, isTerminated: boolean): void {
    const number = ++this.#lineNumber;
    const from = number === 1 ? start + byteOrderMark(text, start) : start;
    const to = end > from && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
    const line = { text, from, to, number, firstNumber: number, isTerminated };
    if (this.#torn.waiting !== undefined && this.#mend(line)) return;
    const outcome = this.#lines.read(line);
    if (outcome === "blank") return;
    if (outcome === "read") return this.#settleTorn();
    if (outcome === "torn" && isTerminated) return this.#tear(line);
    if (isTerminated || !this.#readLast(line, outcome)) this.#report(line, this.#obstacle);
    if (this.#torn.waiting !== undefined && this.#torn.isHopeless()) this.#giveUpTorn();
  }

  /** Offers a line as the rest of the torn one. */
  #mend(line: Line): boolean {
    const torn = this.#torn.waiting;
    if (torn === undefined) return false;
    const text = torn.text + line.text.slice(line.from, line.to);
    const whole = {
      ...torn.line,
      text,
      to: text.length,
      number: line.number,
      isTerminated: line.isTerminated,
    };
    const outcome = this.#lines.read(whole);
    if (outcome === "read") {
      this.#torn.take();
      return true;
    }
    if (line.isTerminated || outcome !== "torn") return false;
    this.#torn.take();
    return this.#lines.readFragment(whole);
  }

  #tear(line: Line): void {
    this.#giveUpTorn();
    const { message } = this.#torn.keep(line, this.#lines.speaker(line));
    if (message === undefined) return;
    this.#lines.read({ ...line, text: message, from: 0, to: message.length });
  }

  /** A line was read that is no rest of the torn one. Strace's own messages may come between. */
  #settleTorn(): void {
    if (this.#torn.waiting === undefined) return;
    const kind = this.#events.at(-1)?.kind;
    if (kind !== "attached" && kind !== "detached" && kind !== "personality") this.#giveUpTorn();
  }

  #giveUpTorn(): void {
    const torn = this.#torn.take();
    if (torn !== undefined) this.#report(torn.line, { at: torn.line.to, expected: TORN });
  }

  /** A log may stop anywhere: its last line is read as far as it goes. */
  #readLast(line: Line, outcome: Outcome): boolean {
    if (this.#lines.readFragment(line)) return true;
    if (outcome !== "torn" && !(this.#hasRead && this.#lines.isBeginning(line))) return false;
    const text = line.text.slice(line.from, line.to);
    this.#emit({
      kind: "note",
      line: line.number,
      text: `the log stops in the middle of a line: ${text}`,
    });
    return true;
  }

  #overlong(beginning: string): void {
    const number = ++this.#lineNumber;
    this.#giveUpTorn();
    const line = {
      text: beginning,
      from: 0,
      to: beginning.length,
      number,
      firstNumber: number,
      isTerminated: true,
    };
    this.#report(line, {
      at: beginning.length,
      expected: "an end of the line: it is too long to be read",
    });
  }

  #report(line: Line, { at, expected }: Obstacle): void {
    this.#unread.add((): UnreadEvent => {
      const text = ownCopy(line.text.slice(line.from, Math.min(line.to, line.from + SHOWN)));
      const { pid } = this.#lines;
      const finding = {
        kind: "unread",
        line: line.firstNumber,
        text,
        column: at - line.from + 1,
        expected,
      } as const;
      return pid === undefined ? finding : { ...finding, pid };
    });
  }
}

/**
 * How long the mark is that some editors set before the first line, decoded as latin1 or as UTF-8.
 */
function byteOrderMark(text: string, from: number): number {
  if (text.startsWith("\u00ef\u00bb\u00bf", from)) return 3;
  return text.startsWith("\ufeff", from) ? 1 : 0;
}
