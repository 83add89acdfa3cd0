import { spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants as osConstants } from "node:os";
import { join, resolve } from "node:path";
import {
  ExecWatch,
  factsPathOf,
  HOST_FILES,
  readMachine,
  withoutLauncher,
  type LogFacts,
} from "@kadvise/conformance";
import type { Command } from "../command.ts";
import { EXIT } from "../exitCodes.ts";
import { text, wholeNumber, type Parsed } from "../options.ts";
import { holdInterrupts, note } from "../streams.ts";
import { UsageError } from "../usageError.ts";

/** `kadvise record -- CMD…` */
export const record: Command = {
  name: "record",
  operands: "-- CMD…",
  summary:
    "Runs a command under strace with the flags that check wants, and keeps beside the log what a log lacks: the kernel and its settings, and memory, ids and limits behind each execve. Exits as the command does; 128 + N where signal N ended it.",
  options: {
    output: { type: "string", value: "LOG", help: "where the log goes; NAME.strace if unset" },
    hold: {
      type: "string",
      value: "MS",
      help: "how long each execve is held to be looked at; 25 if unset, 0 for none",
    },
  },
  examples: [
    "kadvise record -- ./app --serve; kadvise check app.strace",
    "kadvise record --output shell.log -- sh -c 'make test'",
  ],
  run: recordCommand,
};

/** How often the log is looked at. */
const LOOK_EVERY_MS = 2;
/** How often what was learned is written at most. */
const KEEP_EVERY_MS = 500;
const USUAL_HOLD_MS = 25;

async function recordCommand(parsed: Parsed): Promise<number> {
  const [program, ...words] = parsed.operands;
  if (program === undefined) throw new UsageError("expected a command: kadvise record -- ls -l");
  if (process.platform !== "linux") return cannotRun("needs a Linux machine");
  const strace = spawnSync("strace", ["-V"], { encoding: "utf8" });
  if (strace.error !== undefined || strace.status !== 0)
    return cannotRun("there is no strace here; install it (apt-get install strace)");
  const version = /version (\S+)/.exec(strace.stdout)?.[1] ?? "unknown";
  const log = text(parsed, "output") ?? `${program.replace(/^.*\//, "")}.strace`;
  const hold = wholeNumber(parsed, "hold") ?? USUAL_HOLD_MS;
  const machine = readMachine(HOST_FILES);
  const path = programPath(program);
  if (path === undefined) throw new UsageError(`no program "${program}" is on the PATH`);
  rmSync(log, { force: true });
  const watch = new ExecWatch(HOST_FILES);
  const keep = (execs: LogFacts["execs"]): void => {
    writeFileSync(factsPathOf(log), `${JSON.stringify({ ...known, execs })}\n`);
  };
  const known: Omit<LogFacts, "execs"> = {
    schemaVersion: 1,
    release: machine.release,
    version: machine.version,
    kernel: machine.kernel ?? machine.release,
    strace: version,
    command: [program, ...words],
    settings: machine.settings,
    programs: watch.programs,
  };
  // What is learned is kept as it is learned: who is killed leaves a log that can be judged.
  keep([]);
  const ended = await runHeld(log, hold, [path, ...words], watch, () => keep(watch.execs));
  if (!existsSync(log)) {
    rmSync(factsPathOf(log));
    return cannotRun(`strace wrote no log: ${ended.text}`);
  }
  const own = withoutLauncher(readFileSync(log, "latin1"), watch);
  if (own !== undefined) writeFileSync(log, own.log, "latin1");
  keep(own?.execs ?? []);
  const looked = `${watch.execs.length} execve looked at`;
  const missed = watch.missed === 0 ? "" : `, ${watch.missed} missed (a longer --hold finds them)`;
  note(`${log}: ${looked}${missed}; ${ended.text}`);
  return ended.code;
}

/** Where a command's program lies: a launcher that had to look for it would leave its tries in the log. */
function programPath(program: string): string | undefined {
  if (program.includes("/")) return existsSync(program) ? resolve(program) : undefined;
  for (const folder of (process.env["PATH"] ?? "").split(":")) {
    const path = join(folder === "" ? "." : folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return resolve(path);
    } catch {
      // The next folder.
    }
  }
  return undefined;
}

function cannotRun(why: string): number {
  note(`kadvise record: ${why}`);
  return EXIT.cannotRun;
}

/** How the command ended: strace ends as it did. */
interface Ended {
  readonly text: string;
  readonly code: number;
}

/** A signal is told as a shell tells it. */
function endedBy(code: number | null, signal: NodeJS.Signals | null): Ended {
  if (signal !== null)
    return { text: `ended by ${signal}`, code: BY_SIGNAL + osConstants.signals[signal] };
  const status = code ?? 0;
  return { text: `the command exited with ${status}`, code: status };
}

const BY_SIGNAL = 128;

/** Runs strace to its end while the log is watched. */
async function runHeld(
  log: string,
  hold: number,
  command: readonly string[],
  watch: ExecWatch,
  keep: () => void,
): Promise<Ended> {
  const held = hold > 0 ? ["-e", `inject=execve,execveat:delay_exit=${hold * 1000}`] : [];
  // -f: children too, in one log, with the pid before each line. Structures in full (-v), but for the
  // environment: that is nobody's business.
  // A launcher in between: strace does not hold the execve with which it begins itself.
  const launcher = hold > 0 ? ["/usr/bin/env", "--"] : [];
  const words = [
    "-f",
    "-e",
    "abbrev=execve,execveat",
    "-o",
    log,
    ...held,
    "--",
    ...launcher,
    ...command,
  ];
  const child = spawn("strace", words, { stdio: "inherit" });
  const growth = new Growth(log);
  let [kept, keptAt] = [0, 0];
  const look = (): void => {
    watch.take(growth.read(), () => growth.read());
    if (watch.execs.length === kept || Date.now() - keptAt < KEEP_EVERY_MS) return;
    keep();
    [kept, keptAt] = [watch.execs.length, Date.now()];
  };
  // strace ends as the command does, and blocks these signals until then.
  const release = holdInterrupts((signal) => {
    passOn(signal, watch.first?.pid);
  });
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    return await new Promise<Ended>((resolve) => {
      child.once("error", ({ message }) => resolve({ text: message, code: EXIT.cannotRun }));
      child.once("close", (code, signal) => resolve(endedBy(code, signal)));
    });
  } finally {
    clearInterval(timer);
    release();
    look();
    growth.close();
  }
}

/** A terminal gives Ctrl-C to the command too: everything else is passed on to it. */
function passOn(signal: NodeJS.Signals, pid: number | undefined): void {
  if (pid === undefined || (signal === "SIGINT" && process.stdin.isTTY)) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** What a file has grown by since it was last read. */
class Growth {
  private readonly path: string;
  private readonly piece: Buffer = Buffer.alloc(1 << 18);
  private fd: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  read(): string {
    if (this.fd === undefined) {
      if (!existsSync(this.path)) return "";
      this.fd = openSync(this.path, "r");
    }
    let grown = "";
    for (;;) {
      const count = readSync(this.fd, this.piece, 0, this.piece.length, null);
      grown += this.piece.toString("latin1", 0, count);
      if (count < this.piece.length) return grown;
    }
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
  }
}
