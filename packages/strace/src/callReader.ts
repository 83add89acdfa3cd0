import { SPACE } from "./characters.ts";
import type { LogEvent } from "./event.ts";
import { Frame } from "./frame.ts";
import type { Head } from "./head.ts";
import type { Line, Outcome } from "./line.ts";
import { Names } from "./names.ts";
import { ownCopy } from "./ownCopy.ts";
import { type PendingCall, type PendingCalls, unended } from "./pendingCalls.ts";
import { ReadCall } from "./readCall.ts";
import { ResultReader } from "./resultReader.ts";
import type { Speakers } from "./speakers.ts";

/** The calls that make a process, and return its pid. */
const CLONES: readonly string[] = ["clone", "clone3", "fork", "vfork"];
const EXECS: readonly string[] = ["execve", "execveat"];
const EXITS: readonly string[] = ["exit_group", "exit"];
const RESUMED = " resumed>";
const NOTHING_KNOWN = "a call, an event or a message of strace";

/** What the readers of lines share. */
export interface Surroundings {
  readonly emit: (event: LogEvent) => void;
  /** Notes why the line at hand is unread. */
  readonly refuse: (at: number, expected: string) => "unread";
  /** Emits a finding about a line that is read all the same. */
  readonly object: (line: Line, at: number, expected: string) => void;
  readonly head: Head;
  readonly pending: PendingCalls;
  readonly speakers: Speakers;
}

/**
 * Reads the lines of calls, and joins the two halves of those that were interrupted.
 *
 *     12 wait4(-1,  <unfinished ...>
 *     13 exit_group(0)                = ?
 *     12 <... wait4 resumed>NULL, 0, NULL) = 13
 */
export class CallReader {
  readonly #shared: Surroundings;
  readonly #frame = new Frame();
  readonly #results = new ResultReader();
  readonly #names = new Names();

  constructor(shared: Surroundings) {
    this.#shared = shared;
  }

  /** Reads a line whose call has its name from `at` to `nameEnd`, and a parenthesis there. */
  readCall(line: Line, at: number, nameEnd: number): Outcome {
    const { text, to } = line;
    const { emit, head, pending, refuse, speakers } = this.#shared;
    const frame = this.#frame;
    frame.scan(text, nameEnd + 1, to, 1);
    if (frame.end === "open") return "torn";
    const { argumentsEnd, depth } = frame;
    const name = this.#names.at(text, at, nameEnd);
    if (frame.end === "closed") {
      const result = this.#results.read(text, argumentsEnd + 1, to);
      if (result === undefined) return refuse(this.#results.failedAt, this.#results.expected);
      const pid = speakers.of(head, line, undefined);
      this.#contradict(line, at, pid);
      const { number, firstNumber } = line;
      const call = new ReadCall(
        number,
        firstNumber,
        name,
        result,
        "",
        text,
        nameEnd + 1,
        argumentsEnd,
      );
      this.#finish(call, pid, line);
      return "read";
    }
    const pid = speakers.of(head, line, undefined);
    this.#contradict(line, at, pid);
    const call: PendingCall = {
      name,
      line: line.firstNumber,
      enteredOn: line.number,
      pid,
      text: ownCopy(text.slice(nameEnd + 1, argumentsEnd)),
      depth,
      number: head.number,
    };
    if (frame.end === "detached") {
      this.#detach(call, line.number);
      return "read";
    }
    for (const oldest of pending.add(call)) emit(unended(oldest, "given up"));
    const entered = { kind: "entered", line: line.number, name } as const;
    emit(pid === undefined ? entered : { ...entered, pid });
    return "read";
  }

  /** Reads the beginning of a call, as far as a log goes that stops in the middle of the line. */
  readFragment(line: Line, at: number, nameEnd: number): boolean {
    const { text, to } = line;
    const { emit, head, speakers } = this.#shared;
    const frame = this.#frame;
    frame.scan(text, nameEnd + 1, to, 1);
    const { argumentsEnd, depth } = frame;
    if (frame.end === "closed") {
      const behind = text.slice(argumentsEnd + 1, to).trimStart();
      if (behind !== "" && !behind.startsWith("=")) return false;
    }
    const pid = speakers.of(head, line, undefined);
    this.#contradict(line, at, pid);
    emit(
      unended(
        {
          name: text.slice(at, nameEnd),
          line: line.firstNumber,
          enteredOn: line.number,
          pid,
          text: text.slice(nameEnd + 1, argumentsEnd),
          depth,
          number: head.number,
        },
        "log ends",
      ),
    );
    return true;
  }

  /** Reads a line that has `<... ` at `at`. */
  readResumed(line: Line, at: number): Outcome {
    const { text, to } = line;
    const { head, refuse, speakers } = this.#shared;
    const nameAt = at + "<... ".length;
    let nameEnd = nameAt;
    while (nameEnd < to && text.charCodeAt(nameEnd) !== SPACE) nameEnd++;
    if (!text.startsWith(RESUMED, nameEnd)) return refuse(nameEnd, `"${RESUMED}"`);
    const name = this.#names.at(text, nameAt, nameEnd);
    const pid = speakers.of(head, line, name);
    const call = this.#pendingCall(name, pid);
    if (call === undefined) return this.#refuseResumption(name, pid, nameAt);
    return this.#resume(line, call, nameEnd + RESUMED.length, pid);
  }

  /**
   * Reads a line that could be the second half of the call entered on the line before it. With `-z`
   * and `-Z`, which hold calls back until their outcome is known, strace forgets to say whose and
   * which it is.
   */
  readContinuation(line: Line, at: number): Outcome {
    const { pending, refuse } = this.#shared;
    const call = pending.newest;
    if (call?.enteredOn !== line.number - 1) return refuse(at, NOTHING_KNOWN);
    const outcome = this.#resume(line, call, line.from, call.pid);
    return outcome === "read" ? outcome : refuse(at, NOTHING_KNOWN);
  }

  /** Reads the second half of a call, which begins at `rest`. */
  #resume(line: Line, call: PendingCall, rest: number, pid: number | undefined): Outcome {
    const { text, to } = line;
    const { pending, refuse, speakers } = this.#shared;
    const frame = this.#frame;
    frame.scan(text, rest, to, call.depth);
    if (frame.end === "open") return "torn";
    const { argumentsEnd } = frame;
    if (frame.end !== "closed") {
      pending.take(call.pid);
      this.#detach({ ...call, text: call.text + text.slice(rest, argumentsEnd) }, line.number);
      return "read";
    }
    const result = this.#results.read(text, argumentsEnd + 1, to);
    if (result === undefined) return refuse(this.#results.failedAt, this.#results.expected);
    pending.take(call.pid);
    const event = new ReadCall(
      line.number,
      call.line,
      call.name,
      result,
      call.text,
      text,
      rest,
      argumentsEnd,
    );
    if (call.number >= 0) event.number = call.number;
    if (call.pid !== undefined && pid === undefined) speakers.alone(call.pid);
    const entryPid = call.entryPid ?? call.pid;
    if (entryPid !== undefined && pid !== undefined && entryPid !== pid) event.entryPid = entryPid;
    this.#finish(event, pid ?? call.pid, line);
    return "read";
  }

  /** The interrupted call that goes on in a line of `pid`. */
  #pendingCall(name: string, pid: number | undefined): PendingCall | undefined {
    const { pending } = this.#shared;
    const own = pending.get(pid);
    if (own !== undefined) return own.name === name ? own : undefined;
    // A thread that calls execve comes back under its leader's pid. Strace says so ("superseded
    // by"), unless it was told to be quiet. And a line without a pid may be anybody's.
    if (!EXECS.includes(name)) return pid === undefined ? pending.only(name) : undefined;
    return pending.only(name) ?? pending.unseenExecve(pid);
  }

  #refuseResumption(name: string, pid: number | undefined, at: number): Outcome {
    const { emit, pending, refuse } = this.#shared;
    const other = pending.take(pid);
    if (other === undefined) return refuse(at, `"${name}(… <unfinished ...>" on a line before it`);
    // The lines between are lost: this thread cannot come back to the call that it had begun.
    emit(unended(other, "contradicted"));
    return refuse(at, `"${other.name}", which was entered on line ${other.line}`);
  }

  /**
   * A thread makes its next call when the last has returned; where the log says otherwise, it has a
   * gap.
   */
  #contradict(line: Line, at: number, pid: number | undefined): void {
    const { emit, object, pending } = this.#shared;
    const other = pending.take(pid);
    if (other === undefined) return;
    object(line, at, `"<... ${other.name} resumed>", which was entered on line ${other.line}`);
    emit(unended(other, "contradicted"));
  }

  #detach(call: PendingCall, line: number): void {
    const { emit, speakers } = this.#shared;
    if (call.pid !== undefined) speakers.gone(call.pid);
    emit(unended(call, "detached"));
    emit(
      call.pid === undefined
        ? { kind: "detached", line }
        : { kind: "detached", line, pid: call.pid },
    );
  }

  #finish(call: ReadCall, pid: number | undefined, line: Line): void {
    const { emit, head, speakers } = this.#shared;
    if (pid !== undefined) call.pid = pid;
    if (head.timeTo > 0) call.time = line.text.slice(head.timeFrom, head.timeTo);
    if (head.number >= 0) call.number = head.number;
    if (this.#results.seconds >= 0) call.seconds = this.#results.seconds;
    if (!line.isTerminated) call.isUnterminated = true;
    if (speakers.isFollowing) this.#follow(call);
    emit(call);
  }

  #follow(call: ReadCall): void {
    const { speakers } = this.#shared;
    const { value, unknown } = call.result;
    if (typeof value === "number" && value > 0 && CLONES.includes(call.name)) speakers.made(value);
    if (unknown && call.pid !== undefined && EXITS.includes(call.name)) speakers.leaving(call.pid);
  }
}
