import type { LogEvent } from "./event.ts";
import type { Head } from "./head.ts";
import type { Line } from "./line.ts";
import type { PendingCalls } from "./pendingCalls.ts";

/**
 * Whose line it is, in a log that names processes only while there are several.
 *
 * On a terminal `strace -f` prints `[pid 12] ` as soon as a second process lives, and leaves it out
 * again when only one is left, whichever that is. A line without the column therefore belongs to
 * the one process that is alive; who the very first was is known when its pid first appears. Logs
 * with a pid in every line, and logs of one process, pass through here at the cost of a comparison.
 */
export class Speakers {
  readonly #emit: (event: LogEvent) => void;
  readonly #pending: PendingCalls;
  readonly #always: number | undefined;
  readonly #living = new Set<number>();
  readonly #leaving = new Set<number>();
  /** Whom a call has made, and strace has not said that it follows them. */
  readonly #expected = new Set<number>();
  /** Whether strace says whom it follows: with `-q` it does not. */
  #announces = false;
  /** The process before any pid was seen: none yet, one whose pid is unknown, or one recognised. */
  #first: "unseen" | "unnamed" | "named" = "unseen";

  /**
   * `always` is whose the lines without a pid are, where the caller knows: `-ff` puts it in the
   * file name.
   */
  constructor(emit: (event: LogEvent) => void, pending: PendingCalls, always: number | undefined) {
    this.#emit = emit;
    this.#pending = pending;
    this.#always = always;
  }

  /** Whether pids come and go in this log, so that births and deaths must be followed. */
  get isFollowing(): boolean {
    return this.#first !== "unseen" || this.#living.size > 0;
  }

  /** Who speaks in a line with these columns, which resumes the call `resumed` or none. */
  of(head: Head, line: Line, resumed: string | undefined): number | undefined {
    const { pid } = head;
    if (line.speaker !== undefined) return line.speaker.pid;
    if (pid < 0) return this.#always ?? this.#unnamed();
    if (head.isBracketed && !this.#living.has(pid)) this.#meet(pid, line.number, resumed);
    this.#expected.delete(pid);
    return pid;
  }

  /** A process was attached. */
  born(pid: number): void {
    this.#announces = true;
    this.#living.add(pid);
    this.#expected.delete(pid);
  }

  /** A process is the result of a clone: until strace says that it follows it, it has no lines. */
  made(pid: number): void {
    if (this.#announces && !this.#living.has(pid)) this.#expected.add(pid);
    this.#living.add(pid);
  }

  gone(pid: number): void {
    this.#expected.delete(pid);
    this.#living.delete(pid);
    this.#leaving.delete(pid);
  }

  /** A process called exit_group. With `-qq` that is the last one hears of it. */
  leaving(pid: number): void {
    this.#leaving.add(pid);
  }

  /** A line without a pid turned out to be this process's: it is the only one left. */
  alone(pid: number): void {
    this.#living.clear();
    this.#leaving.clear();
    this.#living.add(pid);
  }

  /** Who goes on when thread `by` of the group has called execve: the leader, alone. */
  superseded(leader: number | undefined, by: number): number | undefined {
    this.#living.delete(by);
    return leader ?? this.#always ?? this.#unnamed();
  }

  #unnamed(): number | undefined {
    if (this.#first === "unnamed") return undefined;
    if (this.#living.size === 0) this.#first = "unnamed";
    const [pid, another] = this.#living;
    if (pid === undefined || another === undefined) return pid;
    const speaking = [...this.#living].filter((each) => !this.#leaving.has(each));
    const followed = speaking.filter((each) => !this.#expected.has(each));
    if (followed.length < speaking.length && followed.length === 1) return followed[0];
    const [survivor, second] = speaking;
    if (survivor === undefined || second !== undefined) return undefined;
    this.alone(survivor);
    return survivor;
  }

  /**
   * A pid that nobody announced is the first process, if the line fits what that was doing: a
   * process in the middle of a call can only resume it.
   */
  #meet(pid: number, line: number, resumed: string | undefined): void {
    this.#living.add(pid);
    if (this.#first !== "unnamed") return;
    const call = this.#pending.get(undefined);
    if (call?.name !== resumed) return;
    this.#first = "named";
    this.#pending.move(undefined, pid);
    this.#emit({ kind: "identified", line, pid });
  }
}
