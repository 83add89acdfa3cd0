import { readArguments } from "./arguments.ts";
import type { LogEvent, SignalEvent } from "./event.ts";
import { ownCopy } from "./ownCopy.ts";
import type { Value } from "./value.ts";

/**
 * The lines between two rows of marks: what happened to a process without its asking.
 *
 *     --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=12, …} ---
 *     --- stopped by SIGSTOP ---
 *     +++ exited with 0 +++
 *     +++ killed by SIGSEGV (core dumped) +++
 *     +++ superseded by execve in pid 12 +++
 */

/**
 * Reads such a line; undefined if it is none.
 *
 * @example
 * readMarker("+++ exited with 3 +++", 7, 12); // { kind: "exited", line: 7, pid: 12, status: 3 }
 */
export function readMarker(
  body: string,
  line: number,
  pid: number | undefined,
): LogEvent | undefined {
  const where = pid === undefined ? { line } : { line, pid };
  const happening = inside(body, "+++ ", " +++");
  if (happening !== undefined) return readHappening(happening, where);
  const signal = inside(body, "--- ", " ---");
  return signal === undefined ? undefined : readSignal(signal, where);
}

type Where = { readonly line: number; readonly pid?: number };

function readHappening(text: string, where: Where): LogEvent | undefined {
  const status = behind(text, "exited with ");
  if (status !== undefined) {
    return isDecimal(status) ? { kind: "exited", ...where, status: Number(status) } : undefined;
  }
  const killer = behind(text, "killed by ");
  if (killer !== undefined) {
    const signal = killer.split(" ", 1)[0] ?? killer;
    return { kind: "killed", ...where, signal, coreDumped: killer.endsWith("(core dumped)") };
  }
  const by = behind(text, "superseded by execve in pid ")?.split("<", 1)[0];
  if (by === undefined || !isDecimal(by)) return undefined;
  return { kind: "superseded", ...where, by: Number(by) };
}

function readSignal(text: string, where: Where): LogEvent | undefined {
  const stop = behind(text, "stopped by ");
  if (stop !== undefined) return { kind: "stopped", ...where, signal: stop };
  const space = text.indexOf(" ");
  const signal = space < 0 ? text : text.slice(0, space);
  if (!signal.startsWith("SIG") && !isDecimal(signal)) return undefined;
  // Releases before 4.7 print "(Child exited) @ 0 (0)" in place of the siginfo.
  if (space < 0 || text.charAt(space + 1) !== "{") return { kind: "signal", ...where, signal };
  return new ReadSignal(where, signal, text.slice(space + 1));
}

/**
 * A signal whose siginfo is read when somebody asks: a child's end is a line that most only count.
 */
class ReadSignal implements SignalEvent {
  readonly kind = "signal";
  readonly line: number;
  readonly signal: string;
  readonly pid?: number;
  readonly #text: string;
  #info: Value | undefined;

  constructor(where: Where, signal: string, text: string) {
    this.line = where.line;
    if (where.pid !== undefined) this.pid = where.pid;
    this.signal = signal;
    this.#text = text;
  }

  get info(): Value {
    this.#info ??= readArguments(ownCopy(this.#text))[0]?.value ?? {
      kind: "word",
      text: this.#text,
    };
    return this.#info;
  }
}

function inside(body: string, open: string, close: string): string | undefined {
  if (!body.startsWith(open) || !body.endsWith(close)) return undefined;
  return body.length < open.length + close.length
    ? undefined
    : body.slice(open.length, -close.length);
}

function behind(text: string, words: string): string | undefined {
  return text.startsWith(words) ? text.slice(words.length) : undefined;
}

function isDecimal(text: string): boolean {
  if (text === "" || text.length > 10) return false;
  for (const digit of text) {
    if (digit < "0" || digit > "9") return false;
  }
  return true;
}
