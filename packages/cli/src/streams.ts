import { EXIT } from "./exitCodes.ts";

/** `kadvise table | head` ends quietly: nobody reads on, so nothing is written any more. */
export function closeQuietlyOnBrokenPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.conforms);
    throw error;
  });
  process.stderr.on("error", () => undefined);
}

const onInterrupt: (() => void)[] = [];

/** What to print when the user interrupts: what was done so far. */
export function whenInterrupted(print: () => void): () => void {
  onInterrupt.push(print);
  return () => {
    const i = onInterrupt.indexOf(print);
    if (i >= 0) onInterrupt.splice(i, 1);
  };
}

let holder: ((signal: NodeJS.Signals) => void) | undefined;

/**
 * Leaves it to somebody else to end when the user interrupts, and how; returns how to take that
 * back.
 */
export function holdInterrupts(handle: (signal: NodeJS.Signals) => void): () => void {
  holder = handle;
  return () => {
    holder = undefined;
  };
}

/** What ends a process from outside and leaves it a moment: Ctrl-C, kill and timeout, a lost terminal. */
const INTERRUPTS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Ctrl-C prints what was done, and exits with 130; what was made for the while is removed. */
export function exitOnInterrupt(): void {
  for (const signal of INTERRUPTS) {
    // Stays: a second Ctrl-C must not end it before the files are removed.
    process.on(signal, () => {
      if (holder !== undefined) {
        holder(signal);
        return;
      }
      // What began last speaks first: it is part of what began before.
      for (const print of [...onInterrupt].reverse()) print();
      process.exitCode = EXIT.interrupted;
      process.exit();
    });
  }
}

/** Writes a line of the result. */
export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a note. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
