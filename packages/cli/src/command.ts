import type { OptionSpecs, Parsed } from "./options.ts";

/** A command of the tool. */
export interface Command {
  readonly name: string;
  /** What stands behind the name: `SCENARIO`. */
  readonly operands: string;
  readonly summary: string;
  readonly options: OptionSpecs;
  readonly examples: readonly string[];
  /** Returns the exit code: one of the tool's own, or that of a command that it ran. */
  run(parsed: Parsed): Promise<number>;
}

/** What is known of a command before it is loaded. */
export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}
