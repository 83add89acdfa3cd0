import type { LogEvent } from "./event.ts";

/** How the lines begin that strace adds below a call: a stack, a dump, the heading of a dump. */
const ADDITIONS: readonly string[] = ["> ", "| ", "* "];

/**
 * What strace says about itself, in the log or, when both go to one place, between the lines of it.
 *
 *     strace: Process 12 attached with 2 threads
 *     [ Process PID=12 runs in 32 bit mode. ]
 *      > /usr/lib/libc.so.6(__madvise+0x7) [0x101b07]               with -k
 *      | 00000  7f 45 4c 46 02 01 01 03  00 00 00 00 00 00 00 00 |  with -e read and -e write
 *     % time     seconds  usecs/call     calls    errors syscall    with -C
 */
export class Messages {
  #isInTable = false;

  /** A call was read: a summary, if there was one, is over. */
  leaveTable(): void {
    this.#isInTable = false;
  }

  /**
   * Reads a line that is no call and no marker, with its columns and without; undefined if strace
   * prints no such line.
   */
  read(body: string, whole: string, line: number, pid: number | undefined): LogEvent | undefined {
    if (this.#isTableLine(whole)) return note(whole, line, pid);
    const said = body.startsWith("strace: ") ? body.slice("strace: ".length) : body;
    const event = readAttachment(said, line) ?? readPersonality(said, line);
    if (event !== undefined) return event;
    const isOurs = said !== body || ADDITIONS.some((mark) => body.startsWith(mark));
    return isOurs ? note(body, line, pid) : undefined;
  }

  /** The summary is a table with rules of dashes; its last line is the total. */
  #isTableLine(body: string): boolean {
    if (body.startsWith("System call usage summary for ")) return true;
    if (body.startsWith("% time ")) this.#isInTable = true;
    const isPart = this.#isInTable && !body.includes("(");
    if (!isPart || body.endsWith(" total")) this.#isInTable = false;
    return isPart;
  }
}

/**
 * Where a message of strace's begins that was printed into the middle of a line; -1 if there is
 * none.
 *
 * With the log on stderr a new process is announced while its parent's clone is half printed:
 * `clone(child_stack=NULL, flags=SIGCHLDstrace: Process 12 attached`, and the rest follows on the
 * next line.
 */
export function startOfInterruption(text: string): number {
  const start = Math.max(
    text.lastIndexOf("strace: Process "),
    text.lastIndexOf("strace: [ Process PID="),
  );
  if (start < 0) return -1;
  const message = text.slice(start + "strace: ".length);
  const event = readAttachment(message, 0) ?? readPersonality(message, 0);
  return event === undefined ? -1 : start;
}

function readAttachment(text: string, line: number): LogEvent | undefined {
  const words = text.split(" ", 6);
  const [process, number = "", verb, , threads] = words;
  if (process !== "Process" || words.length < 3) return undefined;
  if (verb !== "attached" && verb !== "detached") return undefined;
  const pid = Number(number.split("<", 1)[0]);
  if (!Number.isInteger(pid) || number === "") return undefined;
  const event = { kind: verb, line, pid } as const;
  return threads === undefined || Number.isNaN(Number(threads))
    ? event
    : { ...event, threads: Number(threads) };
}

function readPersonality(text: string, line: number): LogEvent | undefined {
  const open = "[ Process PID=";
  const close = " mode. ]";
  if (!text.startsWith(open) || !text.endsWith(close)) return undefined;
  const [pid = "", mode] = text.slice(open.length, -close.length).split(" runs in ", 2);
  if (mode === undefined || !Number.isInteger(Number(pid)) || pid === "") return undefined;
  return { kind: "personality", line, pid: Number(pid), mode };
}

function note(text: string, line: number, pid: number | undefined): LogEvent {
  return pid === undefined ? { kind: "note", line, text } : { kind: "note", line, pid, text };
}
