import { textOf, type ProcReader, type Said } from "../live/procFiles.ts";
import { INITIAL_USER_NAMESPACE, readProcess } from "../live/processFacts.ts";
import { numbersOf } from "../target/procStatus.ts";
import type { ExecFacts } from "./logFacts.ts";

/** A line that ends an execve that went well and holds the process there: `= 0 (DELAYED)`. */
const HELD_EXEC =
  /^(?:(\d+) +)?(?:execve(?:at)?\(|<\.\.\. execve(?:at)? resumed).*= 0 \(DELAYED\)$/;
/** The program of an execve, where its name leads there from anywhere. */
const PROGRAM = /^(?:\d+ +)?execve\("(\/[^"\\]*)"/;
/** The pid column of any line. */
const PID = /^(\d+) /;

/**
 * Follows a log while strace writes it, and looks at each process that an execve holds. What was
 * read counts where the process said nothing meanwhile.
 */
export class ExecWatch {
  readonly execs: ExecFacts[] = [];
  /** Whether programs that were to be executed exist and may be. */
  readonly programs: { [path: string]: boolean } = {};
  /** The line of the first execve that held a process, looked at in time or not, and whose it was. */
  first: { readonly line: number; readonly pid: number } | undefined = undefined;
  /** Held processes that had gone on before all was read. */
  missed = 0;
  private readonly files: ProcReader;
  private line = 0;
  private rest = "";

  constructor(files: ProcReader) {
    this.files = files;
  }

  /**
   * Takes what the log grew by. `more` tells what it has grown by since, when a process was looked
   * at: whatever it wrote there, it wrote while it was being looked at.
   */
  take(text: string, more: () => string): void {
    let open = this.rest + text;
    for (let end = open.indexOf("\n"); end >= 0; end = open.indexOf("\n")) {
      const line = open.slice(0, end);
      open = open.slice(end + 1);
      this.line++;
      const program = PROGRAM.exec(line)?.[1];
      if (program !== undefined) this.noteProgram(program);
      const held = HELD_EXEC.exec(line);
      if (held === null) continue;
      const pid = Number(held[1] ?? 0);
      this.first ??= { line: this.line, pid };
      const facts = pid > 0 ? this.look(pid) : undefined;
      open += more();
      if (facts === undefined || hasGoneOn(open, pid)) this.missed++;
      else this.execs.push({ line: this.line, ...facts });
    }
    this.rest = open;
  }

  /** Of a directory, and of what not everybody may execute, it is not said what an execve finds. */
  private noteProgram(path: string): void {
    const what = this.files.owner(path);
    const [, , mode = 0] = numbersOf(textOf(what));
    const isForAll = (mode & ANYBODY_EXECUTES) === ANYBODY_EXECUTES;
    const isAbsent = !what.ok && what.error === "ENOENT";
    if (isForAll || isAbsent) this.programs[path] ??= isForAll;
  }

  private look(pid: number): Omit<ExecFacts, "line"> | undefined {
    const seen = readProcess(this.files, pid);
    if (seen === undefined) return undefined;
    const { credentials, dumpable, areas, limits } = seen;
    const stat = this.files.text(`/proc/${pid}/stat`);
    const startBreak = stat.ok ? startOfHeap(stat.text) : undefined;
    return {
      ...{ pid, credentials, dumpable, limits },
      isInitialNamespace: seen.namespace === INITIAL_USER_NAMESPACE,
      ...(areas === undefined ? {} : { areas }),
      ...(startBreak === undefined ? {} : { startBreak }),
      ...numbersIn("descriptors", this.files.list(`/proc/${pid}/fd`)),
      ...numbersIn("children", this.files.text(`/proc/${pid}/task/${pid}/children`)),
    };
  }
}

const ANYBODY_EXECUTES = 0o111;

/**
 * Takes the launcher's own lines from a log: what is left begins with the execve of the program that
 * was to be recorded. Undefined where no execve was seen.
 */
export function withoutLauncher(
  log: string,
  { execs, first }: Pick<ExecWatch, "execs" | "first">,
): { readonly log: string; readonly execs: readonly ExecFacts[] } | undefined {
  if (first === undefined) return undefined;
  const lines = log.split("\n");
  const left = first.line - 1;
  return {
    log: lines.slice(left).join("\n"),
    execs: execs.map((facts) => ({ ...facts, line: facts.line - left })),
  };
}

function numbersIn<K extends string>(key: K, what: Said): { readonly [key in K]?: number[] } {
  const numbers = { [key]: [...numbersOf(textOf(what))] } as { [key in K]: number[] };
  return what.ok ? numbers : {};
}

/** Whether lines behind an execve tell that the process makes calls again. */
function hasGoneOn(text: string, pid: number): boolean {
  return text.split("\n").some((line) => Number(PID.exec(line)?.[1] ?? 0) === pid);
}

/**
 * Field 47 of /proc/PID/stat, counted from the fourth on; 0 for who may not see it. Linux:
 * fs/proc/array.c do_task_stat
 */
function startOfHeap(stat: string): number | undefined {
  const start = numbersOf(stat.slice(stat.lastIndexOf(")") + 4))[47 - 4];
  return start === undefined || start === 0 ? undefined : start;
}
