import type { Command } from "./command.ts";
import { COMMANDS } from "./commandTable.ts";
import { EXIT, type ExitCode } from "./exitCodes.ts";
import { commandHelp, overview } from "./help.ts";
import { given, parseOptions } from "./options.ts";
import { note, out } from "./streams.ts";
import { nearest, UsageError } from "./usageError.ts";
import { version } from "./version.ts";

/** Runs the tool with its words; returns the exit code. */
export async function start(words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    return help(first === "help" ? rest[0] : undefined, first === undefined);
  }
  if (first === "--version" || first === "-V") {
    out(`kadvise ${version()}`);
    return EXIT.conforms;
  }
  const entry = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (entry === undefined) return unknownCommand(first);
  try {
    const command = await entry.load();
    const parsed = parseOptions(rest, command.options);
    if (given(parsed, "help")) {
      out(commandHelp(command));
      return EXIT.conforms;
    }
    return await command.run(parsed);
  } catch (error) {
    if (error instanceof UsageError) {
      note(`kadvise ${first}: ${error.message}`);
      return EXIT.badUsage;
    }
    throw error;
  }
}

async function help(name: string | undefined, asked: boolean): Promise<ExitCode> {
  if (name === undefined) {
    if (asked) note(overview());
    else out(overview());
    return asked ? EXIT.badUsage : EXIT.conforms;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) return unknownCommand(name);
  const command: Command = await entry.load();
  out(commandHelp(command));
  return EXIT.conforms;
}

function unknownCommand(name: string): ExitCode {
  const best = nearest(name, Object.keys(COMMANDS));
  const hint = best === undefined ? "see kadvise --help" : `did you mean ${best}?`;
  note(`kadvise: unknown command "${name}"; ${hint}`);
  return EXIT.badUsage;
}
